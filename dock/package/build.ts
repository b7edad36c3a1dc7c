import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { toHex, utf8 } from '../../proto/bytes.ts';
import type { EntryOf } from '../../proto/custody-fields.ts';
import type { Sign } from '../../proto/digest.ts';
import type { Manifest } from '../../proto/manifest.ts';
import type { DockIdentity } from '../../proto/identity.ts';
import type { LedgerPart } from './about.ts';
import { derivedFiles, publicPem, type SignedRecording } from './derived.ts';
import { PackageError } from './errors.ts';
import type { Fields } from './jws.ts';
import { chunkPath, entryPath, PATHS, proofPath } from './layout.ts';
import { type Form, formatListing, type ListedFile, type Listing, namedDock } from './listing.ts';
import { readmePage } from './readme.ts';
import { formatGrowth } from './ticket.ts';

/** Footage that was opened under grants, the grants, and the decisions behind them. */
export interface OpenedPart {
  /** Content in order; as long and with the digest that is given beside it. */
  readonly video: () => AsyncIterable<Uint8Array>;
  readonly bytes: number;
  readonly sha256: string;
  /** `policy/…`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Claims of the decisions, in the order of their grants. */
  readonly decisions: readonly Fields[];
}

/** All that goes into a package. Everything but the content has been read and fits together. */
export interface PackageSource {
  readonly madeAt: string;
  readonly accepted: EntryOf<'accepted'>;
  readonly recording: SignedRecording;
  readonly wraps: Uint8Array | undefined;
  readonly stamps: Uint8Array;
  readonly ledger: LedgerPart;
  /** A stored chunk as it is on disk; it is checked before it goes out. */
  readonly readChunk: (index: number) => Promise<Uint8Array>;
  readonly dock: { readonly identity: DockIdentity; readonly sign: Sign };
  /** The independent check, `check/…`. */
  readonly check: ReadonlyMap<string, Uint8Array>;
  readonly opened?: OpenedPart;
}

/** What was written. */
export interface PackageSummary {
  readonly form: Form;
  readonly files: number;
  /** Of the files, without what the archive adds. */
  readonly bytes: number;
}

/**
 * Writes an evidence package as a ZIP without compression: content is encrypted or is video. It streams, one chunk in memory at a
 * time. The listing goes last and names every other file. `tellBytes` hears the archive's length before any of it is written. Rejects with PackageError PACKAGE_DAMAGED when a chunk is not
 * what the camera signed; what was written until then is no package. PACKAGE_REFUSED for footage that nobody sealed or opened.
 */
export async function writePackage(
  source: PackageSource,
  output: NodeJS.WritableStream,
  tellBytes: (bytes: number) => void = () => undefined,
): Promise<PackageSummary> {
  if (source.opened === undefined) mustBeSealed(source.recording.manifest);
  const small = smallFiles(source);
  const listing = listingOf(source, small);
  const json = formatListing(listing);
  const zip = new ZipFile();
  zip.on('error', (error: Error) => zip.outputStream.emit('error', error));
  const written = pipeline(zip.outputStream, output);
  const options = { compress: false, mtime: new Date(listing.madeAt), mode: 0o100644 };
  for (const [path, bytes] of small) zip.addBuffer(Buffer.from(bytes), path, options);
  for (const [index, { storedBytes }] of source.recording.manifest.chunks.entries()) {
    zip.addReadStreamLazy(chunkPath(index), { ...options, size: storedBytes }, (give) => {
      checkedChunk(source, index).then(
        (bytes) => give(null, Readable.from([bytes])),
        (error: unknown) => give(error, Readable.from([])),
      );
    });
  }
  const { opened } = source;
  if (opened !== undefined)
    zip.addReadStreamLazy(PATHS.video, { ...options, size: opened.bytes }, (give) =>
      give(null, Readable.from(opened.video())),
    );
  zip.addBuffer(Buffer.from(json), PATHS.listing, options);
  zip.addBuffer(Buffer.from(source.dock.sign(json)), PATHS.signature, options);
  // Every length is known, so yazl says that of the archive at once; its types do not know that it says it.
  zip.end({ forceZip64Format: false, comment: '' }, (...[bytes = -1]: readonly number[]) => tellBytes(bytes));
  await written;
  const bytes = listing.files.reduce((sum, file) => sum + file.bytes, json.length);
  return { form: listing.form, files: listing.files.length + 2, bytes };
}

/**
 * Chunks that are not sealed are footage, and footage leaves under a grant alone. Throws PackageError PACKAGE_REFUSED for an
 * unsealed recording.
 */
export function mustBeSealed({ suite, recordingId }: Pick<Manifest, 'suite' | 'recordingId'>): void {
  if (suite !== 0) return;
  const message = `recording ${recordingId} is not sealed: its footage leaves only under a grant; use --dock, --policy, --person and --password-file`;
  throw new PackageError('PACKAGE_REFUSED', message, { retry: 'never' });
}

/** Never more than one chunk out of the hand: what the disk gives is held against the manifest once more. */
async function checkedChunk({ recording, readChunk }: PackageSource, index: number): Promise<Uint8Array> {
  const bytes = await readChunk(index);
  const wanted = recording.manifest.chunks[index]?.sha256;
  if (wanted !== undefined && createHash('sha256').update(bytes).digest().equals(wanted)) return bytes;
  const message = `chunk ${index} of ${recording.manifest.recordingId} is not what its camera signed; bring it back from a mirror, then export`;
  throw new PackageError('PACKAGE_DAMAGED', message, { retry: 'never', facts: { chunk: index } });
}

/** Everything but content and listing, in the order in which it is written. */
function smallFiles(source: PackageSource): ReadonlyMap<string, Uint8Array> {
  const { recording, wraps, stamps, ledger } = source;
  return new Map([
    [PATHS.readme, readmePage(source)],
    [PATHS.manifest, recording.signed],
    ...derivedFiles(recording),
    ...(wraps === undefined ? [] : [[PATHS.wraps, wraps] as const]),
    [PATHS.stamps, stamps],
    [PATHS.vkey, utf8(`${ledger.vkey}\n`)],
    [PATHS.checkpoint, utf8(ledger.checkpoint)],
    ...(ledger.growth === undefined ? [] : [[PATHS.growth, formatGrowth(ledger.growth)] as const]),
    [PATHS.witnesses, utf8(ledger.witnesses.map((vkey) => `${vkey}\n`).join(''))],
    ...ledger.entries.map(({ index, bytes }) => [entryPath(index), bytes] as const),
    ...ledger.entries.map(({ index, proof }) => [proofPath(index), utf8(proof)] as const),
    ...(source.opened?.files ?? []),
    ...source.check,
    [PATHS.dockKey, publicPem(source.dock.identity.publicKey)],
  ]);
}

function listingOf(source: PackageSource, small: ReadonlyMap<string, Uint8Array>): Listing {
  const { recording, opened, madeAt } = source;
  const files: readonly ListedFile[] = [
    ...[...small].map(([path, bytes]) => ({
      path,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })),
    ...recording.manifest.chunks.map(({ sha256, storedBytes }, index) => ({
      path: chunkPath(index),
      bytes: storedBytes,
      sha256: toHex(sha256),
    })),
    ...(opened === undefined ? [] : [{ path: PATHS.video, bytes: opened.bytes, sha256: opened.sha256 }]),
  ];
  return {
    form: opened === undefined ? 'sealed' : 'opened',
    recording: recording.manifest.recordingId,
    madeAt,
    dock: namedDock(source.dock.identity),
    files,
  };
}
