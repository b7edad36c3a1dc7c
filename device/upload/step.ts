import { FIN_RETRY_MS, OFFER_RETRY_MS, SESSION_SILENCE_MS } from '../../proto/limits.ts';
import { type Layout, layoutOf } from '../../proto/layout.ts';
import { prefixDigest } from '../../proto/merkle.ts';
import { equal } from '../../proto/bytes.ts';
import type { Abort, Accept, Offer } from '../../proto/messages.ts';
import type { ClosedRecording } from '../ports.ts';
import { greet, greetAgain, PING_EVERY_US, prove } from './greeting.ts';
import { takeReceipt } from './receipt.ts';
import { acked, contentRead, fragmentSent, pump, sendingTick } from './sending.ts';
import type {
  Docked,
  EndReason,
  Sending,
  UploadContext,
  UploadEffect,
  UploadEvent,
  UploadState,
  UploadStep,
  Work,
} from './state.ts';

const BACK_OFF_US = 2_000_000;

/** What an Abort of the whole session means for the next one. */
const END_OF_CLASS = {
  never: 'refused',
  retry: 'later',
  renegotiate: 'renegotiate',
  'restart-stream': 'renegotiate',
} as const satisfies Record<Abort['class'], EndReason>;

/**
 * The camera's side of the conversation, as a pure function: greet, prove, offer the oldest closed recording,
 * send what the dock has credit for, ask for custody, check the receipt, and only then let the flash erase.
 * An event that does not fit the state changes nothing.
 */
export function step(state: UploadState, event: UploadEvent, context: UploadContext): UploadStep {
  switch (event.event) {
    case 'start':
      return greet(event, context);
    case 'message':
      return state.at === 'ended' ? [state, []] : heard(state, event, context);
    case 'tick':
      return tick(state, event, context);
    case 'listed':
      return state.at === 'docked' && state.work.doing === 'listing'
        ? offerNext(state, event, context)
        : [state, []];
    case 'content':
      return whileSending(state, (sending) =>
        event.stream === sending.stream ? contentRead(sending, event) : undefined,
      );
    case 'sent':
      return whileSending(state, (sending) =>
        event.stream === sending.stream ? fragmentSent(sending) : undefined,
      );
    case 'erased':
      return erased(state, event);
    case 'unreadable':
      return unreadable(state, event);
    default:
      return event satisfies never;
  }
}

function heard(
  state: UploadState,
  event: Extract<UploadEvent, { event: 'message' }>,
  context: UploadContext,
): UploadStep {
  const { message, nowUs } = event;
  if (message.type === 'hello-ack')
    return state.at === 'greeting' ? prove(state, message, { nowUs, context }) : [state, []];
  if (message.type === 'abort' && message.stream === 0 && message.recordingId === undefined)
    return sessionAborted(state, message, () => greet(event, context));
  if (state.at !== 'docked') return [state, []];
  const docked: Docked = { ...state, heardUs: nowUs };
  switch (message.type) {
    case 'accept':
      return accepted(docked, message, context);
    case 'ack':
      return whileSending(docked, (sending) =>
        message.stream === sending.stream ? acked(sending, message, nowUs) : undefined,
      );
    case 'receipt':
      return takeReceipt(docked, message, context);
    case 'abort':
      return streamAborted(docked, message, nowUs);
    case 'ping':
      return [
        docked,
        [
          {
            effect: 'send',
            message: {
              type: 'pong',
              pingSentUs: message.sentUs,
              receivedUs: nowUs,
              sentUs: nowUs,
              wallUs: event.wallUs,
            },
          },
        ],
      ];
    case 'bye':
      return equal(message.sessionId, docked.session.sessionId) ? ended('bye') : [docked, []];
    default:
      return [docked, []];
  }
}

function offerNext(
  state: Docked,
  event: Extract<UploadEvent, { event: 'listed' }>,
  context: UploadContext,
): UploadStep {
  const recording = event.recordings.find((candidate) => !state.parked.has(candidate.recordingId));
  if (recording === undefined) {
    // Something new may be closed later: look again now and then. What is parked waits for a new session.
    const work: Work = { doing: 'backing-off', untilUs: event.nowUs + BACK_OFF_US };
    return [
      { ...state, work },
      event.recordings.length === 0 ? [{ effect: 'news', news: { news: 'idle' } }] : [],
    ];
  }
  const work: Work = { doing: 'offering', recording, dueUs: event.nowUs + OFFER_RETRY_MS * 1000 };
  return [{ ...state, work }, [{ effect: 'send', message: offerOf(state, recording, context) }]];
}

