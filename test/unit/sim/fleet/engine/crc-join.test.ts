import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { concat } from '../../../../../proto/bytes.ts';
import { crc32c } from '../../../../../proto/crc32c.ts';
import { crcJoiner } from '../../../../../sim/fleet/engine/crc-join.ts';

// A Data that is written in pieces must end in the CRC that a dock works out over the whole.
test.each([0, 1, 20, 1_024, 65_536, 262_145])('the sum of two pieces is that of the whole, %i B', (bytes) => {
  const [first, second] = [randomBytes(23), randomBytes(bytes)];
  expect(crcJoiner(bytes)(crc32c(first), crc32c(second))).toBe(crc32c(concat(first, second)));
});
