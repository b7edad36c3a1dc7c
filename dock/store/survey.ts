import { join } from 'node:path';
import { equal, fromHex } from '../../proto/bytes.ts';
import type { HexDigest } from '../../proto/custody-fields.ts';
import { type CameraId, isRecordingId, type RecordingId } from '../../proto/ids.ts';
import { type Manifest, peekManifest } from '../../proto/manifest.ts';
import type { HoldingKey, Settlement } from '../ports.ts';
import type { Workshop } from './chunk-writer.ts';
import { ROT } from './keeper.ts';
import { sha256 } from './manifests.ts';
import { readRefusal, type Refusal } from './refusal.ts';
import type { ChunkRow, NewHolding } from './rows.ts';
import { parseStamps, type StampLine } from './stamps.ts';
import { readWhole } from './whole.ts';

/** What the files do not tell about a recording, and the ledger may. */
export interface Memory {
  readonly cameraId?: CameraId;
  readonly contentBytes?: number;
  readonly transport?: 'serial' | 'mqtt';
  /** Present when the ledger has an accepted or refused entry for exactly this manifest. */
  readonly settlement?: Settlement;
  /** Digest of the stamps file that was accepted. */
  readonly stamps?: HexDigest;
  /** The ledger says that its footage was destroyed at the end of its time. */
  readonly destroyed?: true;
}

/** Asked once for each recording that is entered into the index again. */
export type Remember = (found: HoldingKey) => Promise<Memory | undefined>;

/** A holding as its folder and the ledger together tell it. */
export interface Surveyed {
  readonly holding: NewHolding;
  readonly chunks: readonly ChunkRow[];
  readonly memory: Memory | undefined;
}

type Files = Pick<Workshop, 'disk' | 'root'>;

/**
 * Reads what a folder under `recordings/` is: a recording that was complete, as its stamps file, which is made only once every
 * chunk has been read back, agrees with its manifest. Undefined for anything else: it was never in custody by a receipt, or
 * does not explain itself.
 */
export async function surveyRecording(
  name: string,
  files: Files,
  remember: Remember,
): Promise<Surveyed | undefined> {
  if (!isRecordingId(name)) return undefined;
  const folder = `recordings/${name}`;
  const { signed, manifest, stamps, lines } = await readPapers(folder, files);
  if (signed === undefined || manifest === undefined || stamps === undefined || lines === undefined)
    return undefined;
  if (manifest.recordingId !== name || !areOf(lines, manifest)) return undefined;
  const manifestSha256 = sha256(signed);
  const memory = await remember({ recordingId: name, manifestSha256 });
  const { wrapsSha256 } = manifest;
  const holding: NewHolding = {
    ...{ recordingId: name, manifestSha256, cameraId: manifest.cameraId, folder },
    // Without a memory the transport is anyone's guess, and it is set right when the camera next takes a lease.
    transport: memory?.transport ?? 'mqtt',
    ...{ manifestBytes: signed.length, contentBytes: manifest.contentBytes },
    ...(await fateOf(folder, memory, files)),
    ...{ conflict: false, leaseEpoch: 0, hasManifest: true },
    ...(wrapsSha256 === undefined ? {} : { wrapsSha256 }),
    stamps: { sha256: stampsDigest(memory, stamps), chunks: lines.length },
  };
  return { holding, chunks: chunkRows(lines, sizesOf(manifest)), memory };
}

/**
 * Reads what a folder under `quarantine/` is, by the ledger's word and by what was written beside its files; for folders of older docks by what
 * is left. Undefined for what the ledger does not know: it stays where it is, and is nobody's.
 */
export async function surveyQuarantined(
  name: string,
  files: Files,
  remember: Remember,
): Promise<Surveyed | undefined> {
  const recordingId = name.slice(0, 32);
  if (!isRecordingId(recordingId)) return undefined;
  const folder = `quarantine/${name}`;
  const papers = await readPapers(folder, files);
  const refusal = await readRefusal(join(files.root, folder), files);
  const manifestSha256 = refusal?.manifestSha256 ?? (papers.signed && sha256(papers.signed));
  if (manifestSha256 === undefined) return undefined;
  const key = { recordingId, manifestSha256 };
  const memory = await remember(key);
  const kept = memory && keptOf(refusal, memory, papers);
  if (memory === undefined || kept === undefined) return undefined;
  const fate = await quarantineFate({ folder, recordingId, kept }, memory, files);
  if (fate === undefined) return undefined;
  const chunks = chunkRows(papers.lines ?? [], kept.chunkBytes);
  const { cameraId, transport, manifestBytes, contentBytes, conflict, hasManifest, wrapsSha256 } = kept;
  const digest = memory.stamps ?? (papers.stamps && sha256(papers.stamps));
  const stamps = digest === undefined ? undefined : { sha256: toBytes(digest), chunks: chunks.length };
  const holding: NewHolding = {
    ...{
      ...key,
      cameraId,
      transport,
      manifestBytes,
      contentBytes,
      conflict,
      folder,
      leaseEpoch: 0,
      hasManifest,
    },
    ...fate,
    ...(wrapsSha256 === undefined ? {} : { wrapsSha256 }),
    ...(stamps === undefined || chunks.length === 0 ? {} : { stamps }),
  };
  return { holding, chunks, memory };
}

