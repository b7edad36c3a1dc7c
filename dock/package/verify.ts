import { fromBase64, equal, toBase64, toHex } from '../../proto/bytes.ts';
import type { Quorum } from '../../proto/cosignature.ts';
import type { Checker } from '../../proto/digest.ts';
import type { CustodyEntry } from '../../proto/custody-entry.ts';
import type { EntryOf, EntryType } from '../../proto/custody-fields.ts';
import type { Manifest } from '../../proto/manifest.ts';
import { parseVkey } from '../../proto/note.ts';
import { ChunkIndex } from '../ledger/verify/chunks.ts';
import { type Finding, Findings } from '../ledger/verify/finding.ts';
import { checkQuorum, cosignedAt, problemOf, readHead, asText } from '../ledger/verify/head.ts';
import type { Placed } from '../ledger/verify/placed.ts';
import { checkKnown } from '../ledger/verify/recipients.ts';
import { checkSmallFiles, signerOf } from '../ledger/verify/recording.ts';
import { derivedFiles, publicPem } from './derived.ts';
import { checkExported } from './exported.ts';
import { grantsDigest } from './grant.ts';
import type { Fields } from './jws.ts';
import { belongs, chunkAt, chunkPath, PATHS } from './layout.ts';
import { type Listing, otherFormat, parseListing } from './listing.ts';
import { checkOpening } from './opening.ts';
import { provenEntries } from './proven.ts';
import { type PackedFile, readPackage } from './read.ts';
import { checkTicket } from './ticket.ts';

export interface PackageOptions {
  readonly file: string;
  readonly checker: Checker;
  /** Pinned verifier key of the ledger; without it the package's own `ledger/vkey` is used, which proves less. */
  readonly vkey?: string;
  /** Pinned raw Ed25519 key of the dock. */
  readonly dockKey?: Uint8Array;
  /** Pinned raw Ed25519 key of the camera; without it, the one under which the ledger says it was enrolled. */
  readonly cameraKey?: Uint8Array;
  /** Pinned public key (JWK) of the policy service that signs grants. */
  readonly policyKey?: Fields;
  /** Pinned verifier key of the policy service's own ledger, in which it says what keys it gave. */
  readonly policyLedger?: string;
  /** Who must have cosigned the checkpoint. */
  readonly witnesses?: Quorum;
  /** Thumbprints (RFC 7638, base64url) of all who may open the recording. */
  readonly recipients?: readonly string[];
}

export interface PackageReport {
  /** No finding is a failure. */
  readonly ok: boolean;
  readonly package: {
    readonly file: string;
    readonly form: string | null;
    readonly recording: string | null;
    readonly madeAt: string | null;
    readonly dock: string | null;
    readonly files: number;
    readonly bytes: number;
  };
  readonly ledger: {
    readonly origin: string | null;
    readonly size: number | null;
    readonly vkey: string | null;
    readonly pinned: boolean;
    readonly cosigned: readonly string[];
    readonly cosignedAt: Readonly<Record<string, string>>;
    /** How many entries were proved. */
    readonly entries: number;
  };
  readonly findings: readonly Finding[];
  readonly unlisted: number;
}

type Files = ReadonlyMap<string, PackedFile>;
type LedgerCheck = PackageReport['ledger'] & {
  readonly proven: readonly Placed<CustodyEntry>[];
  readonly head: ReturnType<typeof readHead>;
};

/**
 * Checks an evidence package from its bytes alone: every file against the signed listing, the recording against its camera's
 * signature and the ledger, every entry against the signed checkpoint. Everything that is wrong becomes a finding;
 * only a failing disk rejects.
 */
export async function verifyPackage(options: PackageOptions): Promise<PackageReport> {
  const findings = new Findings();
  const read = await readPackage(options.file, findings);
  const files = read ?? new Map<string, PackedFile>();
  const listing = read === undefined ? undefined : checkListing(files, options, findings);
  const { proven, head, ...ledger } = checkLedger(files, options, findings);
  const log = { vkey: ledger.vkey, head };
  if (listing !== undefined) checkRecording({ files, listing, proven, log }, options, findings);
  return {
    ok: findings.failures === 0,
    package: {
      file: options.file,
      form: listing?.form ?? null,
      recording: listing?.recording ?? null,
      madeAt: listing?.madeAt ?? null,
      dock: listing?.dock.id ?? null,
      files: files.size,
      bytes: [...files.values()].reduce((sum, { bytes }) => sum + bytes, 0),
    },
    ledger,
    findings: findings.list,
    unlisted: findings.unlisted,
  };
}

