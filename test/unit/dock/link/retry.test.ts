import { describe, expect, test, vi } from 'vitest';
import { keepTrying } from '../../../../dock/link/retry.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';

describe('trying again', () => {
  // Attempts fail five times and then work once; the delays between them are measured by a clock moved by hand.
  test('waits 1, 2, 4 and then 5 seconds, and 1 after one that worked', async () => {
    const clock = new ManualClock();
    const stop = new AbortController();
    const atMs: number[] = [];
    const done = keepTrying(
      () => {
        atMs.push(clock.monoUs() / 1_000);
        return Promise.resolve(atMs.length === 6);
      },
      { clock, stopped: stop.signal },
    );
    for (let count = 1; count <= 7; count++) {
      await vi.waitUntil(() => atMs.length === count && clock.pending === 1);
      for (let second = 0; second < 5 && clock.pending === 1; second++) clock.advance(1_000);
    }
    await vi.waitUntil(() => atMs.length === 8);
    const delays = atMs.slice(1).map((at, i) => at - (atMs[i] ?? 0));
    expect(delays).toEqual([1_000, 2_000, 4_000, 5_000, 5_000, 1_000, 2_000]);
    stop.abort();
    await done;
  });

  // Stopping ends a pause at once and leaves no timer behind.
  test('ends at once when stopped', async () => {
    const clock = new ManualClock();
    const stop = new AbortController();
    const done = keepTrying(() => Promise.resolve(false), { clock, stopped: stop.signal });
    await vi.waitUntil(() => clock.pending === 1);
    stop.abort();
    await done;
    expect(clock.pending).toBe(0);
  });
});
