import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Chance } from '../../../sim/fault/chance.ts';
import { TimeHistogram } from '../../../sim/fleet/measure/histogram.ts';
import { WorkerMeter } from '../../../sim/fleet/measure/meter.ts';
import { PROFILES, shiftBytes } from '../../../sim/fleet/measure/profile.ts';
import { dayArrivals, dueChunks, steadyPace } from '../../../sim/fleet/measure/schedule.ts';
import { Tally } from '../../../sim/fleet/measure/tally.ts';
import { facts } from '../../unit/sim/fleet/run-facts.ts';

const times = fc.array(fc.integer({ min: 0, max: 4_000_000_000 }), { maxLength: 300 });

describe('histograms of times', () => {
  // Whatever the workers saw, and however often they reported: merged, it is as if one histogram had seen it all.
  it('lose nothing by being split, encoded and merged', () => {
    fc.assert(
      fc.property(fc.array(times, { maxLength: 6 }), (shares) => {
        const merged = new TimeHistogram();
        for (const share of shares) {
          const worker = new TimeHistogram();
          for (const us of share) worker.record(us);
          merged.addEncoded(worker.takeEncoded());
          expect(worker.percentiles().count).toBe(0);
        }
        const one = new TimeHistogram();
        for (const us of shares.flat()) one.record(us);
        expect(merged.percentiles()).toEqual(one.percentiles());
      }),
    );
  });

  // Against the definition: the smallest value that so many of the values do not exceed, within a thousandth and never below.
  it('are within a thousandth of the sorted list', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3_000_000_000 }), { minLength: 1, maxLength: 300 }),
        (list) => {
          const histogram = new TimeHistogram();
          for (const us of list) histogram.record(us);
          const sorted = list.toSorted((a, b) => a - b);
          const { p50, p99, max } = histogram.percentiles();
          for (const [said, share] of [
            [p50, 0.5],
            [p99, 0.99],
            [max, 1],
          ] as const) {
            const exact = sorted[Math.max(0, Math.ceil(share * sorted.length - 1e-9) - 1)] ?? 0;
            expect((said ?? 0) * 1_000).toBeGreaterThanOrEqual(exact);
            expect((said ?? 0) * 1_000).toBeLessThanOrEqual(exact * 1.001 + 1);
          }
        },
      ),
    );
  });
});

describe('the tally', () => {
  const chunk = fc.record({
    worker: fc.integer({ min: 0, max: 2 }),
    camera: fc.integer({ min: 0, max: 4 }),
    intendedUs: fc.integer({ min: 0, max: 9_999_999 }),
    waitUs: fc.integer({ min: 0, max: 1_000_000 }),
    bytes: fc.integer({ min: 1, max: 262_144 }),
    isReported: fc.boolean(),
  });

  // Bytes by the second, by the camera and in all are three sums of the same chunks, however they were spread over workers and reports.
  it('adds up to the same bytes by second, by camera and in all', () => {
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 100 }), (chunks) => {
        const window = { startUs: 0, fromUs: 2_000_000, toUs: 10_000_000 };
        const workers = [0, 1, 2].map(() => new WorkerMeter(window));
        const tally = new Tally();
        for (const { worker, camera, intendedUs, waitUs, bytes, isReported } of chunks) {
          const meter = workers[worker];
          meter?.chunk(camera, { intendedUs, sentUs: intendedUs, durableUs: intendedUs + waitUs, bytes });
          if (isReported && meter !== undefined) tally.add(meter.take());
        }
        for (const meter of workers) tally.add(meter.take());
        const result = tally.result(facts({ cameras: 5, elapsedSeconds: 10, options: { warmUpSeconds: 2 } }));
        const inWindow = chunks.filter(
          ({ intendedUs, waitUs }) => intendedUs + waitUs >= 2_000_000 && intendedUs + waitUs < 10_000_000,
        );
        const sum = inWindow.reduce((total, { bytes }) => total + bytes, 0);
        expect(result.durable.bytes).toBe(sum);
        expect(result.durable.chunks).toBe(inWindow.length);
        expect(result.bays.each.reduce((total, { bytes }) => total + bytes, 0)).toBe(sum);
        expect(result.chunkLatencyMs.count).toBe(
          chunks.filter(({ intendedUs }) => intendedUs >= 2_000_000).length,
        );
      }),
    );
  });
});

