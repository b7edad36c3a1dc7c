import { createHash } from 'node:crypto';
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';
import { type Options, ZipFile } from 'yazl';
import { formatListing, parseListing } from '../../../../dock/package/listing.ts';
import type { Sign } from '../../../../proto/digest.ts';

export type Files = Map<string, Uint8Array>;

/** A file of an archive, and how it is put in. */
export type Packed = readonly [name: string, bytes: Uint8Array, options?: Partial<Options>];

/** Everything in an archive, by name. */
export async function unpack(path: string): Promise<Files> {
  const files: Files = new Map();
  const zip = await openPromise(path, { autoClose: false });
  for await (const entry of zip.eachEntry())
    files.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)));
  zip.close();
  return files;
}

export async function pack(path: string, files: Iterable<Packed>): Promise<void> {
  const zip = new ZipFile();
  for (const [name, bytes, options] of files)
    zip.addBuffer(Buffer.from(bytes), name, { compress: false, ...options });
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
}

/** What an operator does who changes files and signs again: a listing of what is there now. */
export function signAnew(files: Files, sign: Sign): void {
  const listing = parseListing(files.get('PACKAGE.json') ?? new Uint8Array());
  if (listing === undefined) throw new TypeError('no listing');
  const listed = [...files].filter(([path]) => !path.startsWith('PACKAGE.'));
  const json = formatListing({
    ...listing,
    files: listed.map(([path, bytes]) => ({ path, bytes: bytes.length, sha256: digest(bytes) })),
  });
  files.set('PACKAGE.json', json);
  files.set('PACKAGE.sig', sign(json));
}

/** Where each file's bytes begin in the archive, and how many there are. */
export async function places(
  path: string,
): Promise<ReadonlyMap<string, { readonly start: number; readonly bytes: number }>> {
  const found = new Map<string, { readonly start: number; readonly bytes: number }>();
  const zip = await openPromise(path, { autoClose: false });
  for await (const entry of zip.eachEntry()) {
    const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
    found.set(entry.fileName, { start: fileDataStart, bytes: entry.uncompressedSize });
  }
  zip.close();
  return found;
}

/** Replaces a name wherever it stands in the archive; both are equally long. `only` picks the n-th place. */
export function rename(path: string, [from, to]: readonly [string, string], only?: number): void {
  const bytes = readFileSync(path);
  for (let at = bytes.indexOf(from), n = 0; at >= 0; at = bytes.indexOf(from, at + 1), n += 1)
    if (only === undefined || only === n) bytes.write(to, at, 'latin1');
  writeFileSync(path, bytes);
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
