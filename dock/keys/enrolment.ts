import { join } from 'node:path';
import type { CameraIdentity, DockIdentity, Identity } from '../../proto/identity.ts';
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
  sha256,
  type Signer,
} from './key-file.ts';
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
 * Throws KeyError, IDENTITY_EXISTS when `out` or a registry holds another camera or another key.
 */
export function enrolCamera(camera: {
  readonly id: CameraId;
  readonly out: string;
  readonly registries: readonly string[];
}): Enrolled<CameraIdentity> {
  const wrote: string[] = [];
  const path = join(camera.out, 'camera.json');
  const key = ensureSigner(join(camera.out, 'camera.key.pem'), path, wrote);
  makeFolder(join(camera.out, 'docks'), 'identities');
  const identity: CameraIdentity = { kind: 'camera', id: camera.id, publicKey: key.publicKey };
  ensureIdentity(path, identity, wrote);
  publishAll(camera.registries, identity, wrote);
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

/** Makes a camera believe receipts of this dock: a copy of `dock.json` in its `docks` folder. Throws KeyError. */
export function trustDock(trust: {
  readonly cameraKeys: string;
  readonly dockFile: string;
}): Enrolled<DockIdentity> {
  if (readIdentity(join(trust.cameraKeys, 'camera.json'))?.kind !== 'camera') {
    throw new KeyError('IDENTITY_MISSING', trust.cameraKeys, {
      problem: 'holds no camera.json; enrol the camera first',
    });
  }
  const identity = readIdentity(trust.dockFile);
  if (identity === undefined)
    throw new KeyError('IDENTITY_MISSING', trust.dockFile, { problem: 'no such file' });
  if (identity.kind !== 'dock') {
    throw new KeyError('IDENTITY_BAD', trust.dockFile, {
      problem: `is the identity of a ${identity.kind}, not of a dock`,
    });
  }
  const wrote: string[] = [];
  publishAll([join(trust.cameraKeys, 'docks')], identity, wrote);
  return { identity, created: wrote.length > 0, wrote };
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
