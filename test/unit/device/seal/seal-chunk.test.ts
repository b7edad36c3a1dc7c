import { describe, expect, test } from 'vitest';
import { sealChunk } from '../../../../device/seal/seal-chunk.ts';
import { toHex } from '../../../../proto/bytes.ts';
import { chunkKey, type ChunkPlace, chunkSecret } from '../../../../proto/chunk-key.ts';
import { openPlan, openSegments, sealedBytesOf } from '../../../../proto/cobblestone.ts';
import { CHUNK_BYTES_MAX, STORED_CHUNK_BYTES_MAX } from '../../../../proto/limits.ts';
import { fill, recordingId, sha256 } from '../../proto/fixture.ts';
import { decrypt, hmacSha256, hmacSha512, refusal } from '../../proto/seal-fixture.ts';

// Goal: what the camera stores opens with the key of its chunk in its place, and nowhere else.
// Method: bytes worked out with Python's cryptography; moved and full-sized chunks.

const recordingKey = Uint8Array.from({ length: 32 }, (_, i) => i);
const plain = Uint8Array.from({ length: 40_000 }, (_, i) => (i * 7) & 0xff);
const place = { recording: recordingId, index: 0 };
const salt = fill(24, 0xa5);
const seal = (bytes: Uint8Array, index = 0): Uint8Array =>
  sealChunk({ recording: recordingId, index, recordingKey }, bytes, salt);

function open(stored: Uint8Array, at: ChunkPlace): Uint8Array {
  const secret = chunkSecret(chunkKey(recordingKey, at, hmacSha256), at);
  return openSegments(openPlan(secret, stored, hmacSha512), stored, decrypt);
}

describe('a sealed chunk', () => {
  test.each([
    [0, 'b59c73845e40d18b5d1c431cca05227dd1e7ce92eb46a06afe5d9c10ebb9fd2c'],
    [0x01020304, 'c749a62bcf223bf1add21ccec6f3fe0302b9f9e6ed2f4092188503b9612bed9c'],
  ])('of index %i has the bytes of the format', (index, digest) => {
    const stored = seal(plain, index);
    expect([stored.length, toHex(sha256(stored))]).toEqual([40_104, digest]);
    expect(Buffer.compare(open(stored, { recording: recordingId, index }), plain)).toBe(0);
  });

  test('does not open as another chunk, also not with its own key', () => {
    const stored = seal(plain);
    const next = { ...place, index: 1 };
    expect(refusal(() => open(stored, next))).toMatchObject({ code: 'SEAL_COMMITMENT' });
    const moved = chunkSecret(chunkKey(recordingKey, place, hmacSha256), next);
    expect(refusal(() => openPlan(moved, stored, hmacSha512))).toMatchObject({ code: 'SEAL_COMMITMENT' });
  });

  test('leaves what it was given as it was', () => {
    const [key, bytes] = [recordingKey.slice(), plain.slice()];
    seal(plain);
    expect([recordingKey, plain]).toEqual([key, bytes]);
    expect(salt).toEqual(fill(24, 0xa5));
  });

  // Salts do their work: the same bytes in the same place, and nothing in common.
  test('is another one under another salt', () => {
    const other = sealChunk({ ...place, recordingKey }, plain, fill(24, 0xa6));
    const same = seal(plain).reduce((count, byte, i) => count + (byte === other[i] ? 1 : 0), 0);
    expect(same).toBeLessThan(plain.length / 64);
  });

  test.each([0, 1, CHUNK_BYTES_MAX])('of %i bytes fits', (length) => {
    const stored = seal(new Uint8Array(length));
    expect(stored.length).toBe(sealedBytesOf(length));
    expect(stored.length).toBeLessThanOrEqual(STORED_CHUNK_BYTES_MAX);
    expect(Buffer.compare(open(stored, place), new Uint8Array(length))).toBe(0);
  });

  // The camera has one room for a recording: whatever the chunk before has left in it must not show.
  test('in room that was used before is the same', () => {
    const into = new Uint8Array(STORED_CHUNK_BYTES_MAX).fill(0xee);
    const chunk = { ...place, recordingKey, into };
    sealChunk(chunk, new Uint8Array(CHUNK_BYTES_MAX), fill(24, 1));
    for (const bytes of [plain, plain.subarray(0, 32_768), new Uint8Array()]) {
      const stored = sealChunk(chunk, bytes, salt);
      expect([stored.buffer, stored.byteOffset]).toEqual([into.buffer, 0]);
      expect(Buffer.compare(stored, seal(bytes))).toBe(0);
    }
    const small = { ...chunk, into: new Uint8Array(sealedBytesOf(plain.length) - 1) };
    expect(() => sealChunk(small, plain, salt)).toThrow(RangeError);
  });
});
