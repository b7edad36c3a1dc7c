import { describe, expect, test } from 'vitest';
import { concat, equal, fromBase64, fromHex, text, toBase64, toHex, utf8 } from '../../../proto/bytes.ts';

describe('hex', () => {
  // One value has one spelling in both directions; every byte value is tried.
  test('round trips every byte and refuses other spellings', () => {
    const every = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(toHex(every).slice(0, 8)).toBe('00010203');
    expect(fromHex(toHex(every))).toEqual(every);
    for (const wrong of ['0', 'AB', 'zz', '0x00', 'a b']) expect(() => fromHex(wrong)).toThrow(TypeError);
  });
});

describe('base64', () => {
  // The vectors of RFC 4648 section 10, both ways.
  test.each([
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ])('RFC 4648: %j', (plain, encoded) => {
    expect(toBase64(utf8(plain))).toBe(encoded);
    expect(text(fromBase64(encoded))).toBe(plain);
  });

  // A second spelling of the same bytes would let two texts stand for one digest.
  test.each(['Zg', 'Zg=', 'Zh==', 'Zm9=', 'Zm9v\n', 'Zm-_', '====', 'Z==='])('refuses %j', (wrong) => {
    expect(() => fromBase64(wrong)).toThrow(TypeError);
  });

  // The last two of the 64 symbols sit outside the letter ranges.
  test('uses + and /', () => {
    expect(toBase64(Uint8Array.of(0xfb, 0xff))).toBe('+/8=');
    expect(fromBase64('+/8=')).toEqual(Uint8Array.of(0xfb, 0xff));
  });
});

describe('bytes', () => {
  // Joining and comparing, with views into larger arrays among the parts.
  test('concat and equal', () => {
    const whole = concat(Uint8Array.of(9, 1, 2).subarray(1), Uint8Array.of(), Uint8Array.of(3));
    expect(equal(whole, Uint8Array.of(1, 2, 3))).toBe(true);
    expect(equal(whole, Uint8Array.of(1, 2))).toBe(false);
    expect(equal(whole, Uint8Array.of(1, 2, 4))).toBe(false);
  });

  // Text that is not UTF-8 must not turn into replacement characters, and a byte order mark must survive.
  test('text is strict and keeps a byte order mark', () => {
    expect(() => text(Uint8Array.of(0xff))).toThrow(TypeError);
    const marked = Uint8Array.of(0xef, 0xbb, 0xbf, 0x61);
    expect(utf8(text(marked))).toEqual(marked);
  });
});
