import { equal } from '../../proto/bytes.ts';
import { ProofError } from '../../proto/errors.ts';
import { type Head, openHead, signHead } from '../../proto/head.ts';
import type { Keys } from '../ports.ts';

/**
 * Reads an encoded SignedHead that this camera signed; undefined for any other. The camera has no public key at hand, but
 * signs the same to the bit (Ed25519, RFC 8032).
 */
export function ownHead(signed: Uint8Array, keys: Pick<Keys, 'sign'>): Head | undefined {
  try {
    const head = openHead(signed, new Uint8Array(), { verify: () => true });
    const again = signHead(head, (message) => keys.sign(message));
    return equal(again, signed) ? head : undefined;
  } catch (error) {
    if (error instanceof ProofError) return undefined;
    throw error;
  }
}
