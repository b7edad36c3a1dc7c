import { createPublicKey, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { concat } from '../../../proto/bytes.ts';
import { formatIdentity, recipientThumbprint, type RecipientIdentity } from '../../../proto/identity.ts';
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
 * `custodian.json`, which cameras are enrolled with. Throws TrustError BAD_KEY for anything but P-256.
 */
export async function openCustodianKey(
  directory: string,
  { id, passphrase }: { readonly id: string; readonly passphrase: string | undefined },
): Promise<CustodianKey> {
  const privateKey = openP256Key(join(directory, KEY_FILE), passphrase);
  const publicKey = pointOf(privateKey);
  const identity: RecipientIdentity = { kind: 'custodian', id, publicKey };
  publish(join(directory, IDENTITY_FILE), formatIdentity(identity));
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

function pointOf(privateKey: KeyObject): Uint8Array {
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return new Uint8Array(spki.subarray(-POINT_BYTES));
}
