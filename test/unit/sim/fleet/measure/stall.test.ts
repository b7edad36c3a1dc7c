import { describe, expect, it } from 'vitest';
import { WorkerMeter } from '../../../../../sim/fleet/measure/meter.ts';
import { Tally } from '../../../../../sim/fleet/measure/tally.ts';
import type { LoadResult } from '../../../../../sim/fleet/result.ts';
import { facts } from '../run-facts.ts';

const SECONDS = 20;
const EVERY_US = 1_000;
const SERVICE_US = 2_000;
const STALL = { fromUs: 8_000_000, toUs: 8_500_000 };

/** Plays a chunk a millisecond against a server that needs two, and for half a second does nothing; `sentUs` is when the generator sends it. */
function play(stall: typeof STALL | undefined, sentUs: (intendedUs: number) => number): LoadResult {
  const meter = new WorkerMeter({ startUs: 0, fromUs: 0, toUs: SECONDS * 1e6 });
  const tally = new Tally();
  for (let second = 0; second < SECONDS; second += 1) {
    for (let intendedUs = second * 1e6; intendedUs < (second + 1) * 1e6; intendedUs += EVERY_US) {
      const sent = sentUs(intendedUs);
      const isCaught = stall !== undefined && sent >= stall.fromUs && sent < stall.toUs;
      const durableUs = (isCaught ? stall.toUs : sent) + SERVICE_US;
      meter.chunk(0, { intendedUs, sentUs: sent, durableUs, bytes: 16_384 });
    }
    tally.add(meter.take());
    tally.tick(second, { dock: null, generatorCpuPercent: null });
  }
  return tally.result(facts({ cameras: 1, elapsedSeconds: SECONDS }));
}

describe('a server that stalls for 500 ms', () => {
  // Of 20 s half a second is 2.5 %: the chunks due in it waited 500, 499, ... 1 ms more. The 1 % that waited longest (200 of 20,000)
  // waited more than 300 ms: exactly that is p99.
  it('shows at p99 from the intended time, as arithmetic says', () => {
    const { chunkLatencyMs, series } = play(STALL, (intendedUs) => intendedUs);
    expect(chunkLatencyMs.p50).toBeCloseTo(2, 1);
    expect(chunkLatencyMs.p99).toBeGreaterThanOrEqual(302);
    expect(chunkLatencyMs.p99).toBeLessThan(304);
    expect(chunkLatencyMs.max).toBeGreaterThanOrEqual(502);
    expect(chunkLatencyMs.max).toBeLessThan(503);
    expect(series[8]?.maxMs).toBeGreaterThanOrEqual(502);
    expect(series[7]?.maxMs).toBeLessThan(3);
  });

  // A generator with one connection that waits for the answer sends nothing during the stall but one chunk, and the rest late. Timed from
  // sending, one of 20,000 is slow and the stall is gone; timed from the intended time it is there all the same.
  it('is not hidden by a generator that waits with it', () => {
    const waits = (intendedUs: number): number =>
      intendedUs > STALL.fromUs && intendedUs < STALL.toUs ? STALL.toUs : intendedUs;
    const { chunkLatencyMs, serviceMs, generatorLagMs } = play(STALL, waits);
    expect(serviceMs.p99).toBeLessThan(3);
    expect(serviceMs.p999).toBeLessThan(3);
    expect(chunkLatencyMs.p99).toBeGreaterThanOrEqual(301);
    expect(generatorLagMs.p99).toBeGreaterThanOrEqual(299);
  });

  it('is absent where there was none', () => {
    expect(play(undefined, (intendedUs) => intendedUs).chunkLatencyMs.max).toBeLessThan(3);
  });

  // A stall that outlasts the run leaves chunks without an answer; dropping those would make the run look fast.
  it('is counted for chunks that never got their answer', () => {
    const meter = new WorkerMeter({ startUs: 0, fromUs: 0, toUs: 10e6 });
    const tally = new Tally();
    for (let at = 0; at < 9_000_000; at += EVERY_US) {
      meter.chunk(0, { intendedUs: at, sentUs: at, durableUs: at + SERVICE_US, bytes: 1 });
    }
    for (let at = 9_000_000; at < 10_000_000; at += EVERY_US) {
      meter.unfinished(0, { intendedUs: at, untilUs: 10_000_000 });
    }
    tally.add(meter.take());
    const { chunkLatencyMs, unfinished, bays } = tally.result(facts({ cameras: 1, elapsedSeconds: 10 }));
    expect(unfinished).toBe(1_000);
    expect(chunkLatencyMs.p99).toBeGreaterThanOrEqual(900);
    expect(bays.each[0]?.worstMs).toBe(1_000);
  });
});
