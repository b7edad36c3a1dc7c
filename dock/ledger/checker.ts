import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import type { Checker } from '../../proto/digest.ts';

// DER of SubjectPublicKeyInfo for Ed25519 up to the 32 key bytes (RFC 8410 section 4).
const ED25519_SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PUBLIC_KEY_BYTES = 32;
// As many as there are cameras at one dock: a kilobyte each.
const KEYS_MAX = 6_000;

/** SHA-256 (FIPS 180-4) and Ed25519 (RFC 8032) by Node's own crypto, for the structures of `proto`. */
export const nodeChecker: Checker = makeChecker();

/** Making a key object costs as much as verifying with it, and there are few keys: each is made once. */
function makeChecker(): Checker {
  const keys = new Map<string, KeyObject>();
  const keyOf = (publicKey: Uint8Array): KeyObject => {
    const name = Buffer.from(publicKey).toString('latin1');
    const made = keys.get(name) ?? makeKey(publicKey);
    if (keys.size >= KEYS_MAX) keys.clear();
    keys.set(name, made);
    return made;
  };
  return {
    // Half the time of an object that can be given more, and none of its memory outside the heap.
    sha256: (bytes) => Buffer.from(hash('sha256', bytes, 'binary'), 'binary'),
    verify: (publicKey, message, signature) => {
      if (publicKey.length !== PUBLIC_KEY_BYTES) return false;
      try {
        return verify(null, message, keyOf(publicKey), signature);
      } catch {
        // Some 32-byte strings are no point on the curve: nothing was signed with them.
        return false;
      }
    },
  };
}

function makeKey(publicKey: Uint8Array): KeyObject {
  const der = Buffer.concat([ED25519_SPKI_PREFIX, publicKey]);
  return createPublicKey({ key: der, format: 'der', type: 'spki' });
}