/** Is the package what the dock listed and signed: these files, and no other? */
function checkListing(files: Files, options: PackageOptions, findings: Findings): Listing | undefined {
  const json = files.get(PATHS.listing)?.content;
  const listing = json && parseListing(json);
  if (json === undefined || listing === undefined) {
    const message = json === undefined ? 'is missing' : listingProblem(json);
    findings.add({ code: 'package-malformed', file: PATHS.listing, message });
    return undefined;
  }
  const edited = (file: string, message: string): void =>
    findings.add({ code: 'package-edited', file, message });
  const listed = new Set<string>();
  for (const { path, bytes, sha256 } of listing.files) {
    if (listed.has(path)) edited(path, 'is listed twice');
    listed.add(path);
    const file = files.get(path);
    if (file === undefined) edited(path, 'is missing');
    else if (file.bytes !== bytes || file.sha256 !== sha256) edited(path, 'is not the file that was listed');
  }
  for (const path of files.keys()) {
    if (!listed.has(path) && path !== PATHS.listing && path !== PATHS.signature)
      edited(path, 'is not listed');
    // Nobody checks it, so it must not seem to have been checked.
    if (!belongs(path, listing.form)) {
      const message = `is no file of a package of form "${listing.form}"`;
      findings.add({ code: 'package-malformed', file: path, message });
    }
  }
  checkSignature({ json, signature: files.get(PATHS.signature)?.content, listing }, options, findings);
  return listing;
}

function listingProblem(json: Uint8Array): string {
  const other = otherFormat(json);
  return other === undefined
    ? 'is no listing of an evidence package'
    : `is of format ${other}, which this version does not read: check it with the version that made it, or export the recording again`;
}

function checkSignature(
  signed: {
    readonly json: Uint8Array;
    readonly signature: Uint8Array | undefined;
    readonly listing: Listing;
  },
  options: PackageOptions,
  findings: Findings,
): void {
  const { json, signature = new Uint8Array(), listing } = signed;
  const key = options.dockKey ?? fromBase64(listing.dock.publicKey);
  if (options.dockKey === undefined) {
    const message = `the key of the dock came from the package itself: ${listing.dock.publicKey}`;
    findings.add({ code: 'dock-key-unpinned', file: PATHS.listing, message });
  }
  if (toBase64(key) === listing.dock.publicKey && options.checker.verify(key, json, signature)) return;
  const message = `is not signed by the key ${toBase64(key)} of the dock`;
  findings.add({ code: 'package-signature', file: PATHS.signature, message });
}

function checkLedger(files: Files, options: PackageOptions, findings: Findings): LedgerCheck {
  const inside = files.get(PATHS.vkey)?.content;
  const vkey = options.vkey ?? (inside && asText(inside)?.trim());
  const checkpoint = files.get(PATHS.checkpoint)?.content;
  const nothing = {
    origin: null,
    size: null,
    vkey: null,
    pinned: false,
    cosigned: [],
    cosignedAt: {},
    entries: 0,
  };
  const none = { ...nothing, proven: [], head: undefined };
  // Nothing was read: that has been said.
  if (files.size === 0) return none;
  const file = options.vkey === undefined ? PATHS.vkey : '--vkey';
  let origin: string;
  try {
    origin = parseVkey(vkey ?? '', options.checker.sha256).name;
  } catch (error) {
    findings.add({ code: 'vkey-invalid', file, message: problemOf(error) });
    return none;
  }
  if (vkey === undefined) return none;
  if (options.vkey === undefined)
    findings.add({ code: 'vkey-unpinned', file, message: `the key came from the package itself: ${vkey}` });
  const head = readHead(checkpoint, { vkey, file: PATHS.checkpoint }, findings);
  const witnesses = options.witnesses ?? { witnesses: [], quorum: 0 };
  const cosigned = checkQuorum(checkpoint, { witnesses, file: PATHS.checkpoint }, findings);
  const proven = provenEntries(files, { vkey, checker: options.checker }, findings);
  const pinned = options.vkey !== undefined;
  const said = {
    origin,
    size: head?.size ?? null,
    vkey,
    pinned,
    cosigned,
    cosignedAt: cosignedAt(checkpoint, witnesses.witnesses),
    entries: proven.length,
  };
  return { ...said, proven, head };
}

interface Recording {
  readonly files: Files;
  readonly listing: Listing;
  readonly proven: readonly Placed<CustodyEntry>[];
  readonly log: Parameters<typeof checkTicket>[0]['log'];
}

