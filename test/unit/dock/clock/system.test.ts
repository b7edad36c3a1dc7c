import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SystemClock } from '../../../../dock/clock/system.ts';

/** A machine whose clocks say what the test wants. */
class Machine {
  wallUs = 1_800_000_000_000_250;
  mono = 5_000_000;
  readonly clock = new SystemClock({ wallMs: () => Math.floor(this.wallUs / 1000), monoUs: () => this.mono });

  pass(us: number): void {
    this.wallUs += us;
    this.mono += us;
  }
}

describe('SystemClock', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  // Goal: microseconds where the system gives milliseconds. Method: run both clocks on in small steps; the reading
  // never goes back, stays within the system's millisecond, and moves inside of it.
  it('fills in microseconds', () => {
    const machine = new Machine();
    const seen = new Set<number>();
    let before = machine.clock.wallUs();
    for (let i = 0; i < 5_000; i++) {
      machine.pass(37);
      const now = machine.clock.wallUs();
      expect(now).toBeGreaterThanOrEqual(before);
      expect(Math.floor(now / 1000)).toBe(Math.floor(machine.wallUs / 1000));
      seen.add(now % 1000);
      before = now;
    }
    expect(seen.size).toBeGreaterThan(100);
  });

  // Goal: a step is followed at once, either way. Method: move the wall clock alone.
  it.each([3_600_000_000, -3_600_000_000, 5_000, -5_000])('follows a step of %d us', (step) => {
    const machine = new Machine();
    machine.pass(10_000);
    machine.clock.wallUs();
    machine.wallUs += step;
    expect(Math.abs(machine.clock.wallUs() - machine.wallUs)).toBeLessThan(1_000);
    machine.pass(250_000);
    expect(Math.abs(machine.clock.wallUs() - machine.wallUs)).toBeLessThan(1_000);
  });

  // Goal: never early. Method: let the timer fire while the monotonic clock is still short of the delay.
  it('wakes once, and never before the delay is over', () => {
    const machine = new Machine();
    const wake = vi.fn<() => void>();
    machine.clock.after(10, wake);
    machine.pass(9_400);
    vi.advanceTimersByTime(10);
    expect(wake).not.toHaveBeenCalled();
    machine.pass(700);
    vi.advanceTimersByTime(1);
    expect(wake).toHaveBeenCalledTimes(1);
    machine.pass(100_000);
    vi.advanceTimersByTime(100);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  // Goal: cancelled means silent, also when the timer had fired early. Method: cancel before and in between.
  it('does not wake after it was cancelled', () => {
    const machine = new Machine();
    const wake = vi.fn<() => void>();
    machine.clock.after(10, wake)();
    const cancel = machine.clock.after(10, wake);
    vi.advanceTimersByTime(10);
    cancel();
    machine.pass(100_000);
    vi.advanceTimersByTime(100);
    expect(wake).not.toHaveBeenCalled();
  });

  // Goal: delays longer than a timer can be work. Method: thirty days, in which Node's own timer fires at once.
  it('waits for a month', () => {
    const machine = new Machine();
    const wake = vi.fn<() => void>();
    const dayMs = 86_400_000;
    machine.clock.after(30 * dayMs, wake);
    for (let day = 0; day < 29; day++) {
      machine.pass(dayMs * 1000);
      vi.advanceTimersByTime(dayMs);
    }
    expect(wake).not.toHaveBeenCalled();
    machine.pass(dayMs * 1000 + 1);
    vi.advanceTimersByTime(dayMs + 1);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  // Goal: the machine's own sources are wired. Method: compare with the system, roughly.
  it('reads the real clocks', () => {
    vi.useRealTimers();
    const clock = new SystemClock();
    expect(Math.abs(clock.wallUs() - Date.now() * 1000)).toBeLessThan(50_000);
    const [first, second] = [clock.monoUs(), clock.monoUs()];
    expect(second).toBeGreaterThanOrEqual(first);
    expect(Number.isSafeInteger(clock.wallUs()) && Number.isSafeInteger(first)).toBe(true);
  });
});
