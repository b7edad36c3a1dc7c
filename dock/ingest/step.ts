import { equal } from '../../proto/bytes.ts';
import { CHUNKS_MAX, MANIFEST_BYTES_MAX, STORED_CHUNK_BYTES_MAX } from '../../proto/limits.ts';
import type { Abort, Data, ErrorClass, Fin, Message, Offer, ReceiptAck } from '../../proto/messages.ts';
import { greetAgain, greeted, proved } from './greeting.ts';
import { closing } from './leaving.ts';
import { goodbye, heardPong, tick } from './liveness.ts';
import { notOpen, refusal } from './refusal.ts';
import type {
  Docked,
  Heard,
  IngestContext,
  IngestEffect,
  IngestEvent,
  IngestState,
  IngestStep,
  Session,
  Work,
} from './state.ts';
import { keeps, ticketReady } from './ticketing.ts';
import { beginUpload, dataArrived, keyOf, memoryAnswered, unitStored } from './upload.ts';
import { applied, isSame, keyUnderWay, streamOf, whileReceiving } from './work.ts';

/**
 * The dock's side of the conversation, as a pure function: prove who we are, make the camera prove itself, take the
 * manifest before any content, check every chunk against it, say durable only after the store said so, and hand out
 * a receipt only once custody is settled. An event that does not fit the state changes nothing.
 */
export function step(state: IngestState, event: IngestEvent, context: IngestContext): IngestStep {
  if (state.at === 'ended') return [state, []];
  return closing(state, react(state, event, context));
}

function react(state: IngestState, event: IngestEvent, context: IngestContext): IngestStep {
  switch (event.event) {
    case 'message':
      return event.message.type === 'hello'
        ? greeted(state, { hello: event.message, event }, context)
        : heard(state, event, context);
    case 'malformed':
      return [
        state,
        refusal(event.oversize ? 'oversize' : 'malformed', event.why, { session: sessionOf(state) }),
      ];
    case 'tick':
      return tick(state, event.nowUs, context);
    case 'leased':
      return leased(state, event, context);
    case 'stored':
      return whileReceiving(state, event.stream, (upload) => unitStored(upload, event));
    case 'reserved':
    case 'crowded':
      return whileReceiving(state, event.stream, (upload) => memoryAnswered(upload, event));
    case 'superseded':
      return superseded(state, event);
    case 'link-ended':
      return [{ at: 'ended' }, []];
    case 'settled':
      return settled(state, event);
    case 'ticket':
      return ticketReady(state, event);
    case 'failed':
      return failed(state, event);
    default:
      return event satisfies never;
  }
}

function heard(state: IngestState, event: Heard, context: IngestContext): IngestStep {
  const { message } = event;
  if (message.type === 'bye') return goodbye(state, message, context);
  if (state.at === 'proving') {
    if (message.type === 'hello-confirm') return proved(state, message, { nowUs: event.nowUs, context });
    // A camera that pings believes that it is docked: its proof was lost. An Offer may only have overtaken it.
    return [state, message.type === 'ping' ? greetAgain() : []];
  }
  if (state.at !== 'docked') {
    // After a restart the camera still speaks of a session that is gone.
    const isAnswer = message.type === 'abort' || message.type === 'pong';
    return [state, isAnswer ? [] : greetAgain()];
  }
  const docked: Docked = { ...state, heardUs: event.nowUs };
  return conversed(docked, event, context);
}

function conversed(state: Docked, event: Heard, context: IngestContext): IngestStep {
  const { message, nowUs } = event;
  const { cameraId } = state.session;
  switch (message.type) {
    case 'offer':
      return offered(keeps(state, message.ledgerSize ?? 0), message);
    case 'data':
      return dataStep(state, message, { nowUs, context });
    case 'fin':
      return finished(keeps(state, message.ledgerSize ?? 0), message);
    case 'receipt-ack':
      return receiptAcked(state, message);
    case 'ping':
      return [
        state,
        [
          send({
            type: 'pong',
            pingSentUs: message.sentUs,
            receivedUs: event.wallUs,
            sentUs: event.wallUs,
            wallUs: event.wallUs,
          }),
        ],
      ];
    case 'telemetry':
      return [state, [{ effect: 'news', news: { news: 'telemetry', cameraId, telemetry: message } }]];
    case 'pong':
      return heardPong(state, { pong: message, heard: event }, context);
    case 'abort':
      return aborted(state, message);
    default:
      return [state, []];
  }
}

