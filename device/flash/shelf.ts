import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { equal } from '../../proto/bytes.ts';
import { ProofError } from '../../proto/errors.ts';
import { GrowingRoot } from '../../proto/growing-root.ts';
import { type Head, openHead } from '../../proto/head.ts';
import { isRecordingId, type RecordingId } from '../../proto/ids.ts';
import { type ChunkInfo, type Manifest, peekManifest } from '../../proto/manifest.ts';
import type { ClosedRecording, InterruptedRecording } from '../ports.ts';
import { type Disk, readRange, readWhole } from './disk.ts';
import { FlashError, isReadOnly } from './error.ts';
import { decodeHeader, decodeJournal, type Entry, type HeaderFile, headsIn } from './journal.ts';

/** Names of the files in a recording's folder. */
export const FILE = {
  header: 'header',
  wraps: 'wraps',
  chunks: 'chunks',
  journal: 'journal',
  manifest: 'manifest',
  receipt: 'receipt',
} as const;

/** One recording as its folder shows it after a start. */
export type Shelved =
  | { readonly at: 'interrupted'; readonly recording: InterruptedRecording }
  | { readonly at: 'closed'; readonly recording: ClosedRecording }
  | {
      readonly at: 'erased';
      readonly counter: number;
      readonly root: Uint8Array;
      readonly isSealed: boolean;
    }
  /** Something is there that nobody can read: kept for a person to look at, neither offered nor erased. */
  | {
      readonly at: 'damaged';
      readonly counter: number | undefined;
      readonly why: string;
      readonly isSealed: boolean;
    };

/** Reads a SignedHead, undefined for one that does not count. */
export type HeadOf = (signed: Uint8Array) => Head | undefined;

/**
 * Reads one recording's folder, and finishes what a power cut left half done there. Undefined when no recording
 * was ever begun in it; the folder is then gone. With `headOf`, footage counts only as far as a head that it reads stands behind it.
 */
export async function readShelf(disk: Disk, folder: string, headOf?: HeadOf): Promise<Shelved | undefined> {
  const header = await readWhole(disk, join(folder, FILE.header));
  const known = header && decodeHeader(header);
  const signed = await readWhole(disk, join(folder, FILE.manifest));
  const wraps = await readWhole(disk, join(folder, FILE.wraps));
  if (signed) return readClosed(disk, folder, { signed, known, wraps });
  if (known) return readOpenOrSetAside(disk, folder, { known, wraps, headOf });
  const lost = { at: 'damaged', counter: undefined, isSealed: wraps !== undefined } as const;
  if (header) return { ...lost, why: 'its header is not what was written' };
  if (((await disk.size(join(folder, FILE.chunks))) ?? 0) > 0) {
    return { ...lost, why: 'it has content but no header' };
  }
  await asFarAsItCan(removeShelf(disk, folder));
  return undefined;
}

/** Tidying up waits for a memory that takes it; one that can only be read is left as it is. */
async function asFarAsItCan(tidying: Promise<void>): Promise<void> {
  try {
    await tidying;
  } catch (error) {
    if (!isReadOnly(error)) throw error;
  }
}

/**
 * Takes a recording's folder away: its journal first, without which it holds no footage, and its header last: while that is
 * there, what is left is still a recording.
 */
export async function removeShelf(disk: Disk, folder: string): Promise<void> {
  await disk.remove(join(folder, FILE.journal));
  await disk.syncFolder(folder);
  const names = await disk.list(folder);
  for (const name of names) if (name !== FILE.header) await disk.remove(join(folder, name));
  await disk.syncFolder(folder);
  await disk.remove(join(folder, FILE.header));
  await disk.remove(folder);
  await disk.syncFolder(join(folder, '..'));
}

/**
 * Frees the content of a recording whose receipt is durable, and the wraps, which open what is elsewhere by now. Manifest,
 * header and receipt stay as its tombstone.
 */
export async function freeContent(disk: Disk, folder: string): Promise<void> {
  for (const name of [FILE.chunks, FILE.journal, FILE.wraps]) await disk.remove(join(folder, name));
  await disk.syncFolder(folder);
}

