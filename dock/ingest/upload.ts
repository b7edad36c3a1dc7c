import { equal } from '../../proto/bytes.ts';
import { ProofError } from '../../proto/errors.ts';
import type { RecordingId } from '../../proto/ids.ts';
import { blockLayout, type Layout, layoutOf } from '../../proto/layout.ts';
import {
  ACK_REPEAT_MS,
  CHUNK_BYTES_MAX,
  CREDIT_UNITS_PER_STREAM,
  STORED_CHUNK_BYTES_MAX,
} from '../../proto/limits.ts';
import { type Manifest, openManifest } from '../../proto/manifest.ts';
import { prefixDigest } from '../../proto/merkle.ts';
import {
  type Abort,
  type Accept,
  type Ack,
  DATA_FLAG_ACK_NOW,
  type Data,
  type Offer,
  type ByteRange,
} from '../../proto/messages.ts';
import type { Holding, HoldingKey } from '../ports.ts';
import type { IngestContext, IngestEffect, IngestEvent, Session, Upload } from './state.ts';

// Acks of received bytes keep the camera's retransmission timer quiet on a slow line; durable ones go out at once.
const ACK_EVERY_BYTES = 64 * 1024;
const ACK_EVERY_US = 100_000;

type Leased = Extract<IngestEvent, { event: 'leased' }>;
/** An upload that goes on, or one that ends here; `suspect` is a chunk that did not match the manifest. */
export type Changed =
  | readonly [Upload, readonly IngestEffect[]]
  | { readonly abandon: readonly IngestEffect[]; readonly suspect?: readonly [RecordingId, number] };

/** Picks an upload up where the disk has it. */
export function beginUpload(
  leased: Leased,
  from: { offer: Offer; session: Session; suspectChunk: number | undefined },
  context: IngestContext,
): Upload {
  const { offer, session, suspectChunk } = from;
  const { holding } = leased;
  const fresh: Upload = {
    key: keyOf(holding),
    offer,
    stream: leased.stream,
    leaseEpoch: holding.leaseEpoch,
    layout: blockLayout(offer.manifestBytes, 0, CHUNK_BYTES_MAX),
    manifest: undefined,
    condemned: holding.conflict === true ? 'recording-conflict' : undefined,
    assembly: undefined,
    receivedTo: 0,
    durableTo: 0,
    maxTxSeq: 0,
    seenTo: 0,
    writing: 0,
    suspectChunk,
    ackedTo: 0,
    ackedUs: leased.nowUs,
  };
  if (holding.signedManifest === undefined) return fresh;
  const judged = judgeManifest(fresh, holding.signedManifest, { session, context });
  // Without a believable table the camera cannot check a prefix of blocks, so only the manifest counts as
  // resumed; the store takes the same block twice without harm.
  const durableTo = judged.layout.start(1 + (judged.manifest === undefined ? 0 : holding.durableChunks));
  return { ...judged, receivedTo: durableTo, durableTo, seenTo: durableTo, ackedTo: durableTo };
}

/** Names the holding under this lease: a write under an older one is refused by the store. */
export function keyOf({ recordingId, manifestSha256, leaseEpoch }: Holding): HoldingKey {
  return { recordingId, manifestSha256, leaseEpoch };
}

/** The Accept that opens or resumes this upload, with the digest of what is durable already. */
export function acceptOf(
  upload: Upload,
  { session, holding }: { readonly session: Session; readonly holding: Holding },
  context: IngestContext,
): Accept {
  const digests =
    upload.manifest === undefined
      ? []
      : upload.manifest.chunks.slice(0, holding.durableChunks).map((chunk) => chunk.sha256);
  return {
    type: 'accept',
    sessionId: session.sessionId,
    recordingId: upload.key.recordingId,
    stream: upload.stream,
    leaseEpoch: upload.leaseEpoch,
    durableTo: upload.durableTo,
    prefixDigest:
      upload.durableTo === 0
        ? new Uint8Array()
        : prefixDigest(context.sha256, upload.key.manifestSha256, digests),
    creditTo: creditTo(upload),
    receivedTo: upload.receivedTo,
    held: [],
  };
}

