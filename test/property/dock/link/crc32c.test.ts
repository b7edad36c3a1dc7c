import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nativeCrc32c } from '../../../../dock/link/crc32c.ts';
import { crc32c } from '../../../../proto/crc32c.ts';
import { runs } from '../../../runs.ts';

// Goal: the fast sum is the protocol's sum. Method: any bytes, at any place in their buffer, after any others.
test('the native CRC-32C is the one of the protocol', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5_000 }), fc.nat(20), fc.nat(0xffff_ffff), (bytes, from, seed) => {
      const some = bytes.subarray(from);
      expect(nativeCrc32c(some)).toBe(crc32c(some));
      expect(nativeCrc32c(some, seed)).toBe(crc32c(some, seed));
    }),
    { numRuns: runs(300) },
  );
});
