import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { equal } from '../../proto/bytes.ts';
import { ProofError } from '../../proto/errors.ts';
import { isRecordingId, type RecordingId } from '../../proto/ids.ts';
import { type ChunkInfo, type Manifest, peekManifest } from '../../proto/manifest.ts';
import type { ClosedRecording, InterruptedRecording, RecordingHeader } from '../ports.ts';
import { type Disk, readRange, readWhole } from './disk.ts';
import { decodeHeader, decodeJournal } from './journal.ts';

/** Names of the files in a recording's folder. */
export const FILE = {
  header: 'header',
  chunks: 'chunks',
  journal: 'journal',
  manifest: 'manifest',
  receipt: 'receipt',
} as const;

/** One recording as its folder shows it after a start. */
export type Shelved =
  | { readonly at: 'interrupted'; readonly recording: InterruptedRecording }
  | { readonly at: 'closed'; readonly recording: ClosedRecording }
  | { readonly at: 'erased'; readonly counter: number; readonly root: Uint8Array }
  /** Something is there that nobody can read: kept for a person to look at, neither offered nor erased. */
  | { readonly at: 'damaged'; readonly counter: number | undefined; readonly why: string };

/**
 * Reads one recording's folder, and finishes what a power cut left half done there. Undefined when no recording
 * was ever begun in it; the folder is then gone.
 */
export async function readShelf(disk: Disk, folder: string): Promise<Shelved | undefined> {
  const header = await readWhole(disk, join(folder, FILE.header));
  const known = header && decodeHeader(header);
  const signed = await readWhole(disk, join(folder, FILE.manifest));
  if (signed) return readClosed(disk, folder, { signed, counter: known?.counter });
  if (known) return readOpen(disk, folder, known);
  if (header) return { at: 'damaged', counter: undefined, why: 'its header is not what was written' };
  if (((await disk.size(join(folder, FILE.chunks))) ?? 0) > 0) {
    return { at: 'damaged', counter: undefined, why: 'it has content but no header' };
  }
  await removeShelf(disk, folder);
  return undefined;
}

/** Takes a recording's folder away, its header last: while that is there, what is left is still a recording. */
export async function removeShelf(disk: Disk, folder: string): Promise<void> {
  const names = await disk.list(folder);
  for (const name of names) if (name !== FILE.header) await disk.remove(join(folder, name));
  await disk.syncFolder(folder);
  await disk.remove(join(folder, FILE.header));
  await disk.remove(folder);
  await disk.syncFolder(join(folder, '..'));
}

/** Frees the content of a recording whose receipt is durable. Manifest, header and receipt stay as its tombstone. */
export async function freeContent(disk: Disk, folder: string): Promise<void> {
  await disk.remove(join(folder, FILE.chunks));
  await disk.remove(join(folder, FILE.journal));
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

export function closedFrom(manifest: Manifest, signedManifest: Uint8Array): ClosedRecording {
  const { recordingId, counter, chunks, root, contentBytes } = manifest;
  return { recordingId, counter, signedManifest, chunks, root, contentBytes };
}

export function recordingOf(name: string): RecordingId | undefined {
  return isRecordingId(name) ? name : undefined;
}

async function readClosed(
  disk: Disk,
  folder: string,
  found: { readonly signed: Uint8Array; readonly counter: number | undefined },
): Promise<Shelved> {
  const manifest = attemptManifest(found.signed);
  if (typeof manifest === 'string') return { at: 'damaged', counter: found.counter, why: manifest };
  if (await readWhole(disk, join(folder, FILE.receipt))) {
    await freeContent(disk, folder);
    return { at: 'erased', counter: manifest.counter, root: manifest.root };
  }
  const size = (await disk.size(join(folder, FILE.chunks))) ?? 0;
  if (size < manifest.contentBytes) {
    return {
      at: 'damaged',
      counter: manifest.counter,
      why: `${size} of its ${manifest.contentBytes} bytes are there`,
    };
  }
  return { at: 'closed', recording: closedFrom(manifest, found.signed) };
}

async function readOpen(disk: Disk, folder: string, header: RecordingHeader): Promise<Shelved> {
  const journal = (await readWhole(disk, join(folder, FILE.journal))) ?? new Uint8Array();
  const entries = decodeJournal(journal).map(({ entry }) => entry);
  const logged = entries.flatMap((entry) => (entry.entry === 'chunk' ? [entry] : []));
  const sound = await soundChunks(
    disk,
    join(folder, FILE.chunks),
    logged.map(({ chunk }) => chunk),
  );
  const whole = wholeFragments(sound);
  // The first chunk is the init segment; without a fragment after it there is no footage to keep.
  const chunks = whole.length > 1 ? whole : [];
  const marks = entries.flatMap((entry) => (entry.entry === 'mark' ? [entry.mark] : []));
  const lastWritten = logged[chunks.length - 1]?.at ?? header.started;
  return { at: 'interrupted', recording: { header, chunks, marks, lastWritten } };
}

// The journal line of a chunk is written after its bytes are durable, so this finds a difference only when the
// medium lied; a recording must not be signed on its word.
async function soundChunks(
  disk: Disk,
  path: string,
  chunks: readonly ChunkInfo[],
): Promise<readonly ChunkInfo[]> {
  let start = 0;
  for (const [index, chunk] of chunks.entries()) {
    const end = start + chunk.storedBytes;
    const bytes = await readRange(disk, path, { start, end }).catch(() => new Uint8Array());
    if (!equal(createHash('sha256').update(bytes).digest(), chunk.sha256)) return chunks.slice(0, index);
    start = end;
  }
  return chunks;
}

function attemptManifest(signed: Uint8Array): Manifest | string {
  try {
    return peekManifest(signed);
  } catch (error) {
    if (error instanceof ProofError) return error.message;
    throw error;
  }
}
