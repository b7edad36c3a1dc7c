import type { Layout } from '../../proto/layout.ts';
import { DATA_OVERHEAD_BYTES_MAX } from '../../proto/limits.ts';
import { type Accept, type ByteRange, DATA_FLAG_ACK_NOW, type Data } from '../../proto/messages.ts';
import type { ClosedRecording } from '../ports.ts';
import { probeAfterUs } from './rtt.ts';
import { clip, skip, subtract } from './ranges.ts';
import type { Frame } from './scoreboard.ts';
import type { Asked, Pace, Sending, UploadContext, UploadEffect, UploadEvent } from './state.ts';

/** An upload after an event, and what it wants done. */
export type Sent = readonly [Sending, readonly UploadEffect[]];

/** When something happened, and how long a PDU is on the line. */
export type Now = Pick<UploadContext, 'wireUs'> & { readonly nowUs: number };

// Read or waiting for the link while that is busy with others: a line must never wait for the flash. More adds memory.
const IN_HAND_FRAMES = 2;
// Small frames are over before a busy processor has read the next: then a few more.
const IN_HAND_BYTES = 1024;
const IN_HAND_FRAMES_MAX = 8;
// The line's speed is watched by an answer about so often.
const FLAG_EVERY_US = 100_000;
// A probe only asks for an answer, and on a busy machine it may come too early: then it must not cost a fragment.
const PROBE_BYTES_MAX = 1024;

/** Starts where the dock says it is; what it holds beyond is not sent. */
export function beginSending(
  accept: Accept,
  upload: { readonly recording: ClosedRecording; readonly layout: Layout; readonly pace: Pace },
  nowUs: number,
): Sending {
  const from = skip(accept.held, accept.receivedTo);
  return {
    ...upload,
    stream: accept.stream,
    nextTxSeq: 1,
    nextOffset: from,
    sentTo: from,
    receivedTo: accept.receivedTo,
    durableTo: accept.durableTo,
    creditTo: accept.creditTo,
    held: accept.held,
    isPaused: false,
    agreedUs: nowUs,
    ackedTxSeq: 0,
    flight: [],
    repairs: [],
    asked: [],
    inLane: 0,
    flaggedUs: nowUs,
    quietUs: nowUs,
    probes: 0,
  };
}

/** Asks the flash for what goes out next, as far as credit and the link allow. A fragment never spans two units. */
export function pump(start: Sending): Sent {
  const effects: UploadEffect[] = [];
  let sending = start;
  while (!sending.isPaused && inHand(sending) < inHandMax(sending)) {
    const wanted = nextRepair(sending) ?? nextNew(sending) ?? nextDoubtful(sending);
    if (wanted === undefined) break;
    effects.push(readOf(sending, wanted.range));
    sending = { ...wanted.sending, asked: [...sending.asked, { ...wanted.range, isProbe: false }] };
  }
  return [sending, effects];
}

function inHand({ asked, inLane }: Sending): number {
  return asked.length + inLane;
}

function inHandMax({ pace }: Sending): number {
  const frames = Math.ceil(IN_HAND_BYTES / pace.fragment.bytes);
  return Math.min(Math.max(frames, IN_HAND_FRAMES), IN_HAND_FRAMES_MAX);
}

type Wanted = { readonly range: ByteRange; readonly sending: Sending } | undefined;

function nextRepair(sending: Sending): Wanted {
  const [first, ...others] = sending.repairs;
  if (first === undefined) return undefined;
  const range = piece(sending, first);
  const rest = range.end < first.end ? [{ start: range.end, end: first.end }, ...others] : others;
  return { range, sending: { ...sending, repairs: rest } };
}

function nextNew(sending: Sending): Wanted {
  const { nextOffset: start, held, creditTo, layout } = sending;
  const hold = held.find((range) => range.start > start)?.start ?? layout.totalBytes;
  const end = Math.min(hold, creditTo, layout.totalBytes);
  if (end <= start) return undefined;
  const range = piece(sending, { start, end });
  return { range, sending: { ...sending, nextOffset: skip(held, range.end) } };
}

/**
 * The lowest Data of which nothing is known, though newer ones have been answered: on a line so bad that an Ack has no room for
 * all gaps, waiting for it to name them all would leave the line idle. Elsewhere gaps are named soon enough.
 */
function nextDoubtful(sending: Sending): Wanted {
  const { flight, ackedTxSeq, receivedTo, sentTo, asked, pace } = sending;
  const { bytes, bounds } = pace.fragment;
  if (bounds.min === bounds.max || bytes > bounds.min) return undefined;
  const open = flight.filter((frame) => frame.txSeq <= ackedTxSeq && frame.end > receivedTo);
  const lowest = open.reduce<Frame | undefined>(
    (low, frame) => (low === undefined || frame.start < low.start ? frame : low),
    undefined,
  );
  if (lowest === undefined) return undefined;
  const later = flight.filter((frame) => frame.txSeq > ackedTxSeq);
  const repairs = subtract(clip([lowest], { start: receivedTo, end: sentTo }), [...later, ...asked]);
  return nextRepair({ ...sending, flight: flight.filter((frame) => frame !== lowest), repairs });
}

