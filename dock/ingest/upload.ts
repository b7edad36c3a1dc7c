import { blockLayout } from '../../proto/layout.ts';
import { CHUNK_BYTES_MAX } from '../../proto/limits.ts';
import { prefixDigest } from '../../proto/merkle.ts';
import { type Accept, type Ack, DATA_FLAG_ACK_NOW, type Data, type Offer } from '../../proto/messages.ts';
import type { Holding, HoldingKey } from '../ports.ts';
import { noteAcked, noteData, noteTime, startAcking, type Transport } from './acking.ts';
import { costOf, frontOf, isComplete, place, type Unit } from './assembly.ts';
import {
  askMemory,
  creditTo,
  FIRST_REACH,
  heldRanges,
  missingRanges,
  reachAfter,
  reachOfParked,
  withPlace,
} from './credit.ts';
import {
  type Changed,
  chunkComplete,
  type Judge,
  judgeManifest,
  manifestComplete,
  notOffered,
} from './judge.ts';
import type { IngestEffect, IngestEvent, Upload } from './state.ts';

type Leased = Extract<IngestEvent, { event: 'leased' }>;
type Kept = readonly [Upload, readonly IngestEffect[]];

/** Picks an upload up where the disk has it, with what an interrupted one left in memory. */
export function beginUpload(
  leased: Leased,
  from: { readonly offer: Offer; readonly suspectChunk: number | undefined },
  judge: Judge,
): Changed {
  const { holding } = leased;
  const found = durableUpload(leased, from, judge);
  if ('unlike' in found) return notOffered({ stream: leased.stream, key: keyOf(holding) }, found.unlike);
  const { upload: durable, rewrite } = found;
  const units = leased.parked.filter((unit) => fits(unit, durable));
  const useless = leased.parked.filter((unit) => !units.includes(unit));
  const released = useless.map((unit) => releaseOf(unit, leased.stream));
  const digests = digestsOf(durable, durable.layout.unitAt(durable.durableTo) - 1);
  const prefix =
    durable.durableTo === 0
      ? new Uint8Array()
      : prefixDigest(judge.context.sha256, holding.manifestSha256, digests);
  const taken = takeComplete({ ...durable, units, reach: reachOfParked(units), prefixDigest: prefix }, judge);
  if ('abandon' in taken) return taken;
  return settleMemory(taken[0], { effects: [...released, ...rewrite, ...taken[1]], nowUs: leased.nowUs });
}

interface Durable {
  readonly upload: Upload;
  /** The manifest again, when only now the wraps are there that belong beside it. */
  readonly rewrite: readonly IngestEffect[];
}

function durableUpload(
  { holding, stream, nowUs }: Leased,
  { offer, suspectChunk }: { readonly offer: Offer; readonly suspectChunk: number | undefined },
  judge: Judge,
): Durable | { readonly unlike: string } {
  const fresh: Upload = {
    key: keyOf(holding),
    offer,
    stream,
    leaseEpoch: holding.leaseEpoch,
    layout: blockLayout(offer.manifestBytes, 0, CHUNK_BYTES_MAX),
    digests: undefined,
    officer: undefined,
    condemned: holding.conflict === true ? 'recording-conflict' : undefined,
    units: [],
    reach: FIRST_REACH,
    nextUnit: 0,
    receivedTo: 0,
    durableTo: 0,
    seenTo: 0,
    memory: 'enough',
    suspectChunk,
    prefixDigest: new Uint8Array(),
    accept: undefined,
    acking: startAcking(nowUs),
  };
  const { signedManifest: signed, wraps: known } = holding;
  if (signed === undefined) return { upload: fresh, rewrite: [] };
  const judgement = judgeManifest(fresh, { signed, wraps: known }, judge);
  if ('unlike' in judgement) return judgement;
  const { upload: judged, wraps } = judgement;
  // Without a believable table the camera cannot check a prefix of blocks, so only the manifest counts as
  // resumed; the store takes the same block twice without harm.
  const nextUnit = 1 + (judged.digests === undefined ? 0 : holding.durableChunks);
  const durableTo = judged.layout.start(nextUnit);
  const { key } = fresh;
  return {
    upload: { ...judged, nextUnit, receivedTo: durableTo, durableTo, seenTo: durableTo },
    rewrite:
      wraps === undefined || wraps === known
        ? []
        : [{ effect: 'store-manifest', key, stream, bytes: signed, wraps }],
  };
}

