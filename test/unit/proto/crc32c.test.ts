import { describe, expect, test } from 'vitest';
import { concat, utf8 } from '../../../proto/bytes.ts';
import { crc32c } from '../../../proto/crc32c.ts';

describe('crc32c', () => {
  // The check values of RFC 3720 appendix B.4 and the common "123456789".
  test.each([
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['rising', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['falling', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
    ['digits', utf8('123456789'), 0xe3069283],
    ['nothing', new Uint8Array(), 0],
  ])('%s', (_name, bytes, want) => {
    expect(crc32c(bytes)).toBe(want);
  });

  // A message in two pieces must give the value of the whole, wherever it is cut.
  test('continues from a seed', () => {
    const whole = Uint8Array.from({ length: 61 }, (_, i) => (i * 7) & 0xff);
    for (let cut = 0; cut <= whole.length; cut++) {
      const [head, tail] = [whole.subarray(0, cut), whole.subarray(cut)];
      expect(crc32c(tail, crc32c(head))).toBe(crc32c(concat(head, tail)));
    }
  });
});
