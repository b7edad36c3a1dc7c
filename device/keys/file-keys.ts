import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { equal } from '../../proto/bytes.ts';
import { ProofError } from '../../proto/errors.ts';
import {
  type CameraIdentity,
  type DockIdentity,
  type Identity,
  parseIdentity,
  type RecipientIdentity,
} from '../../proto/identity.ts';
import { isDockId } from '../../proto/ids.ts';
import type { Keys, TrustedDock } from '../ports.ts';
import { KeysError } from './error.ts';
import { hpkeSealer } from './sealer.ts';

/**
 * Reads a camera's keys folder, as `holdfast enrol camera` makes it: `camera.json` (identity), `camera.key.pem`
 * (PKCS#8, Ed25519, mode 0600) and `docks/<dock>.json` (docks it trusts; these are looked up afresh, so a dock that
 * is enrolled later needs no restart). With `custodian.json` the camera seals, to `recovery.json` too when that is there.
 * All files are checked once here, so a bad one is found before a dock is.
 * Throws KeysError, whose message says what to do.
 */
export function openKeys(folder: string): Keys {
  const identity = readCamera(join(folder, 'camera.json'));
  const key = readPrivateKey(join(folder, 'camera.key.pem'));
  checkPair(identity, key, folder);
  const docks = join(folder, 'docks');
  for (const name of dockFilesIn(docks)) readDock(join(docks, name));
  const recipients = readRecipients(folder);
  return {
    ...(recipients.length === 0 ? {} : { sealer: hpkeSealer(recipients, randomBytes) }),
    cameraId: identity.id,
    sign: (message) => sign(null, message, key),
    dock: (dockId) => findDock(docks, dockId),
    randomBytes: (count) => randomBytes(count),
  };
}

/** The custodian first. None: the camera was enrolled without one. */
function readRecipients(folder: string): readonly RecipientIdentity[] {
  const paths = { custodian: join(folder, 'custodian.json'), recovery: join(folder, 'recovery.json') };
  if (!existsSync(paths.custodian) && !existsSync(paths.recovery)) return [];
  // Without its custodian such a camera would store footage as recorded, which is not what it was enrolled for.
  const custodian = readRecipient(paths.custodian, 'custodian');
  if (!existsSync(paths.recovery)) return [custodian];
  const recovery = readRecipient(paths.recovery, 'recovery');
  if (equal(recovery.publicKey, custodian.publicKey))
    throw malformed(paths.recovery, 'its key is that of custodian.json');
  return [custodian, recovery];
}

function readRecipient(path: string, kind: RecipientIdentity['kind']): RecipientIdentity {
  const identity = readIdentity(path);
  if (identity.kind !== kind)
    throw malformed(path, `it is the identity of a ${identity.kind}, not of a ${kind}`);
  const x = Buffer.from(identity.publicKey.subarray(1, 33)).toString('base64url');
  const y = Buffer.from(identity.publicKey.subarray(33)).toString('base64url');
  try {
    createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  } catch (cause) {
    throw malformed(path, 'its publicKey is not a point of P-256', cause);
  }
  return identity;
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
    const { publicKey, ledger: ledgerVkey, witnesses, quorum } = identity;
    const trusted = { dockId, publicKey, ledgerVkey };
    return witnesses === undefined || quorum === undefined ? trusted : { ...trusted, witnesses, quorum };
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
      `cannot read ${path}: enrol the camera with "holdfast enrol camera", with --custodian if it is to seal`,
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