/** The first piece of a range: about a fragment long, so that the pieces of what is left of the unit come out even. */
function piece({ layout, pace }: Sending, { start, end }: ByteRange): ByteRange {
  const unitEnd = Math.min(end, layout.start(layout.unitAt(start) + 1));
  const { bytes, bounds } = pace.fragment;
  const length = unitEnd - start;
  const pieces = Math.max(Math.round(length / bytes), Math.ceil(length / bounds.max));
  return { start, end: start + Math.ceil(length / Math.max(1, pieces)) };
}

function readOf({ recording, stream }: Sending, { start, end }: ByteRange): UploadEffect {
  return { effect: 'read', recording, stream, start, end };
}

/** Bytes arrived from the flash: they become a Data with the next tx_seq. What nobody asked for is nothing. */
export function contentRead(
  before: Sending,
  event: Extract<UploadEvent, { event: 'content' }>,
  { nowUs, wireUs }: Now,
): Sent {
  const start = event.offset;
  const end = start + event.bytes.byteLength;
  const wanted = before.asked.find((range) => range.start === start && range.end === end);
  if (wanted === undefined) return [before, []];
  const sending: Sending = { ...before, asked: before.asked.filter((range) => range !== wanted) };
  const isFlagged = mustAsk(sending, wanted, nowUs);
  const txSeq = sending.nextTxSeq;
  const message: Data = {
    type: 'data',
    stream: sending.stream,
    txSeq,
    flags: isFlagged ? DATA_FLAG_ACK_NOW : 0,
    offset: start,
    payload: event.bytes,
  };
  const onWireUs = wireUs(event.bytes.byteLength + DATA_OVERHEAD_BYTES_MAX);
  const { isProbe } = wanted;
  const frame = { txSeq, start, end, sentUs: nowUs, wireUs: onWireUs, isFlagged, isProbe };
  return [
    {
      ...sending,
      nextTxSeq: txSeq + 1,
      sentTo: Math.max(sending.sentTo, skip(sending.held, end)),
      flight: [...sending.flight, frame],
      inLane: sending.inLane + 1,
      flaggedUs: isFlagged ? nowUs : sending.flaggedUs,
      quietUs: nowUs + onWireUs,
    },
    [{ effect: 'send', message }],
  ];
}

/** Whether this Data asks for an Ack at once: as a probe, at the credit or the end, when nothing follows it, and now and then to time the line. */
function mustAsk(sending: Sending, wanted: Asked, nowUs: number): boolean {
  if (wanted.isProbe || nowUs - sending.flaggedUs >= FLAG_EVERY_US) return true;
  if (wanted.end === Math.min(sending.creditTo, sending.layout.totalBytes)) return true;
  return sending.asked.length === 0 && nextRepair(sending) === undefined && nextNew(sending) === undefined;
}

/** The link took a Data: there is room for the next. */
export function fragmentSent(sending: Sending, nowUs: number): Sent {
  const wireUs = sending.flight.at(-1)?.wireUs ?? 0;
  const quietUs = Math.max(sending.quietUs, nowUs + wireUs);
  return [{ ...sending, inLane: Math.max(0, sending.inLane - 1), quietUs }, []];
}

/** When to probe, by the monotonic clock; undefined while Data is on hand, nothing is out, or the dock said to pause. */
export function probeDueUs(sending: Sending): number | undefined {
  const { sentTo, receivedTo, isPaused, quietUs, pace, probes } = sending;
  if (sentTo <= receivedTo || isPaused || inHand(sending) > 0) return undefined;
  return quietUs + probeAfterUs(pace.trip, probes);
}

/** Nobody answered in time: sends the newest bytes again, so that the answer names whatever is missing before them. */
export function sendingTick(sending: Sending, nowUs: number): Sent {
  const dueUs = probeDueUs(sending);
  if (dueUs === undefined || nowUs < dueUs) return [sending, []];
  const range = newest(sending);
  const probing = {
    ...sending,
    probes: sending.probes + 1,
    quietUs: nowUs,
    asked: [...sending.asked, { ...range, isProbe: true }],
  };
  return [probing, [readOf(sending, range)]];
}

/** The end of the highest Data that nobody has answered for. */
function newest({ flight, layout, pace, receivedTo, sentTo, probes }: Sending): ByteRange {
  let top: ByteRange = { start: receivedTo, end: sentTo };
  let highest = receivedTo;
  for (const frame of flight) {
    if (frame.end <= highest) continue;
    highest = frame.end;
    top = frame;
  }
  const { bytes: usual, bounds } = pace.fragment;
  const least = Math.min(bounds.min, PROBE_BYTES_MAX);
  const bytes = Math.max(least, Math.ceil(Math.min(usual, PROBE_BYTES_MAX) / 2 ** probes));
  const unitStart = layout.start(layout.unitAt(top.end - 1));
  return { start: Math.max(top.start, unitStart, top.end - bytes), end: top.end };
}
