import { decodeHelloAckBody, encodeMessage } from '../../proto/codec.ts';
import { PduError } from '../../proto/errors.ts';
import { helloTranscript } from '../../proto/handshake.ts';
import { DATA_OVERHEAD_BYTES_MAX, HELLO_RETRY_MS, HELLO_RETRY_MS_MAX } from '../../proto/limits.ts';
import type { Hello, HelloAck, HelloAckBody, Limits } from '../../proto/messages.ts';
import { PROTOCOL_VERSION, PROTOCOL_VERSION_MIN } from '../../proto/version.ts';
import type { DockTime, FragmentBytes } from '../ports.ts';
import { fragmentSizeFor } from './fragment-size.ts';
import type { Docked, UploadContext, UploadEffect, UploadState, UploadStep } from './state.ts';
import { recall, saidSize } from './ticket.ts';

type Greeting = Extract<UploadState, { at: 'greeting' }>;

/** An event with everything a Hello needs. */
export type Timed = { readonly nowUs: number; readonly wallUs: number; readonly nonce: Uint8Array };

/** Begins a session with a Hello of its own; it is said again, byte for byte, until a dock answers. */
export function greet(event: Timed, context: UploadContext): UploadStep {
  const hello: Hello = {
    type: 'hello',
    versionMin: PROTOCOL_VERSION_MIN,
    versionMax: PROTOCOL_VERSION,
    features: 0,
    cameraId: context.keys.cameraId,
    bootId: context.bootId,
    nonce: event.nonce,
    limits: context.limits,
    cameraMonoUs: event.nowUs,
    cameraWallUs: event.wallUs,
  };
  return said(hello, event.nowUs, HELLO_RETRY_MS);
}

/** The same Hello again, after twice the pause: whichever copy a dock answers, the answer is good. */
export function greetAgain({ hello, retryMs }: Greeting, nowUs: number): UploadStep {
  return said(hello, nowUs, Math.min(2 * retryMs, HELLO_RETRY_MS_MAX));
}

function said(hello: Hello, nowUs: number, retryMs: number): UploadStep {
  return [
    { at: 'greeting', hello, dueUs: nowUs + retryMs * 1000, retryMs },
    [{ effect: 'send', message: hello }],
  ];
}

/** Checks that the dock is one this camera was enrolled with and signed this very Hello; then proves the same of the camera. */
export function prove(
  state: Greeting,
  ack: HelloAck,
  { nowUs, context }: { readonly nowUs: number; readonly context: UploadContext },
): UploadStep {
  const body = bodyOf(ack);
  if (body instanceof PduError) return [state, [distrust(body.message)]];
  const { versionMin, versionMax } = state.hello;
  if (body.version < versionMin || body.version > versionMax)
    return [state, [distrust(`dock ${body.dockId} chose version ${body.version}, which was not offered`)]];
  const dock = context.keys.dock(body.dockId);
  const helloBytes = encodeMessage(state.hello).subarray(1, -4);
  const transcript = (role: 'dock' | 'camera'): Uint8Array =>
    helloTranscript(role, helloBytes, ack.body, context.sha256);
  if (dock === undefined || !context.verify(dock.publicKey, transcript('dock'), ack.signature)) {
    // Anybody may have said this, so it is news and not the end: the next Hello asks again.
    const why =
      dock === undefined
        ? `dock ${body.dockId} is not enrolled at this camera`
        : `dock ${body.dockId} did not sign this greeting`;
    return [state, [distrust(why)]];
  }
  const recalled = recall(dock, context);
  const kept = typeof recalled === 'string' ? undefined : recalled;
  const next: Docked = {
    at: 'docked',
    session: { sessionId: body.sessionId, dock, toldSize: kept?.size ?? 0 },
    work: { doing: 'listing' },
    kept,
    doubt: undefined,
    parked: new Set(),
    resting: new Map(),
    pace: { trip: undefined, fragment: fragmentSizeFor(boundsOf(context.fragmentBytes, body.limits)) },
    heardUs: nowUs,
    spokeUs: nowUs,
    pingedUs: nowUs,
  };
  const confirm = {
    type: 'hello-confirm',
    sessionId: body.sessionId,
    signature: context.keys.sign(transcript('camera')),
    ...saidSize(kept),
  } as const;
  return [
    next,
    [
      { effect: 'send', message: confirm },
      { effect: 'news', news: { news: 'docked', dockId: dock.dockId, ...timeIn(state.hello, body, nowUs) } },
      ...(typeof recalled === 'string' ? [distrust(recalled)] : []),
      { effect: 'list' },
    ],
  ];
}

/**
 * RFC 5905, section 8, with the camera's monotonic clock at both ends. A Hello may have been said again since it was first said: then the
 * bound is wider than it need be, and still holds.
 */
function timeIn(hello: Hello, body: HelloAckBody, nowUs: number): { readonly time?: DockTime } {
  const { dockReceivedUs, dockSentUs } = body;
  const atDockUs = dockSentUs - dockReceivedUs;
  const roundTripUs = nowUs - hello.cameraMonoUs - atDockUs;
  if (atDockUs < 0 || roundTripUs < 0) return {};
  const wallLessMonoUs = Math.round((dockReceivedUs - hello.cameraMonoUs + dockSentUs - nowUs) / 2);
  return { time: { wallLessMonoUs, boundUs: Math.ceil(roundTripUs / 2) } };
}

/** The smaller limits of both sides hold. */
function boundsOf(link: FragmentBytes, dock: Limits): FragmentBytes {
  const pduMax = Math.max(1, dock.pduBytesMax - DATA_OVERHEAD_BYTES_MAX);
  const max = Math.min(link.max, dock.fragmentBytesMax, pduMax);
  return { ...link, start: Math.min(link.start, max), min: Math.min(link.min, max), max };
}

function distrust(why: string): UploadEffect {
  return { effect: 'news', news: { news: 'distrust', why } };
}

/** Anybody may send a HelloAck, and nothing in it has been checked yet: what does not decode is a value, never an end. */
function bodyOf(ack: HelloAck): HelloAckBody | PduError {
  try {
    return decodeHelloAckBody(ack.body);
  } catch (error) {
    if (error instanceof PduError) return error;
    throw error;
  }
}
