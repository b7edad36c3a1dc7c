import { fromBase64, toHex } from '../../../proto/bytes.ts';
import type { EntryOf } from '../../../proto/custody-fields.ts';
import { ProofError } from '../../../proto/errors.ts';
import { type Manifest, openManifest, peekManifest, signedPartsOf } from '../../../proto/manifest.ts';
import { decodeWraps } from '../../../proto/wraps.ts';
import { nodeChecker } from '../checker.ts';
import type { Findings } from './finding.ts';
import type { History } from './history.ts';
import type { Placed } from './placed.ts';
import { checkStampLines } from './stamps.ts';

/** An accepted recording, wherever its files lie: in a dock's folder or in a package. */
export interface About {
  /** What its files are called in findings: `<folder>/manifest`. */
  readonly folder: string;
  readonly placed: Placed<EntryOf<'accepted'>>;
  /** Enrolments of cameras, in log order. */
  readonly enrolled: History['enrolled'];
  /** Undefined where not every entry of the log is at hand. */
  readonly epochs: History['epochs'] | undefined;
  readonly findings: Findings;
}

/** An entry about something that its camera signed, and which keys cameras had. */
interface SignedBy extends Pick<About, 'enrolled'> {
  readonly placed: Placed<{ readonly camera: string }>;
}

/** Its files as they were read; undefined for one that is not there. */
export interface SmallFiles {
  readonly manifest: Uint8Array | undefined;
  readonly wraps: Uint8Array | undefined;
  readonly stamps: Uint8Array | undefined;
}

/**
 * Holds manifest, wraps and stamps against the entry that accepted them. Returns the manifest when it is the accepted one:
 * its table of chunks then says what the content must be, even where the camera's signature fails.
 */
export function checkSmallFiles(
  files: SmallFiles,
  about: About,
  { isDestroyed }: { readonly isDestroyed: boolean },
): Manifest | undefined {
  const manifest = checkManifest(files.manifest, about);
  checkStamps(files.stamps, manifest, about);
  if (!isDestroyed) checkWraps(files.wraps, manifest, about);
  return manifest;
}

/** Which of its camera's enrolled keys signed a manifest. Throws ProofError BAD_MANIFEST for bytes that are none. */
export function signerOf(signed: Uint8Array, about: SignedBy): Uint8Array | undefined {
  const { message, signature } = signedPartsOf(signed);
  return keysOf(about).find((key) => nodeChecker.verify(key, message, signature));
}

/** Lower-case hexadecimal SHA-256. */
export const sha256Hex = (bytes: Uint8Array): string => toHex(nodeChecker.sha256(bytes));

/**
 * A number fills a gap in its camera's series, so a refused recording has one only by its camera's signature: without it, or
 * with another number in the manifest, somebody hid a recording behind what was refused.
 */
export function checkRefusedNumber(
  signed: Uint8Array,
  refused: Placed<EntryOf<'refused'>> & Pick<About, 'enrolled'> & { readonly file: string },
  findings: Findings,
): void {
  const { entry, index, file, enrolled } = refused;
  if (entry.counter === undefined) return;
  const at = { file: `${file}/manifest`, index };
  const manifest = tableOf(signed);
  if (manifest === undefined || signerOf(signed, { placed: refused, enrolled }) === undefined) {
    const message = `no key of ${entry.camera} signed it, and the ledger gives it number ${entry.counter}`;
    findings.add({ code: 'manifest-signature', ...at, message });
  } else if (manifest.counter !== entry.counter || manifest.recordingId !== entry.recording) {
    const message = 'and the ledger entry name different counters or recordings';
    findings.add({ code: 'manifest-mismatch', ...at, message });
  }
}

function checkManifest(signed: Uint8Array | undefined, about: About): Manifest | undefined {
  const { findings, placed } = about;
  const { entry, index } = placed;
  const at = { file: `${about.folder}/manifest`, index };
  if (signed === undefined) {
    const message = 'the ledger accepted this recording, and its manifest is not there';
    findings.add({ code: 'recording-missing', ...at, message });
    return undefined;
  }
  if (sha256Hex(signed) !== entry.manifest) {
    findings.add({ code: 'manifest-mismatch', ...at, message: 'is not the manifest that was accepted' });
    return undefined;
  }
  const manifest = openWith(signed, keysOf(about));
  if (manifest instanceof ProofError) {
    findings.add({ code: 'manifest-signature', ...at, message: manifest.message });
    return tableOf(signed);
  }
  const differs = differenceOf(manifest, entry);
  if (differs !== undefined) {
    const message = `and the ledger entry name different ${differs}`;
    findings.add({ code: 'manifest-mismatch', ...at, message });
  }
  return manifest;
}

