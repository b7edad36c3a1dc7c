import { join } from 'node:path';
import { toBase64 } from '../../proto/bytes.ts';
import {
  type CameraIdentity,
  type DockIdentity,
  formatIdentity,
  type Identity,
  type RecipientIdentity,
} from '../../proto/identity.ts';
import type { CameraId, DockId } from '../../proto/ids.ts';
import { formatVkey } from '../../proto/note.ts';
import { KeyError } from './key-error.ts';
import {
  createPseudonymKey,
  createSigner,
  makeFolder,
  readIfThere,
  readPseudonymKey,
  readSigner,
  replacePublic,
  sha256,
  type Signer,
} from './key-file.ts';
import { createRecipientKey, isPoint, readRecipientKey } from './recipient-key.ts';
import { publishIdentity, readIdentity, sameIdentity, writeIdentity } from './registry.ts';

/** What an enrolment left behind. `created` is false when everything was there already. */
export interface Enrolled<Who extends Identity = Identity> {
  readonly identity: Who;
  readonly created: boolean;
  /** Files that were written now. */
  readonly wrote: readonly string[];
}

/**
 * Makes a camera's key and identity in `out` and puts the identity into every registry. Keys that are there
 * are kept and used, so a run that was cut short, or a new registry, only needs the same command again.
 * With a custodian the camera seals what it records, to that one and to the recovery key if there is one.
 * Throws KeyError, IDENTITY_EXISTS when `out` or a registry holds another camera or another key.
 */
export function enrolCamera(camera: {
  readonly id: CameraId;
  readonly out: string;
  readonly registries: readonly string[];
  /** Identity files of who can open what it records. */
  readonly custodian?: string;
  readonly recovery?: string;
}): Enrolled<CameraIdentity> {
  const wrote: string[] = [];
  const recipients = recipientsOf(camera);
  const path = join(camera.out, 'camera.json');
  const key = ensureSigner(join(camera.out, 'camera.key.pem'), path, wrote);
  makeFolder(join(camera.out, 'docks'), 'identities');
  const identity: CameraIdentity = { kind: 'camera', id: camera.id, publicKey: key.publicKey };
  ensureIdentity(path, identity, wrote);
  for (const recipient of recipients) ensureRecipient(camera.out, recipient, wrote);
  publishAll(camera.registries, identity, wrote);
  return { identity, created: wrote.length > 0, wrote };
}

/**
 * Makes a recovery key in `out`, to be kept offline: `recovery.json`, and the private half in `recovery.key.pem`, encrypted
 * when a passphrase is given. Throws KeyError as {@link enrolCamera}.
 */
export function enrolRecovery(recovery: {
  readonly id: string;
  readonly out: string;
  readonly passphrase: string | undefined;
}): Enrolled<RecipientIdentity> {
  const wrote: string[] = [];
  const path = join(recovery.out, 'recovery.json');
  const publicKey = ensureRecipientKey(
    { path: join(recovery.out, 'recovery.key.pem'), identityPath: path, passphrase: recovery.passphrase },
    wrote,
  );
  const identity: RecipientIdentity = { kind: 'recovery', id: recovery.id, publicKey };
  ensureIdentity(path, identity, wrote);
  return { identity, created: wrote.length > 0, wrote };
}

/**
 * Puts a camera that made its own key into registries. Its private key is never seen here, so this is all there is to
 * enrol on our side. Throws KeyError, IDENTITY_EXISTS when a registry knows that id under another key.
 */