function offerOf(state: Docked, recording: ClosedRecording, context: UploadContext): Offer {
  return {
    type: 'offer',
    sessionId: state.session.sessionId,
    recordingId: recording.recordingId,
    manifestBytes: recording.signedManifest.byteLength,
    manifestSha256: context.sha256(recording.signedManifest),
    contentBytes: recording.contentBytes,
  };
}

function accepted(state: Docked, accept: Accept, context: UploadContext): UploadStep {
  const { work, session, heardUs: nowUs } = state;
  if (work.doing !== 'offering' || accept.recordingId !== work.recording.recordingId) return [state, []];
  if (!equal(accept.sessionId, session.sessionId)) return [state, []];
  const { recording } = work;
  const layout = layoutOf(
    recording.signedManifest.byteLength,
    recording.chunks.map((chunk) => chunk.storedBytes),
  );
  if (!prefixHolds(accept, { recording, layout }, context)) {
    const abort: Abort = {
      type: 'abort',
      stream: accept.stream,
      code: 'prefix-mismatch',
      class: 'restart-stream',
      message: 'what the dock holds of this recording is not what the camera recorded',
      recordingId: recording.recordingId,
    };
    return [
      { ...state, work: { doing: 'backing-off', untilUs: nowUs + BACK_OFF_US } },
      [{ effect: 'send', message: abort }],
    ];
  }
  const sending: Sending = {
    recording,
    layout,
    stream: accept.stream,
    nextTxSeq: 1,
    nextOffset: accept.durableTo,
    sentTo: accept.durableTo,
    receivedTo: accept.durableTo,
    durableTo: accept.durableTo,
    creditTo: accept.creditTo,
    paused: false,
    inHand: 0,
    turn: 0,
    rewoundAtTxSeq: 0,
    progressAtUs: nowUs,
    retransmitMs: OFFER_RETRY_MS,
  };
  return continueSending(state, pump(sending, session.fragmentBytes), nowUs);
}

/** Resuming is safe only when the dock's durable prefix is this recording's, unit for unit. */
function prefixHolds(
  accept: Accept,
  { recording, layout }: { readonly recording: ClosedRecording; readonly layout: Layout },
  context: UploadContext,
): boolean {
  if (accept.durableTo === 0) return true;
  const unit = layout.unitAt(accept.durableTo);
  if (unit === 0 || layout.start(unit) !== accept.durableTo) return false;
  const digests = recording.chunks.slice(0, unit - 1).map((chunk) => chunk.sha256);
  return equal(
    accept.prefixDigest,
    prefixDigest(context.sha256, context.sha256(recording.signedManifest), digests),
  );
}

type Sent = readonly [Sending, readonly UploadEffect[]];

function whileSending(state: UploadState, change: (sending: Sending) => Sent | undefined): UploadStep {
  if (state.at !== 'docked' || state.work.doing !== 'sending') return [state, []];
  const changed = change(state.work.sending);
  if (changed === undefined) return [state, []];
  const [sending, effects] = changed;
  const [pumped, more] = pump(sending, state.session.fragmentBytes);
  return continueSending(state, [pumped, [...effects, ...more]], state.heardUs);
}

/** Goes on sending, or asks for custody once the dock says that every byte is durable. */
function continueSending(state: Docked, [sending, effects]: Sent, nowUs: number): UploadStep {
  if (sending.durableTo < sending.layout.totalBytes)
    return [{ ...state, work: { doing: 'sending', sending } }, effects];
  const fin = { type: 'fin', stream: sending.stream, totalBytes: sending.layout.totalBytes } as const;
  const work: Work = {
    doing: 'finishing',
    recording: sending.recording,
    stream: sending.stream,
    dueUs: nowUs + FIN_RETRY_MS * 1000,
  };
  return [{ ...state, work }, [...effects, { effect: 'send', message: fin }]];
}

function erased(state: UploadState, event: Extract<UploadEvent, { event: 'erased' }>): UploadStep {
  if (
    state.at !== 'docked' ||
    state.work.doing !== 'erasing' ||
    state.work.recording.recordingId !== event.recordingId
  )
    return [state, []];
  const ack = { type: 'receipt-ack', recordingId: event.recordingId, erased: true } as const;
  return [{ ...state, work: { doing: 'listing' } }, [{ effect: 'send', message: ack }, { effect: 'list' }]];
}

function unreadable(state: UploadState, event: Extract<UploadEvent, { event: 'unreadable' }>): UploadStep {
  if (state.at !== 'docked') return [state, []];
  // A read for an upload that is over says nothing about what is under way now, least of all about an erasure.
  const isCurrent =
    event.stream === undefined
      ? recordingOf(state.work)?.recordingId === event.recordingId
      : streamOf(state.work) === event.stream && state.work.doing === 'sending';
  if (!isCurrent) return [state, []];
  const parked = new Set([...state.parked, event.recordingId]);
  return [{ ...state, parked, work: { doing: 'listing' } }, [{ effect: 'list' }]];
}

