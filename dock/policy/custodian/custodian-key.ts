import { createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { concat, equal } from '../../../proto/bytes.ts';
import { ProofError } from '../../../proto/errors.ts';
import {
  formatIdentity,
  parseIdentity,
  recipientThumbprint,
  type RecipientIdentity,
} from '../../../proto/identity.ts';
import { nodeChecker } from '../../ledger/checker.ts';
import { TrustError } from '../errors.ts';
import { hpkePair, type KeyPair } from './hpke.ts';
import { openP256Key, publish } from './keys.ts';

/** The key that cameras seal to: whoever holds it can open everything. It signs nothing. */
export interface CustodianKey {
  readonly identity: RecipientIdentity;
  /** What names it in a wrap, 32 bytes. */
  readonly thumbprint: Uint8Array;
  readonly pair: KeyPair;
}

const KEY_FILE = 'custodian.key.pem';
const IDENTITY_FILE = 'custodian.json';
// DER of SubjectPublicKeyInfo for P-256 ends in the uncompressed point.
const POINT_BYTES = 65;

/**
 * Reads the custodian's key in `directory`, or makes it on first start: `custodian.key.pem`, kept as the signing key is, and
 * `custodian.json`, which cameras are enrolled with. Throws TrustError BAD_KEY for anything but P-256, and when the key that cameras
 * were enrolled with is gone: a new one in its place would open nothing of theirs, and nobody would know before somebody must see it.
 */
export async function openCustodianKey(
  directory: string,
  { id, passphrase }: { readonly id: string; readonly passphrase: string | undefined },
): Promise<CustodianKey> {
  const [keyPath, identityPath] = [join(directory, KEY_FILE), join(directory, IDENTITY_FILE)];
  const known = pointIn(identityPath);
  if (known !== undefined && !existsSync(keyPath)) throw gone(`${keyPath} is not there`, identityPath);
  const privateKey = openP256Key(keyPath, passphrase);
  const publicKey = pointOf(privateKey);
  if (known !== undefined && !equal(known, publicKey)) throw gone(`${keyPath} is another key`, identityPath);
  const identity: RecipientIdentity = { kind: 'custodian', id, publicKey };
  publish(identityPath, formatIdentity(identity));
  return {
    identity,
    thumbprint: recipientThumbprint(publicKey, nodeChecker.sha256),
    pair: await hpkePair(privateKey),
  };
}

/** The 65 bytes of an uncompressed P-256 point in a public JWK. Throws TrustError BAD_KEY for coordinates of another length. */
export function pointOfJwk({ x, y }: { readonly x: string; readonly y: string }): Uint8Array {
  const point = concat(Uint8Array.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url'));
  if (point.length === POINT_BYTES) return point;
  throw new TrustError('BAD_KEY', 'the key cannot be used: it is not a point on P-256', { retry: 'never' });
}

/** What cameras were enrolled with; undefined on the first start, and for a file that says nothing. */
function pointIn(path: string): Uint8Array | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return parseIdentity(readFileSync(path, 'utf8')).publicKey;
  } catch (error) {
    if (error instanceof ProofError) return undefined;
    throw error;
  }
}

function gone(why: string, identityPath: string): TrustError {
  const remedy = `bring the key of ${identityPath} back; to start with a new one on purpose, move both files away`;
  return new TrustError('BAD_KEY', `${why}, and cameras seal to the one that was: ${remedy}`, {
    retry: 'never',
  });
}

function pointOf(privateKey: KeyObject): Uint8Array {
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return new Uint8Array(spki.subarray(-POINT_BYTES));
}