/** What was parked counts only where it lies by this upload's own layout. */
function fits({ index, start, end }: Unit, { layout, nextUnit }: Upload): boolean {
  return (
    index >= nextUnit &&
    index < layout.unitCount &&
    layout.start(index) === start &&
    layout.start(index + 1) === end
  );
}

function digestsOf({ digests }: Upload, count: number): readonly Uint8Array[] {
  if (digests === undefined) return [];
  return Array.from({ length: count }, (_, index) => digests.subarray(index * 32, (index + 1) * 32));
}

/** Names the holding under this lease: a write under an older one is refused by the store. */
export function keyOf({ recordingId, manifestSha256, leaseEpoch }: Holding): HoldingKey {
  return { recordingId, manifestSha256, leaseEpoch };
}

/** Takes bytes in any order, up to the credit; what is complete is checked and goes to the store in order. */
export function dataArrived(before: Upload, data: Data, now: Judge & { readonly nowUs: number }): Changed {
  const credit = creditTo(before);
  const bytes = data.payload.subarray(0, Math.max(0, credit - data.offset));
  const placed = place(before.units, { offset: data.offset, bytes });
  const acking = noteData(
    before.acking,
    {
      txSeq: data.txSeq,
      asked: (data.flags & DATA_FLAG_ACK_NOW) !== 0,
      fresh: placed.fresh,
      repeated: placed.repeated || (bytes.byteLength > 0 && data.offset < before.durableTo),
    },
    now.nowUs,
  );
  const seenTo = Math.max(before.seenTo, Math.min(data.offset + data.payload.byteLength, credit));
  const reach = reachAfter(before, seenTo);
  const upload: Upload = { ...before, units: placed.units, reach, seenTo, acking };
  if (!placed.fresh) return settleMemory(upload, { effects: [], nowUs: now.nowUs });
  const taken = takeComplete(upload, now);
  if ('abandon' in taken) return taken;
  return settleMemory(taken[0], { effects: taken[1], nowUs: now.nowUs });
}

/** Goes on as far as bytes are there without a gap; every unit that is complete is checked and handed to the store. */
function takeComplete(start: Upload, judge: Judge): Changed {
  const effects: IngestEffect[] = [];
  let upload = start;
  for (;;) {
    const index = upload.nextUnit;
    const unit = upload.units.find((candidate) => candidate.index === index);
    if (unit === undefined || !isComplete(unit)) {
      const receivedTo = unit === undefined ? upload.layout.start(index) : frontOf(unit);
      return [{ ...upload, receivedTo: Math.max(upload.receivedTo, receivedTo) }, effects];
    }
    const { bytes } = unit;
    const changed =
      index === 0
        ? manifestComplete(upload, bytes, judge)
        : chunkComplete(upload, { index: index - 1, bytes }, judge.context);
    if ('abandon' in changed) return { ...changed, abandon: [...effects, ...changed.abandon] };
    effects.push(...changed[1]);
    const units = changed[0].units.map((other) => (other === unit ? { ...unit, writing: true } : other));
    upload = { ...changed[0], units, nextUnit: index + 1 };
  }
}

/** The store says that a unit survived a pulled plug: now, and only now, it is durable and its place is free. */
export function unitStored(before: Upload, event: Extract<IngestEvent, { event: 'stored' }>): Kept {
  const unit = before.units.find(({ index }) => index === event.unit);
  if (unit === undefined) return [before, []];
  const upload: Upload = {
    ...before,
    units: before.units.filter((other) => other !== unit),
    durableTo: Math.max(before.durableTo, unit.end),
    acking: { ...before.acking, due: true },
  };
  return settleMemory(upload, { effects: [releaseOf(unit, upload.stream)], nowUs: event.nowUs });
}

