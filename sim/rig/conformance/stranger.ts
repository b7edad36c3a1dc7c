import { generateKeyPairSync, sign } from 'node:crypto';
import type { Sign } from '../../../proto/digest.ts';

/** An Ed25519 key that nobody is enrolled with. */
export interface Stranger {
  /** Raw, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly sign: Sign;
}

export function createStranger(): Stranger {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'jwk' }).x ?? '';
  return {
    publicKey: new Uint8Array(Buffer.from(raw, 'base64url')),
    sign: (message) => sign(null, message, privateKey),
  };
}
