import { describe, expect, it } from 'vitest';
import {
  type ClockRecord,
  clockOf,
  type Exchange,
  NO_CLOCK,
  recorded,
} from '../../../../dock/ingest/clock-estimate.ts';

const OFFSET = 1_000_000;
const W1 = 150;
const W2 = 300;

/** An exchange at `at` over a line with these delays, besides what the bytes take; the camera takes 40 µs to answer. */
function exchange(at: number, [there, back]: readonly [number, number], offset = OFFSET): Exchange {
  const t2 = at + W1 + there + offset;
  const t3 = t2 + 40;
  return { t1: at, t2, t3, t4: t3 - offset + W2 + back, w1: W1, w2: W2, cameraWallUs: 0 };
}

const after = (...exchanges: Exchange[]): ClockRecord => exchanges.reduce<ClockRecord>(recorded, NO_CLOCK);
const NOW = { monoUs: 0, wallUs: 0 };

// Goal: the offset is right within its bound. Method: known offsets and delays, alike and unlike each way.
describe('the offset of a camera clock', () => {
  it('is exact when both ways take the same, whatever the messages take on the wire', () => {
    expect(clockOf(after(exchange(0, [500, 500])), NOW)).toEqual({ offsetUs: OFFSET, boundUs: 502 });
  });

  it('is off by no more than its bound when they do not', () => {
    for (const [there, back] of [
      [0, 9_000],
      [9_000, 0],
      [100, 3_000],
    ] as const) {
      const clock = clockOf(after(exchange(0, [there, back])), NOW);
      expect(Math.abs((clock?.offsetUs ?? 0) - OFFSET)).toBeLessThanOrEqual(clock?.boundUs ?? 0);
    }
  });

  it('is that of the shortest round trip among the last eight', () => {
    const busy = Array.from({ length: 7 }, (_, index) => exchange(2_000 + index, [9_000, 100]));
    expect(clockOf(after(exchange(0, [10, 10]), ...busy), NOW)?.boundUs).toBe(12);
    expect(clockOf(after(exchange(0, [10, 10]), ...busy, exchange(5_000, [9_000, 100])), NOW)?.boundUs).toBe(
      4_552,
    );
  });

  it('knows nothing from an answer that took longer than the whole, or went back in time', () => {
    const honest = exchange(0, [10, 10]);
    for (const t3 of [honest.t2 - 1, honest.t2 + 1_000]) expect(after({ ...honest, t3 })).toEqual(NO_CLOCK);
    expect(clockOf(NO_CLOCK, NOW)).toBeUndefined();
  });
});

// Goal: drift is told when enough time has been watched, with a bound. Method: a camera 50 ppm fast.
it('drift is the slope from the first samples to the newest', () => {
  const at = (us: number) => exchange(us, [200, 200], OFFSET + (us * 50) / 1e6);
  expect(clockOf(after(at(0), at(1_000_000)), NOW)).not.toHaveProperty('drift');
  const drift = clockOf(after(at(0), ...Array.from({ length: 20 }, (_, s) => at(s * 1_000_000))), NOW)?.drift;
  expect(drift?.ppm).toBeCloseTo(50, 1);
  expect(drift?.boundPpm).toBeLessThan(30);
});

// Goal: a step of the dock's UTC spoils nothing that was measured. Method: told before and after a step of an hour.
it('is kept by the monotonic clock and told by UTC of the moment', () => {
  const hour = 3_600_000_000;
  const clock = after({ ...exchange(5_000, [100, 100]), cameraWallUs: 7_000_000 });
  const before = clockOf(clock, { monoUs: 6_000, wallUs: 6_000 + 1_000 });
  const stepped = clockOf(clock, { monoUs: 6_000, wallUs: 6_000 + 1_000 + hour });
  expect(before).toMatchObject({ offsetUs: OFFSET - 1_000, boundUs: 102 });
  expect(stepped?.offsetUs).toBe(OFFSET - 1_000 - hour);
  // The camera said 7 s of UTC at the dock's monotonic 5,290 µs.
  expect(before?.wallOffsetUs).toBe(7_000_000 - 5_290 - 1_000);
  expect(stepped?.wallOffsetUs).toBe(7_000_000 - 5_290 - 1_000 - hour);
});
