import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { STORED_CHUNK_BYTES_MAX } from '../../proto/limits.ts';
import type { Findings } from '../ledger/verify/finding.ts';
import { chunkAt, isContent } from './layout.ts';
import { Seams } from './seams.ts';

/** A file of a package, read once. */
export interface PackedFile {
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** Undefined for content, which is only hashed. */
  readonly content: Uint8Array | undefined;
}

// The largest manifest is 4 MiB; its stamps and the listing of its chunks are twice as long.
const SMALL_BYTES_MAX = 16 * 1024 * 1024;
const SMALL_BYTES_SUM_MAX = 128 * 1024 * 1024;
// The longest recording has 40,000 chunks; two files a ledger entry leave room for a lively history.
const FILES_MAX = 200_000;
const PATH = /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+){0,7}$/;
const PATH_BYTES_MAX = 200;
const STORED = 0;
// Another name for one file, which some programs obey and some do not.
const UNICODE_PATH_FIELD = 0x70_75;
const FILE_TYPE = 0o170_000;
const REGULAR_FILE = 0o100_000;

class Malformed extends Error {}

/**
 * Reads every file of a package. Only what a package can be is taken: files stored as they are, under plain names, each once,
 * and no more bytes together than the archive has, so that nothing grows on reading. Memory is bounded whatever the archive
 * says. Undefined, with a finding, when it is something else; rejects only when the disk fails.
 */
export async function readPackage(
  path: string,
  findings: Findings,
): Promise<ReadonlyMap<string, PackedFile> | undefined> {
  const { size } = await stat(path);
  let zip: ZipFile | undefined;
  try {
    zip = await openPromise(path, { strictFileNames: true, autoClose: false });
    return await readFiles(zip, size);
  } catch (error) {
    if (isDiskError(error)) throw error;
    const message = `is no evidence package: ${error instanceof Error ? error.message : String(error)}`;
    findings.add({ code: 'package-malformed', file: path, message });
    return undefined;
  } finally {
    zip?.close();
  }
}

async function readFiles(zip: ZipFile, archiveBytes: number): Promise<ReadonlyMap<string, PackedFile>> {
  if (zip.entryCount > FILES_MAX) throw new Malformed(`it has ${zip.entryCount} files`);
  const files = new Map<string, PackedFile>();
  // Two names that some disks take for one would hide a file behind another.
  const names = new Set<string>();
  const seams = new Seams();
  const directoryStart = Number(zip.readEntryCursor);
  let [sum, small] = [0, 0];
  for await (const entry of zip.eachEntry()) {
    const { fileName: name, uncompressedSize: bytes } = entry;
    checkEntry(entry);
    if (names.has(name.toLowerCase())) throw new Malformed(`it has two files ${name}`);
    if (names.size >= FILES_MAX) throw new Malformed(`it has more than ${FILES_MAX} files`);
    names.add(name.toLowerCase());
    sum += bytes;
    small += isContent(name) ? 0 : bytes;
    // Files that lie upon one another would give a small archive endless content.
    if (sum > archiveBytes) throw new Malformed('its files are longer than itself');
    if (small > SMALL_BYTES_SUM_MAX) throw new Malformed('its files besides the content are too long');
    const problem = seams.problemOf(entry, await zip.readLocalFileHeaderPromise(entry));
    if (problem !== undefined) throw new Malformed(`${JSON.stringify(name)} ${problem}`);
    files.set(name, await readFile(zip, entry));
  }
  const problem = seams.problemAtEnd({ directoryStart, bytes: archiveBytes });
  if (problem !== undefined) throw new Malformed(`it ${problem}`);
  return files;
}

function checkEntry(entry: Entry): void {
  const { fileName: name, uncompressedSize: bytes } = entry;
  const quoted = JSON.stringify(name.slice(0, PATH_BYTES_MAX));
  if (name.length > PATH_BYTES_MAX || !PATH.test(name)) throw new Malformed(`it has a file ${quoted}`);
  if (entry.compressionMethod !== STORED || entry.isEncrypted())
    throw new Malformed(`${quoted} is not stored as it is`);
  const type = (entry.externalFileAttributes >>> 16) & FILE_TYPE;
  if (type !== 0 && type !== REGULAR_FILE) throw new Malformed(`${quoted} is no plain file`);
  if (entry.extraFields.some(({ id }) => id === UNICODE_PATH_FIELD))
    throw new Malformed(`${quoted} has a second name`);
  if (!isContent(name) && bytes > SMALL_BYTES_MAX) throw new Malformed(`${quoted} has ${bytes} bytes`);
  if (chunkAt(name) !== undefined && bytes > STORED_CHUNK_BYTES_MAX)
    throw new Malformed(`${quoted} has ${bytes} bytes`);
}

async function readFile(zip: ZipFile, entry: Entry): Promise<PackedFile> {
  const hash = createHash('sha256');
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of await zip.openReadStreamPromise(entry)) {
    if (!(part instanceof Uint8Array)) throw new Malformed('it gives no bytes');
    hash.update(part);
    bytes += part.length;
    if (!isContent(entry.fileName)) parts.push(part);
  }
  const content = isContent(entry.fileName) ? undefined : Buffer.concat(parts);
  return { bytes, sha256: hash.digest('hex'), content };
}

/** Errors of the system carry its code; what yauzl throws about an archive has none. */
function isDiskError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'errno' in error;
}
