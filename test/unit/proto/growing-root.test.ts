import { expect, it } from 'vitest';
import { toHex } from '../../../proto/bytes.ts';
import { GrowingRoot } from '../../../proto/growing-root.ts';
import { recordingRoot } from '../../../proto/merkle.ts';
import { sha256 } from './fixture.ts';

// Goal: after each chunk the root is that of all chunks so far, at no more than two hashes a chunk. Method: every count up to
// two powers of two beyond a carry, beside the root that is made from nothing; count the hashes of adding alone.
it('is the root of the recording at every count', () => {
  const digests = Array.from({ length: 131 }, (_, index) => sha256(Uint8Array.of(index)));
  const growing = new GrowingRoot(sha256);
  expect(toHex(growing.root())).toBe(toHex(recordingRoot(sha256, [])));
  for (const [index, digest] of digests.entries()) {
    growing.add(digest);
    expect(growing.size).toBe(index + 1);
    expect(toHex(growing.root())).toBe(toHex(recordingRoot(sha256, digests.slice(0, index + 1))));
  }
  let hashes = 0;
  const counted = new GrowingRoot((bytes) => {
    hashes += 1;
    return sha256(bytes);
  });
  for (const digest of digests) counted.add(digest);
  expect(hashes).toBeLessThanOrEqual(2 * digests.length);
});
