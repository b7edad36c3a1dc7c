import { equal } from '../../proto/bytes.ts';
import { SESSION_SILENCE_MS } from '../../proto/limits.ts';
import type { Ack } from '../../proto/messages.ts';
import { sessionAborted, streamAborted } from './abort.ts';
import { acked } from './acked.ts';
import { greet, prove } from './greeting.ts';
import { tick } from './liveness.ts';
import { accepted, offerAgain, offerNext } from './offering.ts';
import { examined, takeReceipt, ticketKept } from './receipt.ts';
import { contentRead, fragmentSent } from './sending.ts';
import type { Docked, UploadContext, UploadEffect, UploadEvent, UploadState, UploadStep } from './state.ts';
import { takeTicket } from './ticket.ts';
import { whileSending } from './uploading.ts';
import { ended, recordingOf, rested, streamOf, totalBytesOf } from './work.ts';

/**
 * The camera's side of the conversation, as a pure function: greet, prove, offer the oldest closed recording,
 * send what the dock has credit for, ask for custody, check the receipt, keep what it proves, and only then let the flash erase.
 * An event that does not fit the state changes nothing.
 */
export function step(state: UploadState, event: UploadEvent, context: UploadContext): UploadStep {
  const [next, effects] = changed(state, event, context);
  const hasSpoken = next.at === 'docked' && effects.some(({ effect }) => effect === 'send');
  return [hasSpoken ? { ...next, spokeUs: event.nowUs } : next, effects];
}

function changed(state: UploadState, event: UploadEvent, context: UploadContext): UploadStep {
  switch (event.event) {
    case 'start':
      return greet(event, context);
    case 'message':
      return state.at === 'ended' ? [state, []] : heard(state, event, context);
    case 'malformed':
      return [state, state.at === 'ended' ? [] : [refusalOf(state, event)]];
    case 'tick':
      return tick(state, event, context);
    case 'listed':
      return state.at === 'docked' && state.work.doing === 'listing'
        ? offerNext(state, event, context)
        : [state, []];
    case 'content':
      return whileSending(state, event.nowUs, (sending) =>
        event.stream === sending.stream
          ? contentRead(sending, event, { nowUs: event.nowUs, wireUs: (bytes) => context.wireUs(bytes) })
          : undefined,
      );
    case 'sent':
      return whileSending(state, event.nowUs, (sending) =>
        event.stream === sending.stream ? fragmentSent(sending, event.nowUs) : undefined,
      );
    case 'kept':
      return state.at === 'docked' ? ticketKept(state, event) : [state, []];
    case 'erased':
      return erased(state, event);
    case 'examined':
      return state.at === 'docked' ? examined(state, event) : [state, []];
    case 'unreadable':
      return unreadable(state, event);
    default:
      return event satisfies never;
  }
}

/** A peer that says what is no message will say it again: it is told so, and nothing here changes. */
function refusalOf(
  state: UploadState,
  { why, isOversize }: Extract<UploadEvent, { event: 'malformed' }>,
): UploadEffect {
  const code = isOversize ? 'oversize' : 'malformed';
  const session = state.at === 'docked' ? { sessionId: state.session.sessionId } : {};
  return {
    effect: 'send',
    message: { type: 'abort', stream: 0, code, class: 'never', message: why, ...session },
  };
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
      return docked.work.doing === 'finishing'
        ? denied(docked, message, { nowUs, context })
        : whileSending(docked, nowUs, (sending) =>
            message.stream === sending.stream ? acked(sending, message, nowUs) : undefined,
          );
    case 'receipt':
      return takeReceipt(docked, message, { nowUs, context });
    case 'ticket':
      return takeTicket(docked, message, context);
    case 'abort':
      return streamAborted(docked, message, nowUs);
    case 'ping':
      return [docked, [pongOf(message.sentUs, event)]];
    case 'bye':
      return equal(message.sessionId, docked.session.sessionId) ? ended('bye') : [docked, []];
    default:
      return [docked, []];
  }
}

/**
 * A dock that still says long after the Fin that something is missing never said that all was durable: somebody else
 * did. It will not answer the Fin, so the recording is offered again.
 */
function denied(
  state: Docked,
  { stream, durableTo }: Ack,
  now: { readonly nowUs: number; readonly context: UploadContext },
): UploadStep {
  const { work } = state;
  if (work.doing !== 'finishing' || stream !== work.stream) return [state, []];
  const isLate = now.nowUs - work.sinceUs < SESSION_SILENCE_MS * 1000;
  return isLate || durableTo >= totalBytesOf(work.recording) ? [state, []] : offerAgain(state, work, now);
}

/** The dock measures this camera's clocks with it, so the answer leaves at once. */
function pongOf(
  pingSentUs: number,
  { nowUs, wallUs }: { readonly nowUs: number; readonly wallUs: number },
): UploadEffect {
  return {
    effect: 'send',
    message: { type: 'pong', pingSentUs, receivedUs: nowUs, sentUs: nowUs, wallUs },
  };
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
  return isCurrent ? [rested(state, event.recordingId, event.nowUs), [{ effect: 'list' }]] : [state, []];
}
