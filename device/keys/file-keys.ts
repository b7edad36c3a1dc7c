import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { equal } from '../../proto/bytes.ts';
import { ProofError } from '../../proto/errors.ts';
import {
  type CameraIdentity,
  type DockIdentity,
  type Identity,
  parseIdentity,
} from '../../proto/identity.ts';
import { isDockId } from '../../proto/ids.ts';
import type { Keys, TrustedDock } from '../ports.ts';
import { KeysError } from './error.ts';

/**
 * Reads a camera's keys folder, as `holdfast enrol camera` makes it: `camera.json` (identity), `camera.key.pem`
 * (PKCS#8, Ed25519, mode 0600) and `docks/<dock>.json` (docks it trusts; these are looked up afresh, so a dock that
 * is enrolled later needs no restart). All files are checked once here, so a bad one is found before a dock is.
 * Throws KeysError, whose message says what to do.
 */
export function openKeys(folder: string): Keys {
  const identity = readCamera(join(folder, 'camera.json'));
  const key = readPrivateKey(join(folder, 'camera.key.pem'));
  checkPair(identity, key, folder);
  const docks = join(folder, 'docks');
  for (const name of dockFilesIn(docks)) readDock(join(docks, name));
  return {
    cameraId: identity.id,
    sign: (message) => sign(null, message, key),
    dock: (dockId) => findDock(docks, dockId),
    randomBytes: (count) => randomBytes(count),
  };
}

function readCamera(path: string): CameraIdentity {
  const identity = readIdentity(path);
  if (identity.kind !== 'camera')
    throw malformed(path, `it is the identity of a ${identity.kind}, not of a camera`);
  return identity;
}

function readDock(path: string): DockIdentity {
  const identity = readIdentity(path);
  if (identity.kind !== 'dock')
    throw malformed(path, `it is the identity of a ${identity.kind}, not of a dock`);
  return identity;
}

function readIdentity(path: string): Identity {
  try {
    return parseIdentity(readText(path));
  } catch (error) {
    if (error instanceof ProofError) throw malformed(path, error.message, error);
    throw error;
  }
}

function readPrivateKey(path: string): KeyObject {
  const pem = readText(path);
  // Whoever can read this key can sign footage that this camera never saw.
  const mode = statSync(path).mode & 0o777;
  if ((mode & 0o077) !== 0) {
    const shown = mode.toString(8).padStart(4, '0');
    throw new KeysError('KEYS_MODE', `${path} is open to others (mode ${shown}): run chmod 600 ${path}`, {
      retry: 'never',
      facts: { path, mode: shown },
    });
  }
  const key = parsePrivateKey(path, pem);
  if (key.asymmetricKeyType !== 'ed25519') {
    throw malformed(path, `it is a key of type ${String(key.asymmetricKeyType)}, not ed25519`);
  }
  return key;
}

function parsePrivateKey(path: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw malformed(path, 'it is not a private key in PKCS#8 PEM', cause);
  }
}

function checkPair(identity: CameraIdentity, key: KeyObject, folder: string): void {
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  if (equal(Buffer.from(x, 'base64url'), identity.publicKey)) return;
  throw new KeysError('KEYS_MISMATCH', `camera.json and camera.key.pem in ${folder} are not of one pair`, {
    retry: 'never',
    facts: { folder, cameraId: identity.id },
  });
}

function findDock(folder: string, dockId: string): TrustedDock | undefined {
  // The id comes from the wire and names a file.
  const name = `${dockId}.json`;
  if (!isDockId(dockId) || !dockFilesIn(folder).includes(name)) return undefined;
  try {
    const identity = readDock(join(folder, name));
    if (identity.id !== dockId) return undefined;
    return { dockId, publicKey: identity.publicKey, ledgerVkey: identity.ledger };
  } catch (error) {
    // A file that is being written right now is a dock we do not know yet.
    if (error instanceof KeysError) return undefined;
    throw error;
  }
}

function dockFilesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    // A camera without a single trusted dock records all the same.
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new KeysError(
      'KEYS_MISSING',
      `cannot read ${path}: enrol the camera with "holdfast enrol camera"`,
      {
        retry: 'never',
        facts: { path },
        cause,
      },
    );
  }
}

function malformed(path: string, why: string, cause?: unknown): KeysError {
  return new KeysError('KEYS_MALFORMED', `${path} cannot be used: ${why}`, {
    retry: 'never',
    facts: { path },
    cause,
  });
}
