import { createCipheriv, createHmac } from 'node:crypto';
import { chunkKey, type ChunkPlace, chunkSecret } from '../../proto/chunk-key.ts';
import { type EncryptSegment, sealPlan, sealSegments } from '../../proto/cobblestone.ts';
import type { Hmac } from '../../proto/hkdf.ts';

/** A chunk's place, and the key of its recording. */
export interface ChunkToSeal extends ChunkPlace {
  readonly recordingKey: Uint8Array;
}

/**
 * The stored form of one chunk under suite 1, in a new array. The chunk's own key lives only in here.
 * `salt` is 24 random bytes, new for each chunk: sealing other bytes for the same place then still uses another key.
 */
export function sealChunk(chunk: ChunkToSeal, plain: Uint8Array, salt: Uint8Array): Uint8Array {
  const key = chunkKey(chunk.recordingKey, chunk, hmacSha256);
  const plan = sealPlan(chunkSecret(key, chunk), { salt, plainBytes: plain.length }, hmacSha512);
  key.fill(0);
  return sealSegments(plan, plain, encryptSegment);
}

const hmacSha256: Hmac = (key, message) => createHmac('sha256', key).update(message).digest();
const hmacSha512: Hmac = (key, message) => createHmac('sha512', key).update(message).digest();

const encryptSegment: EncryptSegment = (key, nonce, plain) => {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const body = cipher.update(plain);
  // Gives no bytes, GCM being a stream; without it there is no tag.
  cipher.final();
  return { body, tag: cipher.getAuthTag() };
};
