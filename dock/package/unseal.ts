import { createDecipheriv, createHmac } from 'node:crypto';
import { chunkSecret, type ChunkPlace } from '../../proto/chunk-key.ts';
import { type DecryptSegment, openPlan, openSegments, TAG_BYTES } from '../../proto/cobblestone.ts';
import type { Hmac } from '../../proto/hkdf.ts';

/** The footage in a stored chunk of suite 1. Throws SealError when this key does not open it there. */
export function unseal(key: Uint8Array, place: ChunkPlace, stored: Uint8Array): Uint8Array {
  return openSegments(openPlan(chunkSecret(key, place), stored, hmacSha512), stored, decrypt);
}

const hmacSha512: Hmac = (key, message) => createHmac('sha512', key).update(message).digest();

const decrypt: DecryptSegment = (key, nonce, { body, tag }) => {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(tag);
  const plain = decipher.update(body);
  try {
    decipher.final();
    return plain;
  } catch {
    return undefined;
  }
};