/** Takes the bytes that go on where we are; reports a gap; throws repeats away. */
export function dataArrived(
  before: Upload,
  data: Data,
  now: { nowUs: number; session: Session; context: IngestContext },
): Changed {
  const end = data.offset + data.payload.byteLength;
  const upload: Upload = {
    ...before,
    maxTxSeq: Math.max(before.maxTxSeq, data.txSeq),
    seenTo: Math.max(before.seenTo, Math.min(end, creditTo(before))),
  };
  const isUseful = data.offset <= upload.receivedTo && end > upload.receivedTo && end <= creditTo(upload);
  if (!isUseful) return acknowledge(upload, now.nowUs);
  const taken = take(upload, data.payload.subarray(upload.receivedTo - data.offset), now);
  if ('abandon' in taken) return taken;
  const [next, effects] = taken;
  const isDue =
    (data.flags & DATA_FLAG_ACK_NOW) !== 0 ||
    next.receivedTo - next.ackedTo >= ACK_EVERY_BYTES ||
    now.nowUs - next.ackedUs >= ACK_EVERY_US ||
    next.receivedTo < end;
  if (!isDue) return [next, effects];
  const [acked, more] = acknowledge(next, now.nowUs);
  return [acked, [...effects, ...more]];
}

function take(before: Upload, bytes: Uint8Array, now: { session: Session; context: IngestContext }): Changed {
  const effects: IngestEffect[] = [];
  let upload = before;
  let rest = bytes;
  while (rest.byteLength > 0 && upload.receivedTo < upload.layout.totalBytes) {
    const unit = upload.layout.unitAt(upload.receivedTo);
    const unitEnd = upload.layout.start(unit + 1);
    const part = rest.subarray(0, unitEnd - upload.receivedTo);
    rest = rest.subarray(part.byteLength);
    const assembly = assemble(upload, part, { start: upload.layout.start(unit), end: unitEnd });
    upload = { ...upload, assembly, receivedTo: upload.receivedTo + part.byteLength };
    if (upload.receivedTo < unitEnd) break;
    upload = { ...upload, assembly: undefined };
    const changed =
      unit === 0
        ? manifestComplete(upload, assembly, now)
        : chunkComplete(upload, { index: unit - 1, bytes: assembly }, now.context);
    if ('abandon' in changed) return { ...changed, abandon: [...effects, ...changed.abandon] };
    upload = changed[0];
    effects.push(...changed[1]);
  }
  return [{ ...upload, seenTo: Math.max(upload.seenTo, upload.receivedTo) }, effects];
}

/**
 * Puts a fragment where it belongs in its unit. A fragment that is the whole unit stays where it is; for others there
 * is one buffer a unit, so a byte is copied once however small its fragment was.
 */
function assemble(upload: Upload, part: Uint8Array, unit: ByteRange): Uint8Array {
  const unitBytes = unit.end - unit.start;
  if (part.byteLength === unitBytes) return part;
  const assembly = upload.assembly ?? new Uint8Array(unitBytes);
  assembly.set(part, upload.receivedTo - unit.start);
  return assembly;
}

function manifestComplete(
  upload: Upload,
  bytes: Uint8Array,
  { session, context }: { session: Session; context: IngestContext },
): Changed {
  if (!equal(context.sha256(bytes), upload.offer.manifestSha256)) {
    const abort: Abort = {
      type: 'abort',
      stream: upload.stream,
      code: 'bad-manifest',
      class: 'never',
      message: 'the manifest sent is not the one offered',
      recordingId: upload.key.recordingId,
    };
    return { abandon: [{ effect: 'send', message: abort }] };
  }
  const judged = judgeManifest(upload, bytes, { session, context });
  return [
    { ...judged, writing: judged.writing + 1 },
    [{ effect: 'store-manifest', key: upload.key, stream: upload.stream, bytes }],
  ];
}

