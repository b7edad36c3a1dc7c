import { equal } from '../../proto/bytes.ts';
import { encodeHelloAckBody } from '../../proto/codec.ts';
import { helloTranscript } from '../../proto/handshake.ts';
import type { Hello, HelloAck, HelloAckBody, HelloConfirm } from '../../proto/messages.ts';
import { PROTOCOL_VERSION, PROTOCOL_VERSION_MIN } from '../../proto/version.ts';
import { refusal } from './refusal.ts';
import { startPinging } from './pinging.ts';
import { startTicketing } from './ticketing.ts';
import type { Docked, Heard, IngestContext, IngestEffect, IngestState, IngestStep } from './state.ts';

/**
 * A Hello starts over, whatever went before: the camera may have rebooted or changed bays. The same Hello again does
 * not: while we wait for the proof our answer was lost, and once the camera is docked it is an echo or a replay.
 */
export function greeted(
  state: IngestState,
  { hello, event }: { readonly hello: Hello; readonly event: Heard },
  context: IngestContext,
): IngestStep {
  const helloBytes = event.pdu.slice(1, -4);
  if (state.at === 'docked' && equal(state.hello, helloBytes)) return [state, []];
  if (state.at === 'proving' && equal(state.hello, helloBytes))
    return [{ ...state, heardUs: event.nowUs }, [{ effect: 'send', message: state.answer }]];
  if (hello.versionMin > PROTOCOL_VERSION || hello.versionMax < PROTOCOL_VERSION_MIN) {
    const why = `this dock speaks versions ${PROTOCOL_VERSION_MIN} to ${PROTOCOL_VERSION}, the camera ${hello.versionMin} to ${hello.versionMax}`;
    return [{ at: 'waiting' }, refusal('version', why, { cameraId: hello.cameraId })];
  }
  const publicKey = context.keys.camera(hello.cameraId);
  const isElsewhere = context.linkCameraId !== undefined && context.linkCameraId !== hello.cameraId;
  if (publicKey === undefined || isElsewhere) {
    const why = isElsewhere
      ? `camera ${hello.cameraId} may not speak on the link of ${context.linkCameraId}`
      : `camera ${hello.cameraId} is not enrolled at this dock`;
    return [{ at: 'waiting' }, refusal('unknown-camera', why, { cameraId: hello.cameraId })];
  }
  const body: HelloAckBody = {
    version: Math.min(PROTOCOL_VERSION, hello.versionMax),
    features: 0,
    dockId: context.keys.dockId,
    sessionId: context.keys.randomBytes(8),
    nonce: context.keys.randomBytes(32),
    limits: context.limits,
    cameraMonoUs: hello.cameraMonoUs,
    dockReceivedUs: event.wallUs,
    dockSentUs: event.wallUs,
    ledgerOrigin: context.ledgerOrigin,
  };
  const bodyBytes = encodeHelloAckBody(body);
  const transcript = (role: 'dock' | 'camera'): Uint8Array =>
    helloTranscript(role, helloBytes, bodyBytes, context.sha256);
  const answer: HelloAck = {
    type: 'hello-ack',
    body: bodyBytes,
    signature: context.keys.sign(transcript('dock')),
  };
  const next: IngestState = {
    at: 'proving',
    session: { sessionId: body.sessionId, cameraId: hello.cameraId, publicKey },
    hello: helloBytes,
    answer,
    transcript: transcript('camera'),
    heardUs: event.nowUs,
  };
  return [next, [{ effect: 'send', message: answer }]];
}

/** Tells a camera that speaks of a session this dock does not know to greet anew. */
export function greetAgain(): readonly IngestEffect[] {
  return refusal('no-session', 'greet again', {});
}

/** The camera's side of the proof: it signed this very greeting with its enrolled key. */
export function proved(
  state: Extract<IngestState, { at: 'proving' }>,
  confirm: HelloConfirm,
  { nowUs, context }: { readonly nowUs: number; readonly context: IngestContext },
): IngestStep {
  if (!equal(confirm.sessionId, state.session.sessionId)) return [state, []];
  const { cameraId } = state.session;
  if (!context.verify(state.session.publicKey, state.transcript, confirm.signature)) {
    const why = `camera ${cameraId} did not sign this greeting with its enrolled key`;
    return [{ at: 'waiting' }, refusal('bad-signature', why, { cameraId, session: state.session })];
  }
  const [pinging, ping] = startPinging(nowUs);
  const { session } = state;
  const [ticketing, ticket] = startTicketing(confirm.ledgerSize ?? 0, { session, nowUs });
  const next: Docked = {
    at: 'docked',
    session,
    hello: state.hello,
    work: { doing: 'nothing' },
    pinging,
    ticketing,
    heardUs: nowUs,
    suspects: new Map(),
    receipted: new Set(),
  };
  return [
    next,
    [
      { effect: 'enrolled', cameraId },
      { effect: 'news', news: { news: 'docked', cameraId } },
      { effect: 'send', message: ping },
      ticket,
    ],
  ];
}
