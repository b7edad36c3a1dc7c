import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isCron, schedule } from '../../../../dock/clock/cron.ts';

describe('a cron schedule', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: new Date('2026-11-02T00:00:00.500Z') });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
  });

  // Goal: the sweep comes round, and not after it was cancelled. Method: pretended time, a job each second.
  it('runs its job until it is cancelled', async () => {
    let runs = 0;
    const { cancel, nextUs } = schedule('* * * * * *', async () => {
      runs += 1;
    });
    expect(nextUs()).toBe(Date.parse('2026-11-02T00:00:01Z') * 1_000);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(runs).toBeGreaterThanOrEqual(4);
    cancel();
    expect(nextUs()).toBeUndefined();
    const before = runs;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(runs).toBe(before);
  });

  // Goal: a sweep that takes long is not joined by a second one.
  it('does not start a job that still runs', async () => {
    let runs = 0;
    let finish = (): void => {};
    let leftOut = 0;
    const job = async (): Promise<void> => {
      runs += 1;
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
    };
    const { cancel } = schedule('* * * * * *', job, () => {
      leftOut += 1;
    });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(runs).toBe(1);
    expect(leftOut).toBe(4);
    finish();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(runs).toBe(2);
    finish();
    cancel();
  });

  // Goal: a job keeps its pace when the clock is set, a day back or a year ahead. Method: pretended time that is set between two runs.
  it.each([-86_400_000, 31_536_000_000])('goes on after the clock was set by %i ms', async (byMs) => {
    let [runs, leftOut] = [0, 0];
    const job = async (): Promise<void> => {
      runs += 1;
    };
    const { cancel, again } = schedule('* * * * * *', job, () => {
      leftOut += 1;
    });
    await vi.advanceTimersByTimeAsync(3_000);
    const before = runs;
    vi.setSystemTime(Date.now() + byMs);
    again();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(runs - before).toBeGreaterThanOrEqual(9);
    expect(leftOut).toBe(0);
    cancel();
    again();
    const after = runs;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(runs).toBe(after);
  });

  // Goal: no run is missing in the night in which clocks go forward, and none comes twice in the other. Method: a machine whose
  // local time is Oregon's, and jobs within the hours that it loses and repeats in 2026.
  it.each(['2026-03-08T00:00:00Z', '2026-11-01T00:00:00Z'])(
    'goes by UTC in the night of %s',
    async (night) => {
      vi.stubEnv('TZ', 'America/Los_Angeles');
      vi.setSystemTime(new Date(night));
      const at: string[] = [];
      const { cancel, nextUs } = schedule('30 2,9,10 * * *', async () => {
        at.push(new Date().toISOString().slice(11, 16));
      });
      expect(new Date((nextUs() ?? 0) / 1_000).toISOString()).toBe(
        night.replace('00:00:00Z', '02:30:00.000Z'),
      );
      await vi.advanceTimersByTimeAsync(24 * 3_600_000);
      cancel();
      expect(at).toEqual(['02:30', '09:30', '10:30']);
    },
  );

  it.each(['', 'every minute', '61 * * * *', '* * * *'])('refuses "%s"', (expression) => {
    expect(isCron(expression)).toBe(false);
    expect(() => schedule(expression, async () => {})).toThrow(RangeError);
  });
});
