import { equal } from '../../proto/bytes.ts';
import { encodeHelloAckBody } from '../../proto/codec.ts';
import { helloTranscript } from '../../proto/handshake.ts';
import {
  CHUNKS_MAX,
  MANIFEST_BYTES_MAX,
  SESSION_SILENCE_MS,
  STORED_CHUNK_BYTES_MAX,
} from '../../proto/limits.ts';
import type {
  Abort,
  ErrorClass,
  ErrorCode,
  Hello,
  HelloAckBody,
  HelloConfirm,
  Message,
  Offer,
} from '../../proto/messages.ts';
import { PROTOCOL_VERSION, PROTOCOL_VERSION_MIN } from '../../proto/version.ts';
import { acceptOf, beginUpload, type Changed, dataArrived, unitStored, uploadTick } from './upload.ts';
import type {
  IngestContext,
  IngestEffect,
  IngestEvent,
  IngestState,
  IngestStep,
  Session,
  Upload,
  Work,
} from './state.ts';

type Docked = Extract<IngestState, { at: 'docked' }>;
type Heard = Extract<IngestEvent, { event: 'message' }>;

/**
 * The dock's side of the conversation, as a pure function: prove who we are, make the camera prove itself, take the
 * manifest before any content, check every chunk against it, say durable only after the store said so, and hand out
 * a receipt only once custody is settled. An event that does not fit the state changes nothing.
 */
export function step(state: IngestState, event: IngestEvent, context: IngestContext): IngestStep {
  if (state.at === 'ended') return [state, []];
  switch (event.event) {
    case 'message':
      return event.message.type === 'hello'
        ? greeted(event.message, event, context)
        : heard(state, event, context);
    case 'malformed':
      return [
        state,
        refusal(undefined, event.oversize ? 'oversize' : 'malformed', 'never', event.why, sessionOf(state)),
      ];
    case 'tick':
      return tick(state, event.nowUs);
    case 'leased':
      return leased(state, event, context);
    case 'stored':
      return whileReceiving(state, event.stream, (upload) => unitStored(upload, event));
    case 'settled':
      return settled(state, event);
    case 'failed':
      return failed(state, event);
    default:
      return event satisfies never;
  }
}

