import { createHmac, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { equal } from '../../proto/bytes.ts';
import type { DockIdentity } from '../../proto/identity.ts';
import { isCameraId, type CameraId } from '../../proto/ids.ts';
import { parseVkey } from '../../proto/note.ts';
import type { Keys } from '../ports.ts';
import { KeyError } from './key-error.ts';
import { readPseudonymKey, readSigner, sha256, type Signer } from './key-file.ts';
import { readIdentity } from './registry.ts';

export interface FileKeysOptions {
  /** Folder with `dock.json dock.key.pem ledger.key.pem pseudonym.key`. */
  readonly dir: string;
  /** Folder with one `<camera>.json` a camera; read at every look-up. */
  readonly registry: string;
  /** Told of a registry file that cannot be believed; the camera then counts as not enrolled. */
  readonly onBadIdentity?: (error: KeyError) => void;
}

/** Signs checkpoints: what `openLedger` needs besides its folder and clock. */
export interface LedgerSigner extends Signer {
  /** Name of the log, first line of its checkpoints. */
  readonly origin: string;
}

export interface FileKeys extends Keys {
  readonly identity: DockIdentity;
  readonly ledgerSigner: LedgerSigner;
}

/**
 * The dock's keys from files, checked against each other at the start: a key that is not the one the cameras
 * trust would make receipts that no camera believes. Throws KeyError.
 */
export function openFileKeys(options: FileKeysOptions): FileKeys {
  const identity = readDock(join(options.dir, 'dock.json'));
  const dock = readSigner(join(options.dir, 'dock.key.pem'));
  const ledger = readSigner(join(options.dir, 'ledger.key.pem'));
  const pseudonymKey = readPseudonymKey(join(options.dir, 'pseudonym.key'));
  if (!equal(dock.publicKey, identity.publicKey)) throw mismatch(options.dir, 'dock.key.pem', 'publicKey');
  const vkey = parseLedgerVkey(options.dir, identity.ledger);
  if (!equal(ledger.publicKey, vkey.publicKey)) throw mismatch(options.dir, 'ledger.key.pem', 'ledger');
  return {
    dockId: identity.id,
    identity,
    ledgerSigner: { ...ledger, origin: vkey.name },
    sign: dock.sign,
    camera: (cameraId) => cameraKey(options, cameraId),
    pseudonym: (person) => createHmac('sha256', pseudonymKey).update(person).digest('hex'),
    randomBytes: (count) => randomBytes(count),
  };
}

function readDock(path: string): DockIdentity {
  const identity = readIdentity(path);
  if (identity === undefined) {
    throw new KeyError('IDENTITY_MISSING', path, {
      problem: 'no such file; "holdfast enrol dock ID --out DIR" makes it',
    });
  }
  if (identity.kind === 'dock') return identity;
  throw new KeyError('IDENTITY_BAD', path, {
    problem: `is the identity of a ${identity.kind}, not of a dock`,
  });
}

function parseLedgerVkey(
  dir: string,
  vkey: string,
): { readonly name: string; readonly publicKey: Uint8Array } {
  try {
    return parseVkey(vkey, sha256);
  } catch (cause) {
    throw new KeyError('IDENTITY_BAD', join(dir, 'dock.json'), {
      problem: 'its ledger is not a note verifier key',
      cause,
    });
  }
}

function mismatch(dir: string, file: string, field: string): KeyError {
  const problem = `is not the key that ${field} of dock.json names; put the matching pair in place`;
  return new KeyError('KEY_BAD', join(dir, file), { problem });
}

function cameraKey(options: FileKeysOptions, cameraId: CameraId): Uint8Array | undefined {
  // The id arrived from outside and becomes a file name: only ids of the documented alphabet may.
  if (!isCameraId(cameraId)) return undefined;
  const path = join(options.registry, `${cameraId}.json`);
  try {
    const identity = readIdentity(path);
    if (identity === undefined) return undefined;
    if (identity.kind === 'camera' && identity.id === cameraId) return identity.publicKey;
    throw new KeyError('IDENTITY_BAD', path, {
      problem: `is the identity of ${identity.kind} ${identity.id}`,
    });
  } catch (error) {
    if (!(error instanceof KeyError)) throw error;
    options.onBadIdentity?.(error);
    return undefined;
  }
}
