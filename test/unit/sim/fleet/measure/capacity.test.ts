import { describe, expect, it } from 'vitest';
import { baysOf } from '../../../../../sim/fleet/measure/bays.ts';
import { capacityOf } from '../../../../../sim/fleet/measure/capacity.ts';
import type { LoadOptions, SecondPoint } from '../../../../../sim/fleet/result.ts';
import { facts } from '../run-facts.ts';

function answer(rates: readonly number[], given: Partial<LoadOptions> = {}, errors = 0) {
  const series = rates.map(
    (MBps, second): SecondPoint => ({
      ...{ second, MBps, chunks: 1, recordings: 0, p50Ms: 1, p99Ms: 1, maxMs: 1 },
      ...{ generatorCpuPercent: null, dock: null },
    }),
  );
  const { options } = facts({ options: given });
  return capacityOf({ series, options, elapsedSeconds: rates.length, errors });
}

const steady = (MBps: number, seconds = 30) => Array.from({ length: seconds }, () => MBps);

describe('how many cameras a dock takes', () => {
  // 100 MB/s for an hour are 360,000 MB; a Portland camera brings 2,332.4 MB a shift: 154 whole ones.
  it('is the bytes of the time by the bytes of a shift', () => {
    const { answer: capacity } = answer(steady(100));
    expect(capacity?.within).toContainEqual({ minutes: 60, cameras: 154 });
    expect(capacity?.shiftBytes).toBe(2_332_400_000);
    expect(capacity?.basis).toBe('sustained');
    expect(capacity?.shift.cameras).toBe(367);
    expect(capacity?.shift.minutes).toBeCloseTo(142.66, 1);
  });

  // A camera's own 25 Mbit/s needs 12.4 minutes for a shift, however fast the dock is.
  it('is never sooner than one camera can send', () => {
    const { answer: capacity } = answer(steady(1e6), { profile: 'precinct' });
    expect(capacity?.shift.minutes).toBeCloseTo(12.44, 1);
    expect(capacity?.shift.cameras).toBe(17);
  });

  it('is promised at the slowest third, and at least that where more was not offered', () => {
    expect(answer([...steady(200, 20), ...steady(50, 10)]).answer?.MBps).toBe(50);
    expect(answer(steady(50), { loop: 'open' }).answer?.basis).toBe('at-least');
  });

  it('leaves the warm-up out', () => {
    expect(answer([...steady(0, 5), ...steady(80, 12)], { warmUpSeconds: 5 }).answer?.MBps).toBe(80);
  });

  it('is not said after a short run, a failed one, or one that stood still', () => {
    expect(answer(steady(100, 9)).reason).toContain('at least 10 s');
    expect(answer(steady(100), {}, 1).reason).toContain('1 errors');
    expect(answer([...steady(100, 20), ...steady(0, 10)]).reason).toContain('nothing became durable');
  });
});

describe('fairness', () => {
  it('counts a camera that got nothing', () => {
    const counts = new Map(
      [0, 1, 2].map((camera) => [
        camera,
        { camera, bytes: 30e6, recordings: 1, errors: 0, retransmits: 0, worstUs: 5_000 },
      ]),
    );
    const bays = baysOf(counts, 4, 10);
    expect(bays).toMatchObject({ count: 4, meanMBps: 2.25, minMBps: 0, maxMBps: 3, minOverMean: 0 });
    expect(bays.each[3]).toMatchObject({ bytes: 0, worstMs: null });
    expect(bays.spread).toHaveLength(21);
  });

  it('shows the slowest of many', () => {
    const counts = new Map(
      Array.from({ length: 1_000 }, (_, camera) => [
        camera,
        { camera, bytes: (1_000 - camera) * 1e6, recordings: 1, errors: 0, retransmits: 0, worstUs: 1 },
      ]),
    );
    const { each, spread } = baysOf(counts, 1_000, 10);
    expect(each).toHaveLength(64);
    expect(each[0]?.camera).toBe(999);
    expect([spread[0], spread.at(-1)]).toEqual([0.1, 100]);
  });
});