/** A Hello starts over, whatever went before: the camera may have rebooted or changed bays. */
function greeted(hello: Hello, event: Heard, context: IngestContext): IngestStep {
  if (hello.versionMin > PROTOCOL_VERSION || hello.versionMax < PROTOCOL_VERSION_MIN) {
    const why = `this dock speaks versions ${PROTOCOL_VERSION_MIN} to ${PROTOCOL_VERSION}, the camera ${hello.versionMin} to ${hello.versionMax}`;
    return [{ at: 'waiting' }, refusal(hello.cameraId, 'version', 'never', why, undefined)];
  }
  const publicKey = context.keys.camera(hello.cameraId);
  const isElsewhere = context.linkCameraId !== undefined && context.linkCameraId !== hello.cameraId;
  if (publicKey === undefined || isElsewhere) {
    const why = isElsewhere
      ? `camera ${hello.cameraId} may not speak on the link of ${context.linkCameraId}`
      : `camera ${hello.cameraId} is not enrolled at this dock`;
    return [{ at: 'waiting' }, refusal(hello.cameraId, 'unknown-camera', 'never', why, undefined)];
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
  const helloBytes = event.pdu.subarray(1, -4);
  const transcript = (role: 'dock' | 'camera'): Uint8Array =>
    helloTranscript(role, helloBytes, bodyBytes, context.sha256);
  const next: IngestState = {
    at: 'proving',
    session: { sessionId: body.sessionId, cameraId: hello.cameraId },
    transcript: transcript('camera'),
    publicKey,
    heardUs: event.nowUs,
  };
  return [
    next,
    [
      {
        effect: 'send',
        message: { type: 'hello-ack', body: bodyBytes, signature: context.keys.sign(transcript('dock')) },
      },
    ],
  ];
}

function heard(state: IngestState, event: Heard, context: IngestContext): IngestStep {
  const { message } = event;
  if (state.at === 'proving') {
    if (message.type === 'hello-confirm') return proved(state, message, event, context);
    // A camera that pings believes that it is docked: its proof was lost. An Offer may only have overtaken it.
    return [state, message.type === 'ping' ? greetAgain() : []];
  }
  if (state.at !== 'docked') {
    // After a restart the camera still speaks of a session that is gone.
    const isAnswer = message.type === 'abort' || message.type === 'bye' || message.type === 'pong';
    return [state, isAnswer ? [] : greetAgain()];
  }
  const docked: Docked = { ...state, heardUs: event.nowUs };
  return conversed(docked, message, event, context);
}

function greetAgain(): readonly IngestEffect[] {
  return refusal(undefined, 'no-session', 'renegotiate', 'greet again', undefined);
}

function conversed(state: Docked, message: Message, event: Heard, context: IngestContext): IngestStep {
  const { cameraId, sessionId } = state.session;
  switch (message.type) {
    case 'offer':
      return offered(state, message);
    case 'data':
      return dataStep(state, message, event, context);
    case 'fin':
      return finished(state, message.stream, message.totalBytes);
    case 'receipt-ack':
      return [
        { ...state, work: { doing: 'nothing' } },
        message.erased ? [{ effect: 'erased', cameraId, recordingId: message.recordingId }] : [],
      ];
    case 'ping':
      return [
        state,
        [send({ type: 'pong', pingSentUs: message.sentUs, receivedUs: event.wallUs, sentUs: event.wallUs })],
      ];
    case 'telemetry':
      return [state, [{ effect: 'news', news: { news: 'telemetry', cameraId, telemetry: message } }]];
    case 'abort':
      return [
        { ...state, work: { doing: 'nothing' } },
        [
          {
            effect: 'news',
            news: { news: 'refused', cameraId, code: message.code, message: message.message },
          },
        ],
      ];
    case 'bye':
      return equal(message.sessionId, sessionId) ? [{ at: 'waiting' }, []] : [state, []];
    default:
      return [state, []];
  }
}

function proved(
  state: Extract<IngestState, { at: 'proving' }>,
  confirm: HelloConfirm,
  event: Heard,
  context: IngestContext,
): IngestStep {
  if (!equal(confirm.sessionId, state.session.sessionId)) return [state, []];
  const { cameraId } = state.session;
  if (!context.verify(state.publicKey, state.transcript, confirm.signature)) {
    const why = `camera ${cameraId} did not sign this greeting with its enrolled key`;
    return [{ at: 'waiting' }, refusal(cameraId, 'bad-signature', 'never', why, undefined)];
  }
  const next: Docked = {
    at: 'docked',
    session: state.session,
    work: { doing: 'nothing' },
    heardUs: event.nowUs,
    suspects: new Set(),
  };
  return [
    next,
    [
      { effect: 'enrolled', cameraId },
      { effect: 'news', news: { news: 'docked', cameraId } },
    ],
  ];
}

function offered(state: Docked, offer: Offer): IngestStep {
  if (!equal(offer.sessionId, state.session.sessionId))
    return [
      state,
      refusal(state.session.cameraId, 'no-session', 'renegotiate', 'offer of another session', state.session),
    ];
  const { work } = state;
  const isSame = (other: { recordingId: string; manifestSha256: Uint8Array }): boolean =>
    other.recordingId === offer.recordingId && equal(other.manifestSha256, offer.manifestSha256);
  if (work.doing === 'leasing' && isSame(work.offer)) return [state, []];
  // The camera repeats its Offer when the Accept was lost; once it sends Data it does not.
  if (work.doing === 'receiving' && isSame(work.upload.key) && work.upload.maxTxSeq === 0)
    return [state, [send(work.accept)]];
  if (work.doing === 'settling' && isSame(work.key)) return [state, []];
  if (work.doing === 'settled' && isSame(work.key)) return [state, [send(work.receipt)]];
  const tooLarge =
    offer.manifestBytes > MANIFEST_BYTES_MAX || offer.contentBytes > CHUNKS_MAX * STORED_CHUNK_BYTES_MAX;
  if (tooLarge) {
    const why = `a manifest of ${offer.manifestBytes} B over ${offer.contentBytes} B of content is beyond what this dock takes`;
    return [state, refusal(state.session.cameraId, 'oversize', 'never', why, state.session, offer)];
  }
  return [
    { ...state, work: { doing: 'leasing', offer } },
    [{ effect: 'lease', cameraId: state.session.cameraId, offer }],
  ];
}

function leased(
  state: IngestState,
  event: Extract<IngestEvent, { event: 'leased' }>,
  context: IngestContext,
): IngestStep {
  if (state.at !== 'docked' || state.work.doing !== 'leasing') return [state, []];
  const { holding } = event;
  const { offer } = state.work;
  if (holding.recordingId !== offer.recordingId || !equal(holding.manifestSha256, offer.manifestSha256))
    return [state, []];
  if (holding.cameraId !== state.session.cameraId) {
    const why = `recording ${holding.recordingId} came from camera ${holding.cameraId}`;
    return [
      { ...state, work: { doing: 'nothing' } },
      refusal(state.session.cameraId, 'bad-manifest', 'never', why, state.session, offer),
    ];
  }
  const key = { recordingId: holding.recordingId, manifestSha256: holding.manifestSha256 };
  if (holding.state !== 'incoming') {
    const work: Work = { doing: 'settling', key, stream: event.stream };
    const condemned = holding.state === 'quarantined' ? (holding.reason ?? 'quarantined') : undefined;
    return [{ ...state, work }, [{ effect: 'settle', key, cameraId: state.session.cameraId, condemned }]];
  }
  const upload = beginUpload(
    event,
    { offer, cameraId: state.session.cameraId, isSuspect: state.suspects.has(offer.recordingId) },
    context,
  );
  const accept = acceptOf(upload, state.session, event.holding, context);
  return [{ ...state, work: { doing: 'receiving', upload, accept } }, [send(accept)]];
}

function dataStep(
  state: Docked,
  data: Extract<Message, { type: 'data' }>,
  event: Heard,
  context: IngestContext,
): IngestStep {
  const { work, session } = state;
  const stream =
    work.doing === 'receiving'
      ? work.upload.stream
      : work.doing === 'settling' || work.doing === 'settled'
        ? work.stream
        : undefined;
  if (stream !== data.stream) {
    // Repeats of a stream that has just ended are normal while a new one is being leased.
    if (work.doing === 'leasing') return [state, []];
    const abort: Abort = {
      type: 'abort',
      stream: data.stream,
      code: 'unknown-stream',
      class: 'restart-stream',
      message: 'this stream is not open here; offer again',
      sessionId: session.sessionId,
    };
    return [state, [send(abort)]];
  }
  if (work.doing !== 'receiving') return [state, []];
  const cameraId = session.cameraId;
  return whileReceiving(state, data.stream, (upload) =>
    dataArrived(upload, data, { nowUs: event.nowUs, cameraId, context }),
  );
}

function finished(state: Docked, stream: number, totalBytes: number): IngestStep {
  const { work, session } = state;
  if (work.doing === 'settled' && work.stream === stream) return [state, [send(work.receipt)]];
  if (work.doing !== 'receiving' || work.upload.stream !== stream) {
    const isSettling = work.doing === 'settling' && work.stream === stream;
    if (isSettling || work.doing === 'leasing') return [state, []];
    return [
      state,
      [
        send({
          type: 'abort',
          stream,
          code: 'unknown-stream',
          class: 'restart-stream',
          message: 'this stream is not open here; offer again',
          sessionId: session.sessionId,
        }),
      ],
    ];
  }
  const { upload } = work;
  if (upload.durableTo !== totalBytes || upload.layout.totalBytes !== totalBytes || upload.writing > 0)
    return [state, []];
  const next: Docked = { ...state, work: { doing: 'settling', key: upload.key, stream } };
  return [
    next,
    [{ effect: 'settle', key: upload.key, cameraId: session.cameraId, condemned: upload.condemned }],
  ];
}

function settled(state: IngestState, event: Extract<IngestEvent, { event: 'settled' }>): IngestStep {
  if (state.at !== 'docked' || state.work.doing !== 'settling') return [state, []];
  const { key, stream } = state.work;
  if (key.recordingId !== event.key.recordingId || !equal(key.manifestSha256, event.key.manifestSha256))
    return [state, []];
  return [
    { ...state, work: { doing: 'settled', key, stream, receipt: event.receipt } },
    [send(event.receipt)],
  ];
}

function whileReceiving(state: IngestState, stream: number, change: (upload: Upload) => Changed): IngestStep {
  if (state.at !== 'docked' || state.work.doing !== 'receiving' || state.work.upload.stream !== stream)
    return [state, []];
  const changed = change(state.work.upload);
  if ('abandon' in changed) {
    const suspects =
      changed.suspect === undefined ? state.suspects : new Set([...state.suspects, changed.suspect]);
    return [{ ...state, work: { doing: 'nothing' }, suspects }, changed.abandon];
  }
  return [{ ...state, work: { ...state.work, upload: changed[0] } }, changed[1]];
}

/** Nothing is acknowledged that was not stored; the camera keeps its copy and comes back later. */
function failed(state: IngestState, event: Extract<IngestEvent, { event: 'failed' }>): IngestStep {
  if (state.at !== 'docked') return [state, []];
  const recordingId = recordingOf(state.work);
  const abort: Abort = {
    type: 'abort',
    stream: 0,
    code: event.code,
    class: 'retry',
    message: event.message,
    sessionId: state.session.sessionId,
    ...(recordingId === undefined ? {} : { recordingId }),
  };
  const news: IngestEffect = {
    effect: 'news',
    news: { news: 'refused', cameraId: state.session.cameraId, code: event.code, message: event.message },
  };
  return [{ ...state, work: { doing: 'nothing' } }, [send(abort), news]];
}

function tick(state: IngestState, nowUs: number): IngestStep {
  if (state.at === 'waiting' || state.at === 'ended') return [state, []];
  const isSilent = nowUs - state.heardUs > SESSION_SILENCE_MS * 1000;
  if (isSilent && state.at === 'proving') return [{ at: 'waiting' }, []];
  if (isSilent) {
    const why = `nothing heard from ${state.session.cameraId} for ${SESSION_SILENCE_MS} ms`;
    return [{ at: 'ended' }, [{ effect: 'end', why }]];
  }
  if (state.at !== 'docked' || state.work.doing !== 'receiving') return [state, []];
  return whileReceiving(state, state.work.upload.stream, (upload) => uploadTick(upload, nowUs));
}

function recordingOf(work: Work): Offer['recordingId'] | undefined {
  if (work.doing === 'leasing') return work.offer.recordingId;
  if (work.doing === 'receiving') return work.upload.key.recordingId;
  return work.doing === 'settling' || work.doing === 'settled' ? work.key.recordingId : undefined;
}

function sessionOf(state: IngestState): Session | undefined {
  return state.at === 'docked' || state.at === 'proving' ? state.session : undefined;
}

function send(message: Message): IngestEffect {
  return { effect: 'send', message };
}

function refusal(
  cameraId: Hello['cameraId'] | undefined,
  code: ErrorCode,
  errorClass: ErrorClass,
  why: string,
  session: Session | undefined,
  offer?: Offer,
): readonly IngestEffect[] {
  const abort: Abort = {
    type: 'abort',
    stream: 0,
    code,
    class: errorClass,
    message: why,
    ...(session === undefined ? {} : { sessionId: session.sessionId }),
    ...(offer === undefined ? {} : { recordingId: offer.recordingId }),
  };
  return [
    send(abort),
    {
      effect: 'news',
      news: { news: 'refused', code, message: why, ...(cameraId === undefined ? {} : { cameraId }) },
    },
  ];
}