/** Is the recording the one that the ledger accepted, and did its camera sign it? */
function checkRecording(from: Recording, options: PackageOptions, findings: Findings): void {
  const { files, listing, proven, log } = from;
  const [accepted] = ofType(proven, 'accepted').filter(({ entry }) => entry.recording === listing.recording);
  if (accepted === undefined) {
    const message = `no proved entry says that ${listing.recording} was taken into custody`;
    findings.add({ code: 'package-malformed', file: 'ledger/entries', message });
    return;
  }
  const enrolled = ofType(proven, 'device.enrolled').filter(
    ({ entry }) => options.cameraKey === undefined || equal(fromBase64(entry.publicKey), options.cameraKey),
  );
  const epochs = new Map(
    [...ofType(proven, 'started'), ...ofType(proven, 'clock.stepped')].map((placed) => [
      placed.entry.epoch,
      placed,
    ]),
  );
  const about = { folder: 'recording', placed: accepted, enrolled, epochs, findings };
  const read = (path: string): Uint8Array | undefined => files.get(path)?.content;
  const small = { manifest: read(PATHS.manifest), wraps: read(PATHS.wraps), stamps: read(PATHS.stamps) };
  const manifest = checkSmallFiles(small, about, { isDestroyed: false });
  const wraps = { wraps: small.wraps, file: PATHS.wraps, index: accepted.index };
  if (options.recipients !== undefined) checkKnown(wraps, options.recipients, findings);
  if (manifest === undefined || small.manifest === undefined) return;
  checkChunks(files, manifest, findings);
  const signer = signerOf(small.manifest, about);
  if (signer !== undefined)
    checkDerived(files, { signed: small.manifest, manifest, cameraKey: signer }, findings);
  checkDockKey(files, listing, findings);
  checkTicket({ files, manifest, accepted, log }, findings);
  checkRelease(from, { manifest, accepted: accepted.entry, options }, findings);
}

/** Was this allowed to leave, and does the ledger say that it did? */
function checkRelease(
  { files, listing, proven }: Recording,
  about: {
    readonly manifest: Manifest;
    readonly accepted: EntryOf<'accepted'>;
    readonly options: PackageOptions;
  },
  findings: Findings,
): void {
  const { manifest, accepted, options } = about;
  checkExported({ listing, accepted, grant: grantsDigest(files), proven }, findings);
  if (listing.form === 'opened') {
    const opened = { files, proven, manifest, accepted, dock: listing.dock.id, policyKey: options.policyKey };
    checkOpening(opened, { checker: options.checker, policyLedger: options.policyLedger }, findings);
    return;
  }
  if (manifest.suite !== 0) return;
  const message = 'is of a recording that is not sealed: its chunks are footage, and no grant is with it';
  findings.add({ code: 'grant-mismatch', file: PATHS.manifest, message });
}

function checkChunks(files: Files, manifest: Manifest, findings: Findings): void {
  const known = new ChunkIndex([{ recording: manifest.recordingId, manifest }]);
  for (const [index, { sha256 }] of manifest.chunks.entries()) {
    const path = chunkPath(index);
    const file = files.get(path);
    if (file === undefined) findings.add({ code: 'chunk-missing', file: path, index, message: 'is missing' });
    else if (file.sha256 !== toHex(sha256)) {
      const home = known.homeOf(file.sha256);
      const message = home === undefined ? 'is not the chunk that was accepted' : `holds ${home}`;
      findings.add({ code: 'chunk-mismatch', file: path, index, message });
    }
  }
  for (const path of files.keys()) {
    const index = chunkAt(path);
    if (index === undefined || index < manifest.chunks.length) continue;
    const message = `the recording has ${manifest.chunks.length} chunks`;
    findings.add({ code: 'chunk-surplus', file: path, index, message });
  }
}

/** What is said again for people and other tools must be what the manifest says. */
function checkDerived(files: Files, recording: Parameters<typeof derivedFiles>[0], findings: Findings): void {
  for (const [path, wanted] of derivedFiles(recording)) {
    const content = files.get(path)?.content;
    if (content !== undefined && equal(content, wanted)) continue;
    findings.add({ code: 'package-edited', file: path, message: 'does not say what the manifest says' });
  }
}

function checkDockKey(files: Files, { dock }: Listing, findings: Findings): void {
  const content = files.get(PATHS.dockKey)?.content;
  if (content !== undefined && equal(content, publicPem(fromBase64(dock.publicKey)))) return;
  findings.add({ code: 'package-edited', file: PATHS.dockKey, message: 'is not the key that is listed' });
}

/** The entries of one type. */
function ofType<T extends EntryType>(
  proven: readonly Placed<CustodyEntry>[],
  type: T,
): readonly Placed<EntryOf<T>>[] {
  return proven.flatMap(({ index, entry }) => (isOfType(entry, type) ? [{ index, entry }] : []));
}

function isOfType<T extends EntryType>(entry: CustodyEntry, type: T): entry is CustodyEntry & EntryOf<T> {
  return entry.type === type;
}