export function enrolOutsideCamera(camera: {
  readonly id: CameraId;
  /** Raw Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly registries: readonly string[];
}): Enrolled<CameraIdentity> {
  const wrote: string[] = [];
  const identity: CameraIdentity = { kind: 'camera', id: camera.id, publicKey: camera.publicKey };
  publishAll(camera.registries, identity, wrote);
  return { identity, created: wrote.length > 0, wrote };
}

/** Makes a dock's key, its ledger's key and its pseudonym key in `out`; otherwise as {@link enrolCamera}. */
export function enrolDock(dock: {
  readonly id: DockId;
  readonly out: string;
  /** Name of its log: no white space and no plus sign. */
  readonly origin: string;
  readonly registries: readonly string[];
}): Enrolled<DockIdentity> {
  const wrote: string[] = [];
  const path = join(dock.out, 'dock.json');
  const key = ensureSigner(join(dock.out, 'dock.key.pem'), path, wrote);
  const ledgerKey = ensureSigner(join(dock.out, 'ledger.key.pem'), path, wrote);
  ensurePseudonymKey(join(dock.out, 'pseudonym.key'), path, wrote);
  const ledger = formatVkey(dock.origin, ledgerKey.publicKey, sha256);
  const identity: DockIdentity = { kind: 'dock', id: dock.id, publicKey: key.publicKey, ledger };
  ensureIdentity(path, identity, wrote);
  publishAll(dock.registries, identity, wrote);
  return { identity, created: wrote.length > 0, wrote };
}

/** Who must have cosigned a dock's checkpoint before a camera erases against it. */
export interface Witnessing {
  /** Verifier keys of witnesses, as proto/cosignature writes them. */
  readonly witnesses: readonly string[];
  /** How many of them. */
  readonly quorum: number;
}

/**
 * Makes a camera believe receipts of this dock: a copy of `dock.json` in its `docks` folder, with who must witness
 * that dock's ledger. That may be added to a copy that is there; other witnesses than those there are IDENTITY_EXISTS.
 * Throws KeyError.
 */
export function trustDock(trust: {
  readonly cameraKeys: string;
  readonly dockFile: string;
  readonly witnessing?: Witnessing;
}): Enrolled<DockIdentity> {
  if (readIdentity(join(trust.cameraKeys, 'camera.json'))?.kind !== 'camera') {
    throw new KeyError('IDENTITY_MISSING', trust.cameraKeys, {
      problem: 'holds no camera.json; enrol the camera first',
    });
  }
  const wrote: string[] = [];
  const identity = { ...readKind(trust.dockFile, 'dock'), ...trust.witnessing };
  const docks = join(trust.cameraKeys, 'docks');
  publishAll([docks], identity, wrote);
  const path = join(docks, `${identity.id}.json`);
  if (wrote.length === 0 && trust.witnessing !== undefined) ensureWitnessing(path, identity, wrote);
  return { identity, created: wrote.length > 0, wrote };
}

function ensureWitnessing(path: string, identity: DockIdentity, wrote: string[]): void {
  const there = readKind(path, 'dock');
  if (isSameWitnessing(there, identity)) return;
  if (there.witnesses !== undefined) {
    const problem = `names other witnesses or another quorum for ${identity.id}; to replace it, move this file away`;
    throw new KeyError('IDENTITY_EXISTS', path, { problem });
  }
  replacePublic(path, formatIdentity(identity));
  wrote.push(path);
}

function isSameWitnessing(a: DockIdentity, b: DockIdentity): boolean {
  const [one, other] = [a, b].map(({ witnesses = [] }) => [...witnesses].toSorted().join('\n'));
  return one === other && a.quorum === b.quorum;
}

/** The identities that were named, checked before anything is written. */
function recipientsOf(camera: {
  readonly out: string;
  readonly custodian?: string;
  readonly recovery?: string;
}): readonly RecipientIdentity[] {
  const custodian = camera.custodian === undefined ? [] : [readRecipient(camera.custodian, 'custodian')];
  const recovery = camera.recovery === undefined ? [] : [readRecipient(camera.recovery, 'recovery')];
  const there = join(camera.out, 'custodian.json');
  if (recovery.length > 0 && custodian.length === 0 && readIfThere(there) === undefined) {
    throw new KeyError('IDENTITY_MISSING', there, {
      problem: 'a recovery key stands beside a custodian: give --custodian too',
    });
  }
  return [...custodian, ...recovery];
}

function readRecipient(path: string, kind: RecipientIdentity['kind']): RecipientIdentity {
  const identity = readKind(path, kind);
  if (isPoint(identity.publicKey)) return identity;
  throw new KeyError('IDENTITY_BAD', path, { problem: 'its publicKey is not a point of P-256' });
}

function readKind<Kind extends Identity['kind']>(
  path: string,
  kind: Kind,
): Identity & { readonly kind: Kind } {
  const identity = readIdentity(path);
  if (identity === undefined) throw new KeyError('IDENTITY_MISSING', path, { problem: 'no such file' });
  if (isOfKind(identity, kind)) return identity;
  throw new KeyError('IDENTITY_BAD', path, {
    problem: `is the identity of a ${identity.kind}, not of a ${kind}`,
  });
}

function isOfKind<Kind extends Identity['kind']>(
  identity: Identity,
  kind: Kind,
): identity is Identity & { readonly kind: Kind } {
  return identity.kind === kind;
}

function ensureRecipient(folder: string, identity: RecipientIdentity, wrote: string[]): void {
  const path = join(folder, `${identity.kind}.json`);
  const there = readIdentity(path);
  if (there === undefined) {
    writeIdentity(path, identity);
    wrote.push(path);
  } else if (!sameIdentity(there, identity)) {
    const problem = `is ${there.kind} ${there.id} with the key ${toBase64(there.publicKey)}; to have the camera seal to another one from now on, move this file away`;
    throw new KeyError('IDENTITY_EXISTS', path, { problem });
  }
}

function ensureRecipientKey(
  key: { readonly path: string; readonly identityPath: string; readonly passphrase: string | undefined },
  wrote: string[],
): Uint8Array {
  const { path, passphrase } = key;
  if (readIfThere(path) !== undefined) return readRecipientKey(path, passphrase);
  refuseLostKey(path, key.identityPath);
  makeFolder(join(path, '..'), 'keys');
  const publicKey = createRecipientKey(path, passphrase);
  wrote.push(path);
  return publicKey;
}

function ensureSigner(path: string, identityPath: string, wrote: string[]): Signer {
  if (readIfThere(path) !== undefined) return readSigner(path);
  refuseLostKey(path, identityPath);
  makeFolder(join(path, '..'), 'keys');
  const signer = createSigner(path);
  wrote.push(path);
  return signer;
}

function ensurePseudonymKey(path: string, identityPath: string, wrote: string[]): void {
  if (readIfThere(path) !== undefined) {
    readPseudonymKey(path);
    return;
  }
  refuseLostKey(path, identityPath);
  createPseudonymKey(path);
  wrote.push(path);
}

// The identity is written last, so an identity without a key means that the key was lost, not that enrolment was cut short.
function refuseLostKey(path: string, identityPath: string): void {
  if (readIfThere(identityPath) === undefined) return;
  const problem = `is gone though ${identityPath} is there; bring it back from a copy, or enrol anew in an empty folder`;
  throw new KeyError('KEY_MISSING', path, { problem });
}

function ensureIdentity(path: string, identity: Identity, wrote: string[]): void {
  const there = readIdentity(path);
  if (there === undefined) {
    writeIdentity(path, identity);
    wrote.push(path);
  } else if (!sameIdentity(there, identity)) {
    const problem = `is the identity of ${there.kind} ${there.id} with its own keys or origin; choose another folder`;
    throw new KeyError('IDENTITY_EXISTS', path, { problem });
  }
}

function publishAll(folders: readonly string[], identity: Identity, wrote: string[]): void {
  for (const folder of folders) {
    if (publishIdentity(folder, identity)) wrote.push(join(folder, `${identity.id}.json`));
  }
}
