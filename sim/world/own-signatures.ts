import { nodeChecker } from '../../dock/ledger/checker.ts';
import type { Checker } from '../../proto/digest.ts';
import { equal } from '../../proto/bytes.ts';

interface Signed {
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
}

const KEPT_MAX = 20_000;

/** What the keys of this process have signed, so that nobody has to find out again by arithmetic. */
export class OwnSignatures implements Checker {
  readonly sha256 = nodeChecker.sha256;
  readonly #kept = new Map<string, Signed>();

  /** By the holder of the key, as it signs. Copies what it is given. */
  note(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): void {
    if (this.#kept.size >= KEPT_MAX) this.#kept.clear();
    this.#kept.set(nameOf(signature), { publicKey, message: new Uint8Array(message) });
  }

  /** True at once for what such a key has signed, bit for bit; anything else is verified. */
  readonly verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
    const own = this.#kept.get(nameOf(signature));
    if (own !== undefined && equal(own.publicKey, publicKey) && equal(own.message, message)) return true;
    return nodeChecker.verify(publicKey, message, signature);
  };
}

/** Of all worlds of this process: a key is of its seed, and what it signs of the message, so they share what is true of them. */
export const ownSignatures = new OwnSignatures();

function nameOf(signature: Uint8Array): string {
  return Buffer.from(signature.buffer, signature.byteOffset, signature.byteLength).toString('latin1');
}
