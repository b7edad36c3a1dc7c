import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import type { Checker } from '../../proto/digest.ts';

// Far more docks and logs than one camera knows.
const KEYS_MAX = 256;

/** SHA-256 and Ed25519 (RFC 8032) by this machine's OpenSSL. A key of the wrong length verifies nothing. */
export const checker: Checker = makeChecker();

/** Making a key object costs as much as verifying with it, and there are few keys: each is made once. */
function makeChecker(): Checker {
  const keys = new Map<string, KeyObject>();
  const keyOf = (publicKey: Uint8Array): KeyObject => {
    const x = Buffer.from(publicKey).toString('base64url');
    const made = keys.get(x) ?? createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    if (keys.size >= KEYS_MAX) keys.clear();
    keys.set(x, made);
    return made;
  };
  return {
    // Half the time of an object that can be given more, and none of its memory outside the heap.
    sha256: (bytes) => Buffer.from(hash('sha256', bytes, 'binary'), 'binary'),
    verify: (publicKey, message, signature) => {
      try {
        return verify(null, message, keyOf(publicKey), signature);
      } catch {
        return false;
      }
    },
  };
}
