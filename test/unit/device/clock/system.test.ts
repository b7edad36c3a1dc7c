import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../../device/clock/system.ts';

const START_MS = 1_800_000_000_000;

describe('the system clock', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: START_MS, toFake: ['Date', 'hrtime', 'setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  // Goal: both clocks go on in microseconds, and a step of the machine's clock moves only the wall. Method: a fake
  // machine.
  it('tells wall time and time since the start', () => {
    const clock = systemClock();
    expect([clock.wallUs(), clock.monoUs()]).toEqual([START_MS * 1000, 0]);
    vi.advanceTimersByTime(1500);
    expect([clock.wallUs(), clock.monoUs()]).toEqual([(START_MS + 1500) * 1000, 1_500_000]);
    vi.setSystemTime(START_MS - 60_000);
    expect([clock.wallUs(), clock.monoUs()]).toEqual([(START_MS - 60_000) * 1000, 1_500_000]);
  });

  // Goal: a camera whose clock is wrong can be made. Method: an hour slow and 20 ppm fast, over a thousand seconds.
  it('can be set wrong and can drift', () => {
    const clock = systemClock({ wallOffsetUs: -3_600_000_000, driftPpm: 20 });
    vi.advanceTimersByTime(1_000_000);
    expect(clock.wallUs() - (START_MS + 1_000_000) * 1000).toBe(-3_600_000_000 + 20_000);
    expect(clock.monoUs()).toBe(1_000_000_000);
  });

  // Goal: a wake comes once, never early and never after it was called off; also beyond what one Node timer can wait.
  // Method: delays of every kind.
  it.each([0, 1, 0.4, 250, 2 ** 31 + 5000])('wakes once after %f ms', (delayMs) => {
    const clock = systemClock();
    const woken: number[] = [];
    clock.after(delayMs, () => woken.push(clock.monoUs()));
    const calledOff = clock.after(delayMs, () => woken.push(-1));
    calledOff();
    expect(woken).toEqual([]);
    vi.advanceTimersByTime(Math.ceil(delayMs) + 5);
    expect(woken).toHaveLength(1);
    expect(woken[0]).toBeGreaterThanOrEqual(delayMs * 1000);
  });

  it('wakes at once for a time that has passed', () => {
    const clock = systemClock();
    const wake = vi.fn();
    clock.after(-5, wake);
    vi.advanceTimersByTime(1);
    expect(wake).toHaveBeenCalledTimes(1);
  });
});
