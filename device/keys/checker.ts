import { createHash, createPublicKey, verify } from 'node:crypto';
import type { Checker } from '../../proto/digest.ts';

/** SHA-256 and Ed25519 (RFC 8032) by this machine's OpenSSL. A key of the wrong length verifies nothing. */
export const checker: Checker = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  verify: (publicKey, message, signature) => {
    try {
      const x = Buffer.from(publicKey).toString('base64url');
      const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
      return verify(null, message, key, signature);
    } catch {
      return false;
    }
  },
};
