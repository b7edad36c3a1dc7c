import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { sealChunk } from '../../device/seal/seal-chunk.ts';
import { SALT_BYTES, SEAL_KEY_BYTES } from '../../proto/cobblestone.ts';
import { isRecordingId } from '../../proto/ids.ts';
import { CHUNK_BYTES_MAX, STORED_CHUNK_BYTES_MAX } from '../../proto/limits.ts';
import type { Cell } from './ratio.ts';

const RATIO_MIN = 0.7;
const NONCE_BYTES = 12;

/**
 * What sealing costs a camera: key, salt, sealing and digest of each chunk of a recording, beside AES-256-GCM over each chunk
 * in one piece and the digest of that.
 */
export function sealCell(chunkCount: number): Cell {
  // Each chunk has memory of its own: footage that has just been recorded is in no cache.
  const chunks = Array.from({ length: chunkCount }, () => randomBytes(CHUNK_BYTES_MAX));
  const recordingKey = randomBytes(SEAL_KEY_BYTES);
  const recording = randomBytes(16).toString('hex');
  if (!isRecordingId(recording)) throw new Error(`${recording} is no recording id`);
  // As in a camera, which writes and syncs each chunk before it seals the next.
  const into = new Uint8Array(STORED_CHUNK_BYTES_MAX);
  const ours = (): void => {
    for (const [index, chunk] of chunks.entries()) {
      const stored = sealChunk({ recordingKey, recording, index, into }, chunk, randomBytes(SALT_BYTES));
      createHash('sha256').update(stored).digest();
    }
  };
  const plain = (): void => {
    for (const chunk of chunks) encryptWhole(recordingKey, chunk);
  };
  return { name: 'seal', bytes: chunkCount * CHUNK_BYTES_MAX, ratioMin: RATIO_MIN, ours, plain };
}

/** As fast as it can be: the digest takes nonce, body and tag where they are, and nothing is put together to be stored. */
export function encryptWhole(key: Uint8Array, chunk: Uint8Array): void {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const body = cipher.update(chunk);
  cipher.final();
  createHash('sha256').update(nonce).update(body).update(cipher.getAuthTag()).digest();
}
