import { DATA_FLAG_ACK_NOW, type Ack } from '../../proto/messages.ts';
import type { Sending, UploadEffect, UploadEvent } from './state.ts';

type Sent = readonly [Sending, readonly UploadEffect[]];

const RETRANSMIT_MS_MIN = 200;
const RETRANSMIT_MS_MAX = 3_000;
// One fragment on its way through the link while the next is read: more only adds memory.
const IN_HAND_MAX = 2;

/** Asks for the next fragments, as far as credit and the link allow. A fragment never spans two units. */
export function pump(start: Sending, fragmentBytes: number): Sent {
  const effects: UploadEffect[] = [];
  let sending = start;
  while (!sending.paused && sending.inHand < IN_HAND_MAX) {
    const { nextOffset: from, layout } = sending;
    const to = Math.min(from + fragmentBytes, sending.creditTo, layout.totalBytes, unitEnd(sending, from));
    if (to <= from) break;
    const { recording, stream, turn } = sending;
    effects.push({ effect: 'read', recording, stream, turn, start: from, end: to });
    sending = {
      ...sending,
      nextOffset: to,
      sentTo: Math.max(sending.sentTo, to),
      inHand: sending.inHand + 1,
    };
  }
  return [sending, effects];
}

function unitEnd({ layout }: Sending, offset: number): number {
  return offset >= layout.totalBytes ? layout.totalBytes : layout.start(layout.unitAt(offset) + 1);
}

/** Bytes arrived from the flash: they become a Data with the next tx_seq, or nothing if the window went back meanwhile. */
export function contentRead(sending: Sending, event: Extract<UploadEvent, { event: 'content' }>): Sent {
  if (event.turn !== sending.turn) return [{ ...sending, inHand: Math.max(0, sending.inHand - 1) }, []];
  const end = event.offset + event.bytes.byteLength;
  const isLastNow = end === sending.layout.totalBytes || end === sending.creditTo;
  const message = {
    type: 'data',
    stream: sending.stream,
    txSeq: sending.nextTxSeq,
    flags: isLastNow ? DATA_FLAG_ACK_NOW : 0,
    offset: event.offset,
    payload: event.bytes,
  } as const;
  return [{ ...sending, nextTxSeq: sending.nextTxSeq + 1 }, [{ effect: 'send', message }]];
}

/** The link took a fragment: there is room for the next. */
export function fragmentSent(sending: Sending): Sent {
  return [{ ...sending, inHand: Math.max(0, sending.inHand - 1) }, []];
}

/** Acks are absolute and may come late or twice: only what rises counts. */
export function acked(before: Sending, ack: Ack, nowUs: number): Sent {
  // Nobody can have received what was never sent: such an Ack is not this dock's.
  if (ack.receivedTo > before.sentTo) return [before, []];
  const progressed = ack.receivedTo > before.receivedTo || ack.durableTo > before.durableTo;
  const sending: Sending = {
    ...before,
    receivedTo: Math.max(before.receivedTo, ack.receivedTo),
    durableTo: Math.max(before.durableTo, ack.durableTo),
    creditTo: Math.max(before.creditTo, ack.creditTo),
    nextOffset: Math.max(before.nextOffset, ack.receivedTo),
    paused: ack.pause,
    progressAtUs: progressed ? nowUs : before.progressAtUs,
    retransmitMs: progressed ? RETRANSMIT_MS_MIN * 2 : before.retransmitMs,
  };
  const effects: UploadEffect[] = [];
  if (ack.durableTo > before.durableTo) {
    const { recordingId } = sending.recording;
    effects.push({
      effect: 'news',
      news: {
        news: 'progress',
        recordingId,
        durableBytes: sending.durableTo,
        totalBytes: sending.layout.totalBytes,
      },
    });
  }
  // A gap seen in fragments that were sent before the last rewind says nothing new.
  const isNewGap =
    ack.missing.length > 0 && ack.maxTxSeq >= sending.rewoundAtTxSeq && ack.receivedTo === sending.receivedTo;
  return [isNewGap ? rewind(sending, nowUs) : sending, effects];
}

/** Nothing rose for a while: what was sent, or what answered it, is lost. Sends the window again, less eagerly each time. */
export function sendingTick(sending: Sending, nowUs: number): Sent {
  const isWaiting =
    sending.nextOffset > sending.receivedTo && nowUs - sending.progressAtUs >= sending.retransmitMs * 1000;
  const isStarved =
    sending.nextOffset >= sending.creditTo && nowUs - sending.progressAtUs >= sending.retransmitMs * 1000;
  if (!isWaiting && !isStarved) return [sending, []];
  const retransmitMs = Math.min(sending.retransmitMs * 2, RETRANSMIT_MS_MAX);
  return [{ ...rewind(sending, nowUs), retransmitMs, paused: false }, []];
}

function rewind(sending: Sending, nowUs: number): Sending {
  return {
    ...sending,
    nextOffset: sending.receivedTo,
    turn: sending.turn + 1,
    rewoundAtTxSeq: sending.nextTxSeq,
    progressAtUs: nowUs,
  };
}