function releaseOf(unit: Unit, stream: number): IngestEffect {
  return { effect: 'release', stream, bytes: costOf(unit) };
}

/** The answer of the staging memory: there is a place now, or there will be. */
export function memoryAnswered(
  before: Upload,
  event: Extract<IngestEvent, { event: 'reserved' | 'crowded' }>,
): Kept {
  if (event.event === 'crowded') return crowded(before, event.nowUs);
  const upload = withPlace(before);
  // Whoever still has a place to fill hears of the next one with the Ack for that; others wait for nothing else.
  const last = before.units.at(-1);
  const hasRoom = last !== undefined && before.seenTo <= last.start && before.memory === 'short';
  const acking = { ...upload.acking, due: upload.acking.due || !hasRoom };
  return settleMemory({ ...upload, acking }, { effects: [], nowUs: event.nowUs });
}

/**
 * Waits for its turn. What was parked behind the unit that has no place is of no use before that one has come, and
 * would only keep the room from others; nobody has been told of it yet.
 */
function crowded(before: Upload, nowUs: number): Kept {
  const gap = before.layout.unitAt(creditTo(before));
  const behind = before.accept === undefined ? before.units.filter(({ index }) => index > gap) : [];
  const units = before.units.filter((unit) => !behind.includes(unit));
  const effects = behind.map((unit) => releaseOf(unit, before.stream));
  return settleMemory({ ...before, units, memory: 'short' }, { effects, nowUs });
}

/** Acks are repeated while nothing happens, since any of them may be lost. */
export function uploadTick(upload: Upload, nowUs: number, transport: Transport): Kept {
  const acking = noteTime(upload.acking, nowUs, transport);
  return settleMemory({ ...upload, acking }, { effects: [], nowUs });
}

/**
 * Ends every change: asks for memory, and says what is to be said unless the memory is about to answer, so that one
 * Ack tells of durable bytes and of the credit that came with them.
 */
function settleMemory(
  before: Upload,
  { effects, nowUs }: { readonly effects: readonly IngestEffect[]; readonly nowUs: number },
): Kept {
  const [upload, asked] = askMemory(before);
  const all = [...effects, ...asked];
  if (upload.memory === 'asked') return [upload, all];
  if (upload.accept === undefined) {
    const accept = acceptOf(upload);
    const opened: Upload = { ...upload, accept, acking: noteAcked(upload.acking, nowUs) };
    return [opened, [...all, { effect: 'send', message: accept }]];
  }
  if (!upload.acking.due) return [upload, all];
  const acked: Upload = { ...upload, acking: noteAcked(upload.acking, nowUs) };
  return [acked, [...all, { effect: 'send', message: ackOf(upload) }]];
}

/** Opens or resumes the upload, with the digest of what was durable. */
function acceptOf(upload: Upload): Accept {
  return {
    type: 'accept',
    sessionId: upload.offer.sessionId,
    recordingId: upload.key.recordingId,
    stream: upload.stream,
    leaseEpoch: upload.leaseEpoch,
    durableTo: upload.durableTo,
    prefixDigest: upload.prefixDigest,
    creditTo: creditTo(upload),
    receivedTo: upload.receivedTo,
    held: heldRanges(upload),
  };
}

function ackOf(upload: Upload): Ack {
  return {
    type: 'ack',
    stream: upload.stream,
    maxTxSeq: upload.acking.maxTxSeq,
    receivedTo: upload.receivedTo,
    durableTo: upload.durableTo,
    creditTo: creditTo(upload),
    missing: missingRanges(upload),
    pause: false,
    ...(upload.memory === 'short' ? { code: 'busy' as const } : {}),
  };
}
