import { hkdfSync, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../proto/bytes.ts';
import { hkdfExpand } from '../../../proto/hkdf.ts';
import { hmacSha256, hmacSha512 } from './seal-fixture.ts';

// Goal: HKDF-Expand is that of RFC 5869. Method: the RFC's vectors, and node's own HKDF for lengths around each block's end.

const ascending = (from: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (from + i) & 0xff);
const none = new Uint8Array();

// Appendix A, cases 1 to 3: input, salt, info, and the output.
const CASES = [
  {
    input: fromHex('0b'.repeat(22)),
    salt: ascending(0, 13),
    info: ascending(0xf0, 10),
    output: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
  },
  {
    input: ascending(0, 80),
    salt: ascending(0x60, 80),
    info: ascending(0xb0, 80),
    output:
      'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
  },
  {
    input: fromHex('0b'.repeat(22)),
    salt: none,
    info: none,
    output: '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
  },
] as const;

describe('RFC 5869, appendix A', () => {
  test.each(CASES)('$output', ({ input, salt, info, output }) => {
    const key = hmacSha256(salt, input);
    const expansion = { key, info, bytes: output.length / 2, hashBytes: 32 };
    expect(toHex(hkdfExpand(hmacSha256, expansion))).toBe(output);
  });
});

describe('beside node', () => {
  // Node extracts first, so it is given what our key is extracted from.
  test.each([1, 63, 64, 65, 76, 128, 129, 64 * 255])('%i bytes with SHA-512', (bytes) => {
    const [input, salt, info] = [randomBytes(32), randomBytes(24), randomBytes(40)];
    const expansion = { key: hmacSha512(salt, input), info, bytes, hashBytes: 64 };
    const theirs = new Uint8Array(hkdfSync('sha512', input, salt, info, bytes));
    expect(toHex(hkdfExpand(hmacSha512, expansion))).toBe(toHex(theirs));
  });
});

describe('refuses', () => {
  const key = new Uint8Array(32);

  test.each([0, -1, 1.5, Number.NaN, 255 * 32 + 1])('%d bytes', (bytes) => {
    expect(() => hkdfExpand(hmacSha256, { key, info: none, bytes, hashBytes: 32 })).toThrow(RangeError);
  });

  // With SHA-256 in place of SHA-512 the result would look like any other key.
  test('the wrong hash', () => {
    const expansion = { key, info: none, bytes: 76, hashBytes: 64 };
    expect(() => hkdfExpand(hmacSha256, expansion)).toThrow('HMAC gave 32 B instead of 64 B');
  });
});
