import { describe, expect, test } from 'vitest';
import { probePattern } from '../../../proto/probe-pattern.ts';

describe('the pattern of a probe', () => {
  // Goal: both ends make the same bytes. Method: the first shifts of the seed 1, worked out by hand: 270369, then 67634689.
  test('begins with hard bytes and goes on with xorshift32', () => {
    const pattern = probePattern(0, 0);
    expect(pattern).toHaveLength(256);
    expect([...pattern.subarray(0, 8)]).toEqual([0x00, 0xff, 0x55, 0xaa, 0x00, 0xff, 0x55, 0xaa]);
    expect([...pattern.subarray(60, 66)]).toEqual([
      0x00,
      0xff,
      0x55,
      0xaa,
      270_369 & 0xff,
      67_634_689 & 0xff,
    ]);
  });

  // Goal: a state of 0, from which no shift leads away, is never used. Method: the id whose sum wraps to 0, and another.
  test('is never a run of zeros', () => {
    expect(probePattern(2 ** 32 - 1, 0)).toEqual(probePattern(0, 0));
    expect(probePattern(2 ** 32 - 1, 1)).toEqual(probePattern(0, 0));
    expect(probePattern(5, 1)).not.toEqual(probePattern(5, 2));
  });
});
