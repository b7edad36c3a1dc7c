import { createHash, createPublicKey, verify } from 'node:crypto';
import type { Checker } from '../../proto/digest.ts';

// DER of SubjectPublicKeyInfo for Ed25519 up to the 32 key bytes (RFC 8410 section 4).
const ED25519_SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PUBLIC_KEY_BYTES = 32;

/** SHA-256 (FIPS 180-4) and Ed25519 (RFC 8032) by Node's own crypto, for the structures of `proto`. */
export const nodeChecker: Checker = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  verify: (publicKey, message, signature) => {
    if (publicKey.length !== PUBLIC_KEY_BYTES) return false;
    try {
      const der = Buffer.concat([ED25519_SPKI_PREFIX, publicKey]);
      const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
      return verify(null, message, key, signature);
    } catch {
      // Some 32-byte strings are no point on the curve: nothing was signed with them.
      return false;
    }
  },
};
