import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { equal, fromHex } from '../../proto/bytes.ts';
import type { HexDigest } from '../../proto/custody-fields.ts';
import type { RecordingId } from '../../proto/ids.ts';
import { type ChunkInfo, peekManifest } from '../../proto/manifest.ts';
import { destroyFiles } from './destroy.ts';
import { systemDisk } from './disk.ts';
import { asStoreError } from './errors.ts';
import { examine, type Piece, type Place, unhurried } from './examine.ts';
import { sha256 } from './manifests.ts';
import { readWhole, replaceFile } from './whole.ts';

/** An accepted recording, by the ledger. */
export interface Accepted {
  readonly recordingId: RecordingId;
  readonly manifest: HexDigest;
  readonly stamps: HexDigest;
  readonly destroyed: boolean;
}

/** What became of one recording that was to be copied. */
export interface Copied {
  readonly bytes: number;
  /** Files that neither place has as they were accepted: `manifest`, `wraps`, `stamps`, `chunks`. */
  readonly lost: readonly string[];
}

/**
 * Brings the copy of an accepted recording under `to` up to what was accepted, each file hashed as it is read and again as it was written. What is
 * there and right stays; what is right there and damaged in `from` stays too. Of what was destroyed the proof is copied, and the copy destroyed.
 * Throws StoreError.
 */
export async function copyAccepted(from: string, to: string, wanted: Accepted): Promise<Copied> {
  const { recordingId } = wanted;
  try {
    const folder = await folderOf(from, wanted);
    return await new Copier(placeOf(folder), placeOf(join(to, 'recordings', recordingId))).copy(wanted);
  } catch (error) {
    throw asStoreError(error, 'copy a recording', { recordingId });
  }
}

/** Copies a folder of quarantine as it is: there is nothing to hold it against. Resolves to the bytes written. Throws StoreError. */
export async function copyQuarantined(from: string, to: string, name: string): Promise<number> {
  const [source, target] = [join(from, 'quarantine', name), join(to, 'quarantine', name)];
  try {
    let bytes = 0;
    const names = await systemDisk.list(source);
    for (const file of names.filter((one) => !one.endsWith('.tmp'))) {
      const digest = await digestOf(join(source, file));
      if (digest === undefined || (await digestOf(join(target, file))) === digest) continue;
      await makeFolder(target);
      bytes += await copyFile(join(source, file), join(target, file));
    }
    return bytes;
  } catch (error) {
    throw asStoreError(error, 'copy what was refused', { folder: name });
  }
}

/** Destroys the content of what was refused, in a copy too. Throws StoreError. */
export async function destroyQuarantined(to: string, name: string): Promise<void> {
  try {
    await destroyFiles(placeOf(join(to, 'quarantine', name)));
  } catch (error) {
    throw asStoreError(error, 'destroy what was refused', { folder: name });
  }
}

/** Folders in quarantine. */
export function quarantined(from: string): Promise<readonly string[]> {
  return systemDisk.list(join(from, 'quarantine'));
}

/** A recording that its disk lost lies in quarantine: what is still good of it is copied from there. */
async function folderOf(from: string, { recordingId, manifest }: Accepted): Promise<string> {
  const shelf = join(from, 'recordings', recordingId);
  if ((await systemDisk.size(shelf)) !== undefined) return shelf;
  const aside = join(from, 'quarantine', `${recordingId}-${manifest.slice(0, 8)}`);
  return (await systemDisk.size(aside)) === undefined ? shelf : aside;
}

class Copier {
  readonly #from: Place;
  readonly #to: Place;
  readonly #lost: string[] = [];
  #bytes = 0;

  constructor(from: Place, to: Place) {
    this.#from = from;
    this.#to = to;
  }

