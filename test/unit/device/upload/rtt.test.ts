import { expect, it } from 'vitest';
import { probeAfterUs, sampled } from '../../../../device/upload/rtt.ts';

// Goal: the arithmetic of RFC 6298, section 2. Method: its formulas by hand for two samples.
it('smooths samples as TCP does', () => {
  const first = sampled(undefined, 100_000);
  expect(first).toEqual({ srttUs: 100_000, rttvarUs: 50_000 });
  expect(sampled(first, 60_000)).toEqual({ srttUs: 95_000, rttvarUs: 47_500 });
});

// Goal: a probe is neither eager on a quick line nor late on a dead one.
it('waits 30 ms to 1.5 s, twice as long after each probe', () => {
  expect(probeAfterUs({ srttUs: 1_000, rttvarUs: 500 }, 0)).toBe(30_000);
  expect(probeAfterUs({ srttUs: 1_000, rttvarUs: 500 }, 2)).toBe(120_000);
  expect(probeAfterUs({ srttUs: 100_000, rttvarUs: 50_000 }, 0)).toBe(300_000);
  expect(probeAfterUs({ srttUs: 100_000, rttvarUs: 50_000 }, 9)).toBe(1_500_000);
  expect(probeAfterUs(undefined, 0)).toBe(500_000);
  expect(probeAfterUs(undefined, 9)).toBe(1_500_000);
});

// Goal: a dock that is slow to answer is not asked again before it can have answered. Method: a round trip beyond the longest pause.
it('waits as long as answers are known to take', () => {
  expect(probeAfterUs({ srttUs: 2_000_000, rttvarUs: 100_000 }, 0)).toBe(2_400_000);
  expect(probeAfterUs({ srttUs: 2_000_000, rttvarUs: 100_000 }, 5)).toBe(2_400_000);
});
