import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EntryOf } from '../../proto/custody-fields.ts';
import type { Manifest } from '../../proto/manifest.ts';
import { ChunkIndex, checkChunks } from '../ledger/verify/chunks.ts';
import { type Finding, Findings } from '../ledger/verify/finding.ts';
import { type About, checkSmallFiles, signerOf } from '../ledger/verify/recording.ts';
import { readStamps } from '../ledger/verify/stamps.ts';
import type { SignedRecording } from './derived.ts';
import { PackageError } from './errors.ts';

/** A recording as the dock's store keeps it, read from its folder. */
export interface RecordingFolder {
  readonly recording: SignedRecording;
  readonly wraps: Uint8Array | undefined;
  readonly stamps: Uint8Array;
  /** Epochs of the dock's clock that its stamps and its entry name. */
  readonly epochs: ReadonlySet<number>;
  /** As it is on disk, not checked. */
  readChunk(index: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Opens `<store>/<recording>` and holds all its files against the ledger, so that no export is recorded that cannot be made.
 * Throws PackageError PACKAGE_DAMAGED, with the first thing that does not hold.
 */
export async function openRecording(
  store: string,
  { placed, enrolled }: Pick<About, 'placed' | 'enrolled'>,
): Promise<RecordingFolder> {
  const { entry } = placed;
  const dir = join(store, entry.recording);
  const read = (name: string): Promise<Uint8Array | undefined> => readIfThere(join(dir, name));
  const files = {
    manifest: await read('manifest'),
    wraps: await read('wraps'),
    stamps: await read('stamps'),
  };
  const findings = new Findings();
  const about = { folder: entry.recording, placed, enrolled, epochs: undefined, findings };
  const manifest = checkSmallFiles(files, about, { isDestroyed: false });
  if (manifest !== undefined)
    await checkChunks(
      { dir: store, recording: entry.recording, chunks: manifest.chunks },
      new ChunkIndex([]),
      findings,
    );
  const [problem] = findings.list;
  if (problem !== undefined) throw damaged(problem);
  const cameraKey = files.manifest && signerOf(files.manifest, about);
  const { stamps } = files;
  if (
    manifest === undefined ||
    files.manifest === undefined ||
    cameraKey === undefined ||
    stamps === undefined
  )
    throw damaged({ file: dir, message: 'is not whole' });
  const chunks = await openChunks(dir, manifest);
  return {
    recording: { signed: files.manifest, manifest, cameraKey },
    wraps: files.wraps,
    stamps,
    epochs: epochsOf(entry, stamps),
    ...chunks,
  };
}

async function openChunks(
  dir: string,
  manifest: Manifest,
): Promise<Pick<RecordingFolder, 'readChunk' | 'close'>> {
  const file = await open(join(dir, 'chunks'), 'r');
  const starts = [0];
  for (const { storedBytes } of manifest.chunks) starts.push((starts.at(-1) ?? 0) + storedBytes);
  return {
    async readChunk(index) {
      const [start = 0, end = 0] = starts.slice(index, index + 2);
      const bytes = Buffer.alloc(end - start);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
      return bytes.subarray(0, bytesRead);
    },
    close: () => file.close(),
  };
}

function epochsOf(entry: EntryOf<'accepted'>, stamps: Uint8Array): ReadonlySet<number> {
  const named = [entry.epoch, ...(readStamps(stamps) ?? []).map(({ epoch }) => epoch)];
  return new Set(named.filter((epoch) => epoch !== undefined));
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(cause))) return undefined;
    throw new PackageError('PACKAGE_IO', `${path} cannot be read (${codeOf(cause)})`, {
      retry: 'later',
      cause,
    });
  }
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
}

function damaged({ file, index, message }: Pick<Finding, 'file' | 'index' | 'message'>): PackageError {
  const place = index === undefined ? file : `${file} [${index}]`;
  return new PackageError('PACKAGE_DAMAGED', `${place} ${message}; "holdfast verify" says more`, {
    retry: 'never',
  });
}
