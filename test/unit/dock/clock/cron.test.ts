import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isCron, schedule } from '../../../../dock/clock/cron.ts';

describe('a cron schedule', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: new Date('2026-11-02T00:00:00.500Z') });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  // Goal: the sweep comes round, and not after it was cancelled. Method: pretended time, a job each second.
  it('runs its job until it is cancelled', async () => {
    let runs = 0;
    const cancel = schedule('* * * * * *', async () => {
      runs += 1;
    });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(runs).toBeGreaterThanOrEqual(4);
    cancel();
    const before = runs;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(runs).toBe(before);
  });

  // Goal: a sweep that takes long is not joined by a second one.
  it('does not start a job that still runs', async () => {
    let runs = 0;
    let finish = (): void => {};
    const cancel = schedule('* * * * * *', async () => {
      runs += 1;
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(runs).toBe(1);
    finish();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(runs).toBe(2);
    finish();
    cancel();
  });

  it.each(['', 'every minute', '61 * * * *', '* * * *'])('refuses "%s"', (expression) => {
    expect(isCron(expression)).toBe(false);
    expect(() => schedule(expression, async () => {})).toThrow(RangeError);
  });
});
