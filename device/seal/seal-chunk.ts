import { createCipheriv, createHmac } from 'node:crypto';
import { type ChunkPlace, sealingSecret } from '../../proto/chunk-key.ts';
import { type EncryptSegment, sealPlan, sealSegments } from '../../proto/cobblestone.ts';
import type { Hmac } from '../../proto/hkdf.ts';

/** A chunk's place, and the key of its recording. */
export interface ChunkToSeal extends ChunkPlace {
  readonly recordingKey: Uint8Array;
  /** Room of STORED_CHUNK_BYTES_MAX for a caller that is done with one chunk before it seals the next. */
  readonly into?: Uint8Array | undefined;
}

/**
 * The stored form of one chunk under suite 1: a new array, or a view of `into`. The chunk's own key lives only in here.
 * `salt` is 24 random bytes, new for each chunk: sealing other bytes for the same place then still uses another key.
 */
export function sealChunk(chunk: ChunkToSeal, plain: Uint8Array, salt: Uint8Array): Uint8Array {
  const secret = sealingSecret(chunk.recordingKey, chunk, hmacSha256);
  const plan = sealPlan(secret, { salt, plainBytes: plain.length }, hmacSha512);
  secret.key.fill(0);
  return sealSegments(plan, { plain, into: chunk.into }, encryptSegment);
}

const hmacSha256: Hmac = (key, message) => createHmac('sha256', key).update(message).digest();
const hmacSha512: Hmac = (key, message) => createHmac('sha512', key).update(message).digest();

const NOTHING = new Uint8Array();

const encryptSegment: EncryptSegment = (key, nonce, plain) => {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  // The last segment is empty whenever a chunk has its full size; an update for nothing would still cost memory.
  const body = plain.length === 0 ? NOTHING : cipher.update(plain);
  // Gives no bytes, GCM being a stream; without it there is no tag.
  cipher.final();
  return { body, tag: cipher.getAuthTag() };
};