  async copy({ manifest, stamps, destroyed }: Accepted): Promise<Copied> {
    const signed = await this.#paper('manifest', fromHex(manifest));
    await this.#paper('stamps', fromHex(stamps));
    if (destroyed) {
      await destroyFiles(this.#to);
    } else if (signed === undefined) {
      this.#lost.push('chunks');
    } else {
      const { chunks, wrapsSha256 } = peekManifest(signed);
      if (wrapsSha256 !== undefined) await this.#paper('wraps', wrapsSha256);
      await this.#content(piecesOf(chunks));
    }
    return { bytes: this.#bytes, lost: this.#lost };
  }

  async #paper(name: string, expected: Uint8Array): Promise<Uint8Array | undefined> {
    const there = await right(this.#to, name, expected);
    if (there !== undefined) return there;
    const bytes = await right(this.#from, name, expected);
    if (bytes === undefined) {
      this.#lost.push(name);
      return undefined;
    }
    await makeFolder(this.#to.folder);
    await replaceFile(systemDisk, join(this.#to.folder, name), [bytes]);
    this.#bytes += bytes.length;
    if ((await right(this.#to, name, expected)) === undefined) this.#lost.push(name);
    return bytes;
  }

  async #content(pieces: readonly Piece[]): Promise<void> {
    if (await isWhole(this.#to, pieces)) return;
    const [source, target] = [join(this.#from.folder, 'chunks'), join(this.#to.folder, 'chunks')];
    if (!(await isWhole(this.#from, pieces))) {
      this.#lost.push('chunks');
      return;
    }
    await makeFolder(this.#to.folder);
    this.#bytes += await copyFile(source, target);
    if (!(await isWhole(this.#to, pieces))) this.#lost.push('chunks');
  }
}

function piecesOf(chunks: readonly ChunkInfo[]): readonly Piece[] {
  let offset = 0;
  // No chunk's stamp is looked at: the stamps file is compared as a whole.
  const stamp = { receivedAtUs: 0, uncertaintyUs: 0, basis: 'local' } as const;
  return chunks.map(({ sha256: digest, storedBytes }, index) => {
    const chunk = { index, offset, bytes: storedBytes, sha256: digest, stamp };
    offset += storedBytes;
    return { what: 'chunk', expected: digest, chunk };
  });
}

async function isWhole(place: Place, pieces: readonly Piece[]): Promise<boolean> {
  return (await examine(place, pieces, unhurried)).length === 0;
}

async function right(place: Place, name: string, expected: Uint8Array): Promise<Uint8Array | undefined> {
  const bytes = await readWhole(systemDisk, join(place.folder, name));
  return bytes !== undefined && equal(sha256(bytes), expected) ? bytes : undefined;
}

const BLOCK_BYTES = 1024 * 1024;

/** By a temporary name, synced. Resolves to its length. */
async function copyFile(from: string, to: string): Promise<number> {
  const target = await systemDisk.open(`${to}.tmp`, 'write');
  let at = 0;
  try {
    await target.truncate(0);
    for await (const block of blocksOf(from)) {
      await target.write([block], at);
      at += block.length;
    }
    await target.sync();
  } finally {
    await target.close();
  }
  await systemDisk.rename(`${to}.tmp`, to);
  await systemDisk.syncFolder(join(to, '..'));
  return at;
}

async function digestOf(path: string): Promise<string | undefined> {
  if ((await systemDisk.size(path)) === undefined) return undefined;
  const hash = createHash('sha256');
  for await (const block of blocksOf(path)) hash.update(block);
  return hash.digest('hex');
}

async function* blocksOf(path: string): AsyncGenerator<Uint8Array> {
  const file = await systemDisk.open(path, 'read');
  const room = new Uint8Array(BLOCK_BYTES);
  try {
    for (let at = 0; ; ) {
      const count = await file.read(room, at);
      if (count === 0) return;
      yield room.subarray(0, count);
      at += count;
    }
  } finally {
    await file.close();
  }
}

async function makeFolder(folder: string): Promise<void> {
  await systemDisk.makeFolder(folder);
  await systemDisk.syncFolder(join(folder, '..'));
}

const placeOf = (folder: string): Place => ({ disk: systemDisk, folder });