/** The camera gives up what is under way, or all of it; a late word about something else changes nothing. */
function aborted(state: Docked, abort: Abort): IngestStep {
  const { work, session } = state;
  const { cameraId, sessionId } = session;
  const isOther = abort.sessionId !== undefined && !equal(abort.sessionId, sessionId);
  const isSession = abort.stream === 0 && abort.recordingId === undefined;
  const isCurrent =
    abort.stream === streamOf(work) ||
    (abort.stream === 0 && abort.recordingId === keyUnderWay(work)?.recordingId);
  if (isOther || (!isSession && !isCurrent)) return [state, []];
  const { code, message } = abort;
  const news: IngestEffect = { effect: 'news', news: { news: 'refused', cameraId, code, message } };
  const stopped: Docked = { ...state, work: { doing: 'nothing' } };
  // What was received before belongs to the prefix that the camera denies.
  if (code === 'prefix-mismatch' && work.doing === 'receiving')
    return [stopped, [{ effect: 'leave', stream: work.upload.stream, parked: [] }, news]];
  return [stopped, [news]];
}

function offered(state: Docked, offer: Offer): IngestStep {
  if (!equal(offer.sessionId, state.session.sessionId))
    return [
      state,
      refusal('no-session', 'offer of another session', {
        cameraId: state.session.cameraId,
        session: state.session,
      }),
    ];
  const { work } = state;
  if (work.doing === 'leasing' && isSame(work.offer, offer)) return [state, []];
  // The camera repeats its Offer when the Accept was lost; once it sends Data it does not.
  if (work.doing === 'receiving' && isSame(work.upload.key, offer) && work.upload.acking.maxTxSeq === 0)
    return [state, work.upload.accept === undefined ? [] : [send(work.upload.accept)]];
  if (work.doing === 'settling' && isSame(work.key, offer)) return [state, []];
  if (work.doing === 'settled' && isSame(work.key, offer)) return receiptAgain(state, work, offer);
  const tooLarge =
    offer.manifestBytes > MANIFEST_BYTES_MAX || offer.contentBytes > CHUNKS_MAX * STORED_CHUNK_BYTES_MAX;
  if (tooLarge) {
    const why = `a manifest of ${offer.manifestBytes} B over ${offer.contentBytes} B of content is beyond what this dock takes`;
    return [
      state,
      refusal('oversize', why, { cameraId: state.session.cameraId, session: state.session, offer }),
    ];
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
  if (!isSame(holding, offer)) return [state, []];
  if (holding.cameraId !== state.session.cameraId) {
    const why = `recording ${holding.recordingId} came from camera ${holding.cameraId}`;
    return [
      { ...state, work: { doing: 'nothing' } },
      refusal('bad-manifest', why, { cameraId: state.session.cameraId, session: state.session, offer }),
    ];
  }
  const key = keyOf(holding);
  if (holding.state !== 'incoming') {
    return settle(state, { key, stream: event.stream, condemned: undefined }, offer);
  }
  const begun = beginUpload(
    event,
    { offer, suspectChunk: state.suspects.get(offer.recordingId) },
    { session: state.session, context },
  );
  return applied(state, event.stream, begun);
}

function dataStep(
  state: Docked,
  data: Data,
  { nowUs, context }: { readonly nowUs: number; readonly context: IngestContext },
): IngestStep {
  const { work, session } = state;
  if (streamOf(work) !== data.stream) {
    // Repeats of a stream that has just ended are normal while a new one is being leased.
    return [state, work.doing === 'leasing' ? [] : [notOpen(data.stream, session)]];
  }
  if (work.doing !== 'receiving') return [state, []];
  return whileReceiving(state, data.stream, (upload) =>
    dataArrived(upload, data, { nowUs, session, context }),
  );
}

function finished(state: Docked, fin: Fin): IngestStep {
  const { work, session } = state;
  const { stream, totalBytes } = fin;
  if (work.doing === 'settled' && work.stream === stream) return receiptAgain(state, work, fin);
  if (work.doing !== 'receiving' || work.upload.stream !== stream) {
    const isSettling = work.doing === 'settling' && work.stream === stream;
    if (isSettling || work.doing === 'leasing') return [state, []];
    return [state, [notOpen(stream, session)]];
  }
  const { upload } = work;
  if (upload.durableTo !== totalBytes || upload.layout.totalBytes !== totalBytes || upload.units.length > 0)
    return [state, []];
  return settle(state, { key: upload.key, stream, condemned: upload.condemned }, fin);
}

/** Asks for custody, and for a receipt that shows growth from the checkpoint that the camera keeps. */
function settle(
  state: Docked,
  what: Pick<Extract<IngestEffect, { effect: 'settle' }>, 'key' | 'condemned'> & { readonly stream: number },
  { ledgerSize = 0 }: Pick<Fin, 'ledgerSize'>,
): IngestStep {
  const { key, stream, condemned } = what;
  const { cameraId } = state.session;
  const work: Work = { doing: 'settling', key, stream, ledgerSize };
  return [{ ...state, work }, [{ effect: 'settle', key, cameraId, condemned, ledgerSize }]];
}

/** The same receipt, unless the camera keeps another checkpoint by now: then one that begins there. */
function receiptAgain(
  state: Docked,
  work: Extract<Work, { doing: 'settled' }>,
  asked: Pick<Fin, 'ledgerSize'>,
): IngestStep {
  if ((asked.ledgerSize ?? 0) === work.ledgerSize) return [state, [send(work.receipt)]];
  return settle(state, { key: work.key, stream: work.stream, condemned: undefined }, asked);
}

function settled(state: IngestState, event: Extract<IngestEvent, { event: 'settled' }>): IngestStep {
  if (state.at !== 'docked' || state.work.doing !== 'settling') return [state, []];
  const { key, stream, ledgerSize } = state.work;
  if (!isSame(key, event.key)) return [state, []];
  const { receipt, logSize } = event;
  const receipted = new Set([...state.receipted, key.recordingId]);
  return [
    { ...state, work: { doing: 'settled', key, stream, receipt, ledgerSize, logSize }, receipted },
    [send(receipt)],
  ];
}

/**
 * The camera says what became of a recording whose receipt it got here. Of any other it has no say: an entry is kept
 * under its recording, so a stranger's word would keep out the owner's. It may come late, when the next one is under way.
 */
function receiptAcked(state: Docked, ack: ReceiptAck): IngestStep {
  const { recordingId } = ack;
  if (!state.receipted.has(recordingId)) return [state, []];
  const { work, session } = state;
  const isCurrent = work.doing === 'settled' && work.key.recordingId === recordingId;
  // Before it erased anything it kept the receipt's checkpoint.
  const next: Docked = isCurrent ? { ...keeps(state, work.logSize), work: { doing: 'nothing' } } : state;
  if (!ack.erased) return [next, []];
  const receipted = new Set([...state.receipted].filter((other) => other !== recordingId));
  return [{ ...next, receipted }, [{ effect: 'erased', cameraId: session.cameraId, recordingId }]];
}

/**
 * Nothing is acknowledged that was not stored; the camera keeps its copy and comes back later. What failed for a
 * recording that is no longer under way ends nothing: an Abort without a recording would end the whole session.
 */
function failed(state: IngestState, event: Extract<IngestEvent, { event: 'failed' }>): IngestStep {
  if (state.at !== 'docked') return [state, []];
  const { about } = event;
  const current = keyUnderWay(state.work);
  const news: IngestEffect = {
    effect: 'news',
    news: { news: 'refused', cameraId: state.session.cameraId, code: event.code, message: event.message },
  };
  const isOver = about !== 'session' && (about === 'erasure' || !current || !isSame(current, about));
  if (isOver) return [state, [news]];
  const abort: Abort = {
    type: 'abort',
    stream: 0,
    code: event.code,
    class: classOf(event),
    message: event.message,
    sessionId: state.session.sessionId,
    ...(about === 'session' ? {} : { recordingId: about.recordingId }),
  };
  return [{ ...state, work: { doing: 'nothing' } }, [send(abort), news]];
}

function classOf({ code, retry }: Extract<IngestEvent, { event: 'failed' }>): ErrorClass {
  if (retry === 'never') return 'never';
  // Somebody took a newer lease: nothing is wrong with what the camera has, and a lease of its own mends it.
  return code === 'stale-lease' ? 'restart-stream' : 'retry';
}

/** Another session of this camera took over, so this one is most likely half-open; if not, it may take it back. */
function superseded(state: IngestState, event: Extract<IngestEvent, { event: 'superseded' }>): IngestStep {
  if (state.at !== 'docked') return [state, []];
  const { work, session } = state;
  const isHeld = work.doing === 'receiving' || work.doing === 'leasing';
  const current = keyUnderWay(work);
  if (!isHeld || current === undefined || !isSame(current, event.key)) return [state, []];
  const message = 'another session takes this recording in now';
  const abort: Abort = {
    type: 'abort',
    stream: streamOf(work) ?? 0,
    code: 'stale-lease',
    class: 'restart-stream',
    message,
    recordingId: current.recordingId,
    sessionId: session.sessionId,
  };
  const news: IngestEffect = {
    effect: 'news',
    news: { news: 'refused', cameraId: session.cameraId, code: 'stale-lease', message },
  };
  return [{ ...state, work: { doing: 'nothing' } }, [send(abort), news]];
}

function sessionOf(state: IngestState): Session | undefined {
  return state.at === 'docked' || state.at === 'proving' ? state.session : undefined;
}

function send(message: Message): IngestEffect {
  return { effect: 'send', message };
}