/** The small files of a folder, as far as they can be read. */
interface Papers {
  readonly signed: Uint8Array | undefined;
  readonly manifest: Manifest | undefined;
  readonly stamps: Uint8Array | undefined;
  readonly lines: readonly StampLine[] | undefined;
}

async function readPapers(folder: string, { disk, root }: Files): Promise<Papers> {
  const signed = await readWhole(disk, join(root, folder, 'manifest'));
  const stamps = await readWhole(disk, join(root, folder, 'stamps'));
  const lines = stamps && parseStamps(stamps);
  return { signed, stamps, lines, manifest: signed && peek(signed) };
}

function peek(signed: Uint8Array): Manifest | undefined {
  try {
    return peekManifest(signed);
  } catch {
    return undefined;
  }
}

function areOf(lines: readonly StampLine[], { chunks }: Manifest): boolean {
  const none = new Uint8Array(0);
  return (
    chunks.length === lines.length &&
    chunks.every((chunk, i) => equal(chunk.sha256, lines[i]?.sha256 ?? none))
  );
}

type Fate = Pick<NewHolding, 'state' | 'entryIndex' | 'reason' | 'movingTo' | 'destroying' | 'rotFrom'>;

async function fateOf(folder: string, memory: Memory | undefined, files: Files): Promise<Fate> {
  const settlement = memory?.settlement;
  // What was refused and lies here still has its move to quarantine before it.
  if (settlement?.state !== 'held') return { state: 'incoming' };
  const { entryIndex } = settlement;
  return memory?.destroyed === true ? goneFrom(folder, entryIndex, files) : { state: 'held', entryIndex };
}

interface Aside {
  readonly folder: string;
  readonly recordingId: RecordingId;
  readonly kept: Kept;
}

async function quarantineFate(
  { folder, recordingId, kept }: Aside,
  { settlement, destroyed }: Memory,
  files: Files,
): Promise<Fate | undefined> {
  if (settlement === undefined) return undefined;
  const { entryIndex } = settlement;
  const isRotten = settlement.state === 'held';
  if (destroyed === true) {
    const gone = await goneFrom(folder, entryIndex, files);
    return isRotten ? { ...gone, movingTo: `recordings/${recordingId}` } : { ...gone, reason: kept.reason };
  }
  if (!isRotten) return { state: 'quarantined', entryIndex, reason: kept.reason };
  // Nothing but rot brings what was accepted here; where it begins is found by reading.
  return { state: 'quarantined', entryIndex, reason: ROT, rotFrom: kept.rotFrom ?? 0 };
}

/** What was destroyed, as far as it is gone. */
async function goneFrom(folder: string, entryIndex: number, { disk, root }: Files): Promise<Fate> {
  const sizes = ['chunks', 'wraps'].map((name) => disk.size(join(root, folder, name)));
  const remains = (await Promise.all(sizes)).some((size) => size !== undefined);
  return { state: 'destroyed', entryIndex, ...(remains ? { destroying: true as const } : {}) };
}

type Kept = Omit<Refusal, 'manifestSha256'>;

/** What was written beside the files, or the best guess for folders of docks that wrote nothing. */
function keptOf(
  refusal: Refusal | undefined,
  memory: Memory,
  { signed, manifest }: Papers,
): Kept | undefined {
  if (refusal !== undefined) return refusal;
  const { settlement, cameraId, contentBytes } = memory;
  if (cameraId === undefined || contentBytes === undefined || settlement === undefined) return undefined;
  const reason = settlement.state === 'quarantined' ? settlement.reason : ROT;
  const wrapsSha256 = manifest?.wrapsSha256;
  return {
    ...{ cameraId, contentBytes, reason, hasManifest: signed !== undefined },
    transport: memory.transport ?? 'mqtt',
    manifestBytes: signed?.length ?? 0,
    conflict: reason === 'recording-conflict',
    chunkBytes: manifest === undefined ? [] : sizesOf(manifest),
    ...(wrapsSha256 === undefined ? {} : { wrapsSha256 }),
  };
}

const sizesOf = ({ chunks }: Manifest): readonly number[] => chunks.map(({ storedBytes }) => storedBytes);

function chunkRows(lines: readonly StampLine[], sizes: readonly number[]): readonly ChunkRow[] {
  if (lines.length > sizes.length) return [];
  let offset = 0;
  return lines.map(({ chunk, sha256: digest, stamp }) => {
    const bytes = sizes[chunk] ?? 0;
    const row = { index: chunk, offset, bytes, sha256: digest, stamp };
    offset += bytes;
    return row;
  });
}

/** The ledger's word on the stamps goes before what lies there. */
function stampsDigest(memory: Memory | undefined, stamps: Uint8Array): Uint8Array {
  const isHeld = memory?.settlement?.state === 'held';
  return isHeld && memory?.stamps !== undefined ? fromHex(memory.stamps) : sha256(stamps);
}

const toBytes = (digest: HexDigest | Uint8Array): Uint8Array =>
  typeof digest === 'string' ? fromHex(digest) : digest;
