import { decodeHelloAckBody, encodeMessage } from '../../proto/codec.ts';
import { PduError } from '../../proto/errors.ts';
import { helloTranscript } from '../../proto/handshake.ts';
import { HELLO_RETRY_MS, HELLO_RETRY_MS_MAX } from '../../proto/limits.ts';
import type { Hello, HelloAck, HelloAckBody } from '../../proto/messages.ts';
import { PROTOCOL_VERSION, PROTOCOL_VERSION_MIN } from '../../proto/version.ts';
import type { Docked, UploadContext, UploadState, UploadStep } from './state.ts';

/** A camera that hears nothing asks whether the dock is still there this often. */
export const PING_EVERY_US = 1_000_000;

type Greeting = Extract<UploadState, { at: 'greeting' }>;

/** An event with everything a Hello needs. */
export type Timed = { readonly nowUs: number; readonly wallUs: number; readonly nonce: Uint8Array };

/** Sends a Hello; the tick sends another after `retryMs`, until a dock answers. */
export function greet(event: Timed, context: UploadContext, retryMs = HELLO_RETRY_MS): UploadStep {
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
  const next: UploadState = { at: 'greeting', hello, dueUs: event.nowUs + retryMs * 1000, retryMs };
  return [next, [{ effect: 'send', message: hello }]];
}

/** Another Hello, after twice the pause: on a slow line each answer would otherwise come to a Hello that is over. */
export function greetAgain(state: Greeting, event: Timed, context: UploadContext): UploadStep {
  return greet(event, context, Math.min(2 * state.retryMs, HELLO_RETRY_MS_MAX));
}

/** Checks that the dock is one this camera was enrolled with and signed this very Hello; then proves the same of the camera. */
export function prove(
  state: Greeting,
  ack: HelloAck,
  { nowUs, context }: { readonly nowUs: number; readonly context: UploadContext },
): UploadStep {
  const body = bodyOf(ack);
  if (body instanceof PduError)
    return [state, [{ effect: 'news', news: { news: 'distrust', why: body.message } }]];
  const dock = context.keys.dock(body.dockId);
  const helloBytes = encodeMessage(state.hello).subarray(1, -4);
  const transcript = (role: 'dock' | 'camera'): Uint8Array =>
    helloTranscript(role, helloBytes, ack.body, context.sha256);
  if (dock === undefined || !context.verify(dock.publicKey, transcript('dock'), ack.signature)) {
    // An answer to an earlier Hello lands here too, so this is news and not the end: the next Hello asks again.
    const why =
      dock === undefined
        ? `dock ${body.dockId} is not enrolled at this camera`
        : `dock ${body.dockId} did not sign this greeting`;
    return [state, [{ effect: 'news', news: { news: 'distrust', why } }]];
  }
  const fragmentBytes = Math.min(context.fragmentBytes.start, body.limits.fragmentBytesMax);
  const next: Docked = {
    at: 'docked',
    session: { sessionId: body.sessionId, dock, fragmentBytes },
    work: { doing: 'listing' },
    parked: new Set(),
    heardUs: nowUs,
    pingDueUs: nowUs + PING_EVERY_US,
  };
  const confirm = {
    type: 'hello-confirm',
    sessionId: body.sessionId,
    signature: context.keys.sign(transcript('camera')),
  } as const;
  return [
    next,
    [
      { effect: 'send', message: confirm },
      { effect: 'news', news: { news: 'docked', dockId: dock.dockId } },
      { effect: 'list' },
    ],
  ];
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
