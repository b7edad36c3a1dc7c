import { createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
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

/** A key that wraps are made for. */
export interface WrapKey {
  /** What names it in a wrap, 32 bytes. */
  readonly thumbprint: Uint8Array;
  readonly pair: KeyPair;
}

/** The key that cameras seal to: whoever holds it can open everything. It signs nothing. */
export interface CustodianKey extends WrapKey {
  readonly identity: RecipientIdentity;
  /** Keys that cameras sealed to before it; what was sealed to them opens with nothing else. */
  readonly retired: readonly WrapKey[];
}

export const KEY_FILE = 'custodian.key.pem';
export const IDENTITY_FILE = 'custodian.json';
/** Folder of the keys that were in use before, `<thumbprint in hex>.key.pem` each. */
export const RETIRED_FOLDER = 'custodian-retired';
// DER of SubjectPublicKeyInfo for P-256 ends in the uncompressed point.
const POINT_BYTES = 65;

/**
 * Reads the custodian's key in `directory`, or makes it on first start: `custodian.key.pem`, kept as the signing key is, and
 * `custodian.json`, which cameras are enrolled with. Throws TrustError BAD_KEY for anything but P-256, and when the key that cameras
 * were enrolled with is gone: a new one in its place would open nothing of theirs, and nobody would know before somebody must see it.
 * A rotation that was interrupted once the old key was put away is finished here.
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
  const retired = await openRetired(directory, passphrase);
  if (known !== undefined && !equal(known, publicKey) && !isAmong(retired, thumbprintOf(known)))
    throw gone(`${keyPath} is another key`, identityPath);
  const identity: RecipientIdentity = { kind: 'custodian', id, publicKey };
  publish(identityPath, formatIdentity(identity));
  return { identity, retired, thumbprint: thumbprintOf(publicKey), pair: await hpkePair(privateKey) };
}

/** A P-256 private key in a file, as one that wraps are made for. Throws TrustError BAD_KEY. */
export async function openWrapKey(path: string, passphrase: string | undefined): Promise<WrapKey> {
  if (!existsSync(path)) throw new TrustError('BAD_KEY', `there is no key at ${path}`, { retry: 'never' });
  const privateKey = openP256Key(path, passphrase);
  return { thumbprint: thumbprintOf(pointOf(privateKey)), pair: await hpkePair(privateKey) };
}

/** RFC 7638 thumbprint of an uncompressed P-256 point, 32 bytes. */
export function thumbprintOf(point: Uint8Array): Uint8Array {
  return recipientThumbprint(point, nodeChecker.sha256);
}

async function openRetired(directory: string, passphrase: string | undefined): Promise<readonly WrapKey[]> {
  const folder = join(directory, RETIRED_FOLDER);
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.key.pem') && !name.startsWith('.'));
  return Promise.all(names.sort().map((name) => openWrapKey(join(folder, name), passphrase)));
}

function isAmong(keys: readonly WrapKey[], thumbprint: Uint8Array): boolean {
  return keys.some((key) => equal(key.thumbprint, thumbprint));
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

/** The public half as an uncompressed point, 65 bytes. */
export function pointOf(privateKey: KeyObject): Uint8Array {
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return new Uint8Array(spki.subarray(-POINT_BYTES));
}