function streamAborted(state: Docked, abort: Abort, nowUs: number): UploadStep {
  const current = recordingOf(state.work);
  const about = abort.recordingId ?? current?.recordingId;
  const isCurrentStream = abort.recordingId !== undefined || abort.stream === streamOf(state.work);
  if (current === undefined || about !== current.recordingId || !isCurrentStream) return [state, []];
  const news: UploadEffect = { effect: 'news', news: { news: 'refused', abort } };
  switch (abort.class) {
    case 'renegotiate':
      return ended('renegotiate');
    case 'never':
      return [
        { ...state, parked: new Set([...state.parked, current.recordingId]), work: { doing: 'listing' } },
        [news, { effect: 'list' }],
      ];
    case 'restart-stream':
      return [{ ...state, work: { doing: 'listing' } }, [news, { effect: 'list' }]];
    case 'retry':
      return [{ ...state, work: { doing: 'backing-off', untilUs: nowUs + BACK_OFF_US } }, [news]];
    default:
      return abort.class satisfies never;
  }
}

/**
 * Nobody has proved anything before the handshake ends, so a forged Abort may delay a camera but never make it
 * erase. A dock that restarted knows no session id, and may still say so: the camera greets again on the same link.
 */
function sessionAborted(state: UploadState, abort: Abort, greetAgain: () => UploadStep): UploadStep {
  const news: UploadEffect = { effect: 'news', news: { news: 'refused', abort } };
  if (abort.class === 'renegotiate') {
    if (state.at === 'greeting') return [state, []];
    const [next, effects] = greetAgain();
    return [next, [news, ...effects]];
  }
  const isOurs = state.at !== 'docked' || equal(abort.sessionId ?? new Uint8Array(), state.session.sessionId);
  if (!isOurs) return [state, []];
  const [next, effects] = ended(END_OF_CLASS[abort.class]);
  return [next, [news, ...effects]];
}

function tick(
  state: UploadState,
  event: Extract<UploadEvent, { event: 'tick' }>,
  context: UploadContext,
): UploadStep {
  if (state.at === 'greeting')
    return event.nowUs >= state.dueUs ? greetAgain(state, event, context) : [state, []];
  if (state.at !== 'docked') return [state, []];
  if (event.nowUs - state.heardUs > SESSION_SILENCE_MS * 1000) return ended('silent');
  const [next, effects] = workTick(state, event.nowUs, context);
  if (next.at !== 'docked' || event.nowUs < next.pingDueUs) return [next, effects];
  const ping: UploadEffect = { effect: 'send', message: { type: 'ping', sentUs: event.nowUs } };
  return [{ ...next, pingDueUs: event.nowUs + PING_EVERY_US }, [...effects, ping]];
}

function workTick(state: Docked, nowUs: number, context: UploadContext): UploadStep {
  const { work } = state;
  switch (work.doing) {
    case 'backing-off':
      return nowUs < work.untilUs
        ? [state, []]
        : [{ ...state, work: { doing: 'listing' } }, [{ effect: 'list' }]];
    case 'offering': {
      if (nowUs < work.dueUs) return [state, []];
      const again: Work = { ...work, dueUs: nowUs + OFFER_RETRY_MS * 1000 };
      return [
        { ...state, work: again },
        [{ effect: 'send', message: offerOf(state, work.recording, context) }],
      ];
    }
    case 'finishing': {
      if (nowUs < work.dueUs) return [state, []];
      const totalBytes = work.recording.signedManifest.byteLength + work.recording.contentBytes;
      const again: Work = { ...work, dueUs: nowUs + FIN_RETRY_MS * 1000 };
      return [
        { ...state, work: again },
        [{ effect: 'send', message: { type: 'fin', stream: work.stream, totalBytes } }],
      ];
    }
    case 'sending':
      return whileSending(state, (sending) => sendingTick(sending, nowUs));
    case 'nothing':
    case 'listing':
    case 'erasing':
      return [state, []];
    default:
      return work satisfies never;
  }
}

export function recordingOf(work: Work): ClosedRecording | undefined {
  switch (work.doing) {
    case 'offering':
    case 'finishing':
    case 'erasing':
      return work.recording;
    case 'sending':
      return work.sending.recording;
    case 'nothing':
    case 'listing':
    case 'backing-off':
      return undefined;
    default:
      return work satisfies never;
  }
}

function streamOf(work: Work): number | undefined {
  if (work.doing === 'sending') return work.sending.stream;
  return work.doing === 'finishing' ? work.stream : undefined;
}

function ended(because: Extract<UploadState, { at: 'ended' }>['because']): UploadStep {
  return [{ at: 'ended', because }, [{ effect: 'end', because }]];
}
