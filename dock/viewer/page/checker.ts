import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Checker } from '../../../proto/digest.ts';

/** What this page checks signatures and trees with: WebCrypto has no Ed25519 in every browser, and answers only later. */
export const checker: Checker = { sha256, verify };

function verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}