const plans = fc.record({
  seed: fc.string({ maxLength: 8 }),
  cameras: fc.integer({ min: 1, max: 200 }),
  payloadScale: fc.constantFrom(1, 0.01, 1e-4),
  timeWarp: fc.constantFrom(1, 60, 1_440),
  cutShare: fc.constantFrom(0, 0.3, 1),
  returnShare: fc.constantFrom(0, 0.5, 1),
});

describe('a day of shifts', () => {
  const planned = ({
    seed,
    ...rest
  }: { seed: string } & Omit<Parameters<typeof dayArrivals>[0], 'profile' | 'chance'>) =>
    dayArrivals({ ...rest, profile: PROFILES.city, chance: new Chance(seed) });

  it('is the same by the same seed, and sums to the profile', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const arrivals = planned(plan);
        expect(planned(plan)).toEqual(arrivals);
        expect(arrivals.map(({ camera }) => camera).toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: plan.cameras }, (_, camera) => camera),
        );
        const recordings = arrivals.flatMap((arrival) => arrival.recordings);
        expect(recordings).toHaveLength(Math.round(plan.cameras * PROFILES.city.filesMean));
        expect(recordings.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(
          Math.round(shiftBytes(PROFILES.city, plan.cameras) * plan.payloadScale),
        );
        // In order, within a day and the stragglers of its last shift.
        const starts = arrivals.map(({ atMs }) => atMs);
        expect(starts).toEqual(starts.toSorted((a, b) => a - b));
        expect(Math.min(...starts)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...starts)).toBeLessThanOrEqual((16.5 * 3_600_000) / plan.timeWarp);
      }),
      { numRuns: 40 },
    );
  });

  // An open loop asks nobody: chunks are due one link time after the other, whole recordings unless the camera was taken away for good.
  it('gives each chunk its time', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const [arrival] = planned({ ...plan, cameras: Math.min(plan.cameras, 5), payloadScale: 1e-4 });
        if (arrival === undefined) throw new Error('No camera came.');
        const due = [...dueChunks(arrival, 4_096)];
        const gone = arrival.recordings.findIndex(
          ({ bytes, cut }) => cut?.backAfterMs === null && hasChunkAfter(bytes, cut.afterBytes),
        );
        const whole = gone === -1 ? arrival.recordings : arrival.recordings.slice(0, gone);
        for (const [index, { bytes }] of whole.entries()) {
          const own = due.filter(({ recording }) => recording === index);
          expect(own.reduce((sum, one) => sum + one.bytes, 0)).toBe(bytes);
        }
        const lost = due.filter(({ recording }) => recording > whole.length);
        expect(lost).toEqual([]);
        for (const [index, one] of due.entries()) {
          const before = due[index - 1];
          if (before === undefined) continue;
          const linkUs = (before.bytes / arrival.bytesPerSecond) * 1e6;
          expect(one.intendedUs - before.intendedUs).toBeGreaterThanOrEqual(Math.floor(linkUs) - 1);
        }
      }),
      { numRuns: 40 },
    );
  });

  /** Whether a chunk of 4 KiB begins at or behind the cut. */
  function hasChunkAfter(bytes: number, afterBytes: number): boolean {
    return Math.ceil(afterBytes / 4_096) * 4_096 < bytes;
  }
});

describe('a steady pace', () => {
  // Any stretch as long as one interval has each camera once, so the rate is even whatever the seed.
  it('has each camera once an interval, at times of their own', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 300 }), (seed, cameras) => {
        const pace = steadyPace({ cameras, chunksPerSecond: 100, chance: new Chance(seed) });
        const first = Array.from({ length: cameras }, (_, camera) => pace.dueUs(camera, 0));
        expect(new Set(first).size).toBe(cameras);
        expect(Math.max(...first)).toBeLessThan(pace.intervalUs);
        for (const camera of [0, cameras - 1]) {
          expect(
            Math.abs(pace.dueUs(camera, 7) - pace.dueUs(camera, 0) - 7 * pace.intervalUs),
          ).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
