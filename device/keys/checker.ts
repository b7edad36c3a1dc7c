import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
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
    sha256: (bytes) => createHash('sha256').update(bytes).digest(),
    verify: (publicKey, message, signature) => {
      try {
        return verify(null, message, keyOf(publicKey), signature);
      } catch {
        return false;
      }
    },
  };
}