/** The accepted bytes are still worth holding the chunks against, whoever signed them. */
function tableOf(signed: Uint8Array): Manifest | undefined {
  try {
    return peekManifest(signed);
  } catch (error) {
    if (error instanceof ProofError) return undefined;
    throw error;
  }
}

/** The newest first: nearly always the one. */
function keysOf({ placed, enrolled }: SignedBy): readonly Uint8Array[] {
  return enrolled
    .filter(({ index, entry }) => entry.camera === placed.entry.camera && index < placed.index)
    .toReversed()
    .map(({ entry }) => rawKey(entry.publicKey));
}

/** An entry may hold base64 that no key has; nothing is signed by an empty one. */
export function rawKey(publicKey: string): Uint8Array {
  try {
    return fromBase64(publicKey);
  } catch {
    return new Uint8Array();
  }
}

function openWith(signed: Uint8Array, keys: readonly Uint8Array[]): Manifest | ProofError {
  let problem = new ProofError('BAD_MANIFEST', 'no key of its camera is in the ledger', { retry: 'never' });
  for (const key of keys) {
    try {
      return openManifest(signed, key, nodeChecker);
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      problem = error;
    }
  }
  return problem;
}

/** The first field in which manifest and entry differ. */
function differenceOf(manifest: Manifest, entry: EntryOf<'accepted'>): string | undefined {
  const pairs: Readonly<Record<string, readonly [string | number, string | number]>> = {
    recordings: [manifest.recordingId, entry.recording],
    cameras: [manifest.cameraId, entry.camera],
    counters: [manifest.counter, entry.counter],
    predecessors: [toHex(manifest.previousRoot), entry.previousRoot],
    roots: [toHex(manifest.root), entry.root],
    lengths: [manifest.contentBytes, entry.bytes],
    'chunk counts': [manifest.chunks.length, entry.chunks],
    // Entries of docks that knew no seal name none.
    suites: [manifest.suite, entry.suite ?? manifest.suite],
    wraps: [wrapsOf(manifest), entry.suite === undefined ? wrapsOf(manifest) : (entry.wraps ?? '')],
  };
  return Object.entries(pairs).find(([, [signed, recorded]]) => signed !== recorded)?.[0];
}

const wrapsOf = ({ wrapsSha256 }: Manifest): string => toHex(wrapsSha256 ?? new Uint8Array());

function checkStamps(stamps: Uint8Array | undefined, manifest: Manifest | undefined, about: About): void {
  const { entry, index } = about.placed;
  if (stamps !== undefined && sha256Hex(stamps) === entry.stamps) {
    checkStampLines(stamps, manifest, about);
    return;
  }
  const message = stamps === undefined ? 'is missing' : 'is not the stamps file that was accepted';
  about.findings.add({ code: 'stamps-mismatch', file: `${about.folder}/stamps`, index, message });
}

/** The manifest's word where there is one: the camera signed it. */
function checkWraps(wraps: Uint8Array | undefined, manifest: Manifest | undefined, about: About): void {
  const { entry, index } = about.placed;
  const at = { file: `${about.folder}/wraps`, index };
  const wanted = manifest === undefined ? (entry.wraps ?? '') : wrapsOf(manifest);
  if (wraps === undefined) {
    if (wanted !== '') about.findings.add({ code: 'wraps-missing', ...at, message: 'is missing' });
    return;
  }
  const problem =
    wanted === '' ? 'stands beside a recording that is not sealed' : wrapsProblem(wraps, wanted);
  if (problem !== undefined) about.findings.add({ code: 'wraps-mismatch', ...at, message: problem });
}

function wrapsProblem(wraps: Uint8Array, wanted: string): string | undefined {
  if (sha256Hex(wraps) !== wanted) return 'are not the wraps that the camera signed for this recording';
  try {
    decodeWraps(wraps);
    return undefined;
  } catch (error) {
    if (error instanceof ProofError) return error.message;
    throw error;
  }
}
