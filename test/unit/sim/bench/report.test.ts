import { describe, expect, test } from 'vitest';
import { goodputOf, median, medians } from '../../../../sim/bench/figures.ts';
import { serialRow, table } from '../../../../sim/bench/report.ts';

const GOOD = { wireRatio: 1.02, ackRatio: 0.005, goodput: 0.97 };
const ours = (figures: typeof GOOD, allEnded = true) => ({ medians: figures, allEnded });
const sz = (goodput: number) => ({ variant: 'sz', figures: { ...GOOD, goodput } });

describe('figures', () => {
  // Goal: the middle run counts. Method: odd and even numbers of runs, in any order; each figure by itself.
  test('take the middle', () => {
    expect([median([3]), median([5, 1, 3]), median([4, 1, 3, 2])]).toEqual([3, 3, 2.5]);
    const runs = [1, 2, 3].map((i) => ({ wireRatio: i, ackRatio: 4 - i, goodput: i * i }));
    expect(medians(runs)).toEqual({ wireRatio: 2, ackRatio: 2, goodput: 4 });
  });

  // Goal: a full line of nothing but payload is 100 %. Method: one second of a tenth of the bit rate.
  test('measure goodput against the 8N1 payload rate', () => {
    expect(goodputOf(92_160, { tookMs: 1_000, baud: 921_600 })).toBe(1);
  });
});

describe('a row', () => {
  // Goal: each limit is one. Method: good figures, then each of them just past its limit, and a run that did not end.
  test('is not ok when a limit is passed', () => {
    const judge = (figures: typeof GOOD, allEnded?: boolean) =>
      serialRow(1e-6, ours(figures, allEnded), []).ok;
    expect(judge(GOOD)).toBe(true);
    expect(judge({ ...GOOD, wireRatio: 1.0321 })).toBe(false);
    expect(judge({ ...GOOD, ackRatio: 0.0101 })).toBe(false);
    expect(judge({ ...GOOD, goodput: 0.9549 })).toBe(false);
    expect(judge(GOOD, false)).toBe(false);
  });

  // Goal: ZMODEM is shown at its best and must be behind; where it does not finish it is nothing.
  test('shows the better ZMODEM and must be ahead of it', () => {
    const row = serialRow(1e-6, ours(GOOD), [sz(0.6), { ...sz(0.9), variant: 'sz -w 8192' }]);
    expect([row.zmodem?.variant, row.ok]).toEqual(['sz -w 8192', true]);
    expect(serialRow(1e-6, ours(GOOD), [sz(0.98)]).ok).toBe(false);
    expect(serialRow(1e-6, ours(GOOD), [{ variant: 'sz', figures: null }]).zmodem).toBeNull();
  });

  test('is a line of the table', () => {
    const lines = table([serialRow(0, ours(GOOD), []), serialRow(1e-4, ours(GOOD), [sz(0.5)])]);
    expect(lines).toHaveLength(3);
    expect(lines[1]).toContain('1.0200 (<= 1.008)');
    expect(lines[2]).toMatch(/^1e-4 .*50\.0 %/);
  });
});