/** Writes a small file so that it is either wholly there under its name or not at all. */
export async function writeWhole(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.tmp`;
  try {
    const file = await disk.open(draft, 'write');
    try {
      await file.truncate(0);
      await file.write([bytes], 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await disk.rename(draft, path);
  } catch (error) {
    await disk.remove(draft).catch(() => undefined);
    throw error;
  }
  await disk.syncFolder(join(path, '..'));
}

/** The chunks up to the last that ends a fragment: what a player can play to its end. */
export function wholeFragments(chunks: readonly ChunkInfo[]): readonly ChunkInfo[] {
  return chunks.slice(0, chunks.findLastIndex((chunk) => chunk.endOfFragment) + 1);
}

export function closedFrom(
  manifest: Manifest,
  signedManifest: Uint8Array,
  wraps: Uint8Array | undefined,
): ClosedRecording {
  const { recordingId, counter, chunks, root, contentBytes, critical } = manifest;
  const urgency = critical === undefined ? {} : { critical };
  const recording = { recordingId, counter, signedManifest, chunks, root, contentBytes, ...urgency };
  return wraps === undefined ? recording : { ...recording, wraps };
}

export function recordingOf(name: string): RecordingId | undefined {
  return isRecordingId(name) ? name : undefined;
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

async function readClosed(
  disk: Disk,
  folder: string,
  found: {
    readonly signed: Uint8Array;
    readonly known: HeaderFile | undefined;
    readonly wraps: Uint8Array | undefined;
  },
): Promise<Shelved> {
  const manifest = attemptManifest(found.signed);
  if (typeof manifest === 'string') {
    const header = found.known?.header;
    const isSealed = header?.suite === 1 || found.wraps !== undefined;
    return { at: 'damaged', counter: header?.counter, why: manifest, isSealed };
  }
  const { counter, root, contentBytes, wrapsSha256 } = manifest;
  const isSealed = manifest.suite === 1;
  if (await readWhole(disk, join(folder, FILE.receipt))) {
    await asFarAsItCan(freeContent(disk, folder));
    return { at: 'erased', counter, root, isSealed };
  }
  const size = (await disk.size(join(folder, FILE.chunks))) ?? 0;
  if (size < contentBytes) {
    return { at: 'damaged', counter, why: `${size} of its ${contentBytes} bytes are there`, isSealed };
  }
  if (!areWraps(found.wraps, wrapsSha256)) return { at: 'damaged', counter, why: BAD_WRAPS, isSealed };
  const wraps = isSealed ? found.wraps : undefined;
  return { at: 'closed', recording: closedFrom(manifest, found.signed, wraps) };
}

const BAD_WRAPS = 'its wraps, without which nobody can open it, are not what was written';

/** Whether these are the wraps with that digest; an unsealed recording has none, and needs none. */
export function areWraps(wraps: Uint8Array | undefined, digest: Uint8Array | undefined): boolean {
  return digest === undefined || (wraps !== undefined && equal(sha256(wraps), digest));
}

/** An open recording's small files, as they were read. */
interface OpenFiles {
  readonly known: HeaderFile;
  readonly wraps: Uint8Array | undefined;
  readonly headOf: HeadOf | undefined;
}

/**
 * What is signed as lost is cut off. A medium that fails to read says nothing about what is there and may read it at the next
 * start, so then everything stays as it is.
 */
async function readOpenOrSetAside(disk: Disk, folder: string, found: OpenFiles): Promise<Shelved> {
  try {
    return await readOpen(disk, folder, found);
  } catch (error) {
    if (!(error instanceof FlashError)) throw error;
    const { counter, suite } = found.known.header;
    return { at: 'damaged', counter, why: `it cannot be read: ${error.message}`, isSealed: suite === 1 };
  }
}

async function readOpen(disk: Disk, folder: string, found: OpenFiles): Promise<Shelved> {
  const { headOf } = found;
  const { header, wrapsSha256 } = found.known;
  const isSealed = header.suite === 1;
  const { counter } = header;
  const journal = (await readWhole(disk, join(folder, FILE.journal))) ?? new Uint8Array();
  const entries = decodeJournal(journal).map(({ entry }) => entry);
  const logged = entries.flatMap((entry) => (entry.entry === 'chunk' ? [entry] : []));
  const sound = await soundChunks(disk, join(folder, FILE.chunks), {
    recordingId: header.recordingId,
    entries,
    headOf,
  });
  const whole = wholeFragments(sound);
  // The first chunk is the init segment; without a fragment after it there is no footage to keep.
  const chunks = whole.length > 1 ? whole : [];
  const { head, chunks: said } = furthestHead(journal, header.recordingId, headOf);
  const promised = promisedIn(
    logged.map(({ chunk }) => chunk),
    headOf,
  );
  if (chunks.length === 0 && Math.max(promised, said) > 1)
    return { at: 'damaged', counter, why: 'none of the footage in its journal is there', isSealed };
  if (chunks.length > 0 && !areWraps(found.wraps, wrapsSha256))
    return { at: 'damaged', counter, why: BAD_WRAPS, isSealed };
  const marks = entries.flatMap((entry) => (entry.entry === 'mark' ? [entry.mark] : []));
  const notes = entries.flatMap((entry) => (entry.entry === 'note' ? [entry.note] : []));
  const lastWritten = logged[chunks.length - 1]?.at ?? header.started;
  return {
    at: 'interrupted',
    recording: {
      header,
      chunks,
      marks,
      ...(notes.length === 0 ? {} : { notes }),
      lastWritten,
      ...(isSealed && found.wraps !== undefined ? { wraps: found.wraps } : {}),
      ...(head === undefined ? {} : { head }),
    },
  };
}

/**
 * The chunks up to the first whose bytes are not those of its journal line, or, where a head names other chunks than the
 * journal, up to the last head that fits. A line is written after its bytes are durable, so this finds a difference only when the
 * medium lied or somebody was at it; a recording must not be signed on its word. Whoever can write bytes and lines can write
 * heads too, so where it can be told whose they are, nothing counts without one.
 */
async function soundChunks(
  disk: Disk,
  path: string,
  journal: {
    readonly recordingId: RecordingId;
    readonly entries: readonly Entry[];
    readonly headOf: HeadOf | undefined;
  },
): Promise<readonly ChunkInfo[]> {
  const { recordingId, entries, headOf } = journal;
  const sound: ChunkInfo[] = [];
  const root = new GrowingRoot(sha256);
  let [start, vouchedFor] = [0, 0];
  for (const entry of entries) {
    if (entry.entry === 'head') {
      if (!fits((headOf ?? peekHead)(entry.head), recordingId, root)) return sound.slice(0, vouchedFor);
      vouchedFor = root.size;
    } else if (entry.entry === 'chunk') {
      const end = start + entry.chunk.storedBytes;
      const bytes = await readRange(disk, path, { start, end }).catch(noneIfMissing);
      if (!equal(sha256(bytes), entry.chunk.sha256)) break;
      root.add(entry.chunk.sha256);
      sound.push(entry.chunk);
      start = end;
    }
  }
  return headOf === undefined ? sound : sound.slice(0, vouchedFor);
}

function noneIfMissing(error: unknown): Uint8Array {
  if (error instanceof FlashError && error.facts['code'] === 'ENOENT') return new Uint8Array();
  throw error;
}

function fits(said: Head | undefined, recordingId: RecordingId, root: GrowingRoot): boolean {
  return said?.recordingId === recordingId && said.chunks === root.size && equal(said.root, root.root());
}

/** Chunks that were surely kept. A fragment whose head a power cut tore off was not: nobody was told that it is there. */
function promisedIn(logged: readonly ChunkInfo[], headOf: HeadOf | undefined): number {
  const whole = wholeFragments(logged);
  return headOf === undefined ? whole.length : wholeFragments(whole.slice(0, -1)).length;
}

/** The head of this recording that names most chunks: an older one, written again behind it, must not hide a loss. */
function furthestHead(
  journal: Uint8Array,
  recordingId: RecordingId,
  headOf: HeadOf = peekHead,
): { readonly head: Uint8Array | undefined; readonly chunks: number } {
  let [head, chunks]: [Uint8Array | undefined, number] = [undefined, 0];
  for (const signed of headsIn(journal)) {
    const said = headOf(signed);
    if (said?.recordingId === recordingId && said.chunks > chunks) [head, chunks] = [signed, said.chunks];
  }
  return { head, chunks };
}

/** Whose signature it is, is for recovery to check, which has the key. */
function peekHead(head: Uint8Array): Head | undefined {
  try {
    return openHead(head, new Uint8Array(), { verify: () => true });
  } catch (error) {
    if (error instanceof ProofError) return undefined;
    throw error;
  }
}

function attemptManifest(signed: Uint8Array): Manifest | string {
  try {
    return peekManifest(signed);
  } catch (error) {
    if (error instanceof ProofError) return error.message;
    throw error;
  }
}