function chunkComplete(
  upload: Upload,
  { index, bytes }: { index: number; bytes: Uint8Array },
  context: IngestContext,
): Changed {
  const sha256 = context.sha256(bytes);
  const promised = upload.manifest?.chunks[index]?.sha256;
  const isWrong = promised !== undefined && !equal(sha256, promised);
  // Once may be the camera's memory on a bad day, so it is asked for the recording again; the same again is what
  // it holds, and that is kept aside instead of being asked for for ever.
  if (isWrong && upload.suspectChunk !== index) {
    const abort: Abort = {
      type: 'abort',
      stream: upload.stream,
      code: 'bad-chunk',
      class: 'restart-stream',
      message: `chunk ${index} is not what the manifest promises`,
      recordingId: upload.key.recordingId,
    };
    return { abandon: [{ effect: 'send', message: abort }], suspect: [upload.key.recordingId, index] };
  }
  const condemned = isWrong
    ? (upload.condemned ?? `chunk-mismatch: chunk ${index} is not what the manifest promises`)
    : upload.condemned;
  const store: IngestEffect = {
    effect: 'store-chunk',
    key: upload.key,
    stream: upload.stream,
    index,
    sha256,
    bytes,
  };
  return [{ ...upload, condemned, writing: upload.writing + 1 }, [store]];
}

/** Believes a manifest only when the camera's enrolled key signed it for this very recording; else condemns the recording. */
function judgeManifest(
  upload: Upload,
  signed: Uint8Array,
  { session, context }: { session: Session; context: IngestContext },
): Upload {
  const blocks = (): Layout =>
    blockLayout(upload.offer.manifestBytes, upload.offer.contentBytes, CHUNK_BYTES_MAX);
  const condemn = (why: string): Upload => ({
    ...upload,
    manifest: undefined,
    layout: blocks(),
    condemned: upload.condemned ?? why,
  });
  try {
    const manifest = openManifest(signed, session.publicKey, {
      sha256: context.sha256,
      verify: context.verify,
    });
    const mismatch = manifestMismatch(manifest, upload.offer, session);
    if (mismatch !== undefined) return condemn(`bad-manifest: ${mismatch}`);
    const layout = layoutOf(
      upload.offer.manifestBytes,
      manifest.chunks.map((chunk) => chunk.storedBytes),
    );
    return { ...upload, manifest, layout };
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    return condemn(`bad-manifest: ${error.message}`);
  }
}

function manifestMismatch(manifest: Manifest, offer: Offer, { cameraId }: Session): string | undefined {
  if (manifest.recordingId !== offer.recordingId) return 'it is about another recording';
  if (manifest.cameraId !== cameraId) return 'it is about another camera';
  if (manifest.contentBytes !== offer.contentBytes) return 'it promises another length than the offer';
  return undefined;
}

/** The store says that a unit survived a pulled plug: now, and only now, it is durable. */
export function unitStored(before: Upload, event: Extract<IngestEvent, { event: 'stored' }>): Changed {
  const durableTo = before.layout.start(event.unit + 1);
  const upload: Upload = {
    ...before,
    durableTo: Math.max(before.durableTo, durableTo),
    writing: before.writing - 1,
  };
  return acknowledge(upload, event.nowUs);
}

/** Acks are repeated while nothing happens, since any of them may be lost. */
export function uploadTick(upload: Upload, nowUs: number): Changed {
  const idleUs = nowUs - upload.ackedUs;
  const isDue =
    idleUs >= ACK_REPEAT_MS * 1000 || (upload.receivedTo > upload.ackedTo && idleUs >= ACK_EVERY_US);
  return isDue ? acknowledge(upload, nowUs) : [upload, []];
}

function acknowledge(upload: Upload, nowUs: number): readonly [Upload, readonly IngestEffect[]] {
  const missing = upload.seenTo > upload.receivedTo ? [{ start: upload.receivedTo, end: upload.seenTo }] : [];
  const ack: Ack = {
    type: 'ack',
    stream: upload.stream,
    maxTxSeq: upload.maxTxSeq,
    receivedTo: upload.receivedTo,
    durableTo: upload.durableTo,
    creditTo: creditTo(upload),
    missing,
    pause: false,
  };
  return [{ ...upload, ackedTo: upload.receivedTo, ackedUs: nowUs }, [{ effect: 'send', message: ack }]];
}

/** Memory for one upload is bounded by two chunks beyond what is durable; a manifest is one unit, whatever its size. */
function creditTo(upload: Upload): number {
  const unit = upload.layout.unitAt(upload.durableTo);
  const unitEnd = unit < upload.layout.unitCount ? upload.layout.start(unit + 1) : upload.layout.totalBytes;
  const window = Math.max(upload.durableTo + CREDIT_UNITS_PER_STREAM * STORED_CHUNK_BYTES_MAX, unitEnd);
  const total = upload.offer.manifestBytes + upload.offer.contentBytes;
  return Math.min(window, total);
}
