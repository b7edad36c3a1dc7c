import { beforeEach, describe, expect, it } from 'vitest';
import { Pace } from '../../../../dock/keep/pace.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';

const MIB = 1_048_576;

describe('the pace of reading', () => {
  let clock: ManualClock;
  let isBusy: boolean;
  let pace: Pace;
  beforeEach(() => {
    clock = new ManualClock();
    isBusy = false;
    pace = new Pace({ clock, bytesPerS: MIB, isBusy: () => isBusy });
  });

  /** Reads without end, `bytes` at a time; gives back how often so far. */
  function reading(bytes: number): { count: number; ended: unknown } {
    const read: { count: number; ended: unknown } = { count: 0, ended: undefined };
    const go = async (): Promise<void> => {
      for (;;) {
        read.count += 1;
        await pace.spend(bytes);
      }
    };
    go().catch((error: unknown) => {
      read.ended = error;
    });
    return read;
  }

  /** In small steps, as promises settle in between. */
  async function pass(ms: number): Promise<void> {
    for (let gone = 0; gone < ms; gone += 50) {
      clock.advance(50);
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    }
  }

  // Goal: no more than the rate over time, and no less. Method: ten seconds of chunks at 1 MiB/s.
  it('keeps the rate', async () => {
    const read = reading(MIB / 4);
    await pass(10_000);
    expect(read.count).toBeGreaterThanOrEqual(40);
    expect(read.count).toBeLessThanOrEqual(42);
  });

  // Goal: whoever waits for a pass has it as fast as the disk gives it, and never at a camera's cost. Method: hurry, idle and busy.
  it('hurries, but not past an upload', async () => {
    pace.hurry(true);
    for (let reads = 0; reads < 1_000; reads += 1) await pace.spend(MIB);
    expect(clock.monoUs()).toBe(0);
    isBusy = true;
    const read = reading(MIB / 4);
    await pass(10_000);
    expect(read.count).toBeLessThanOrEqual(7);
    isBusy = false;
    pace.hurry(false);
    const before = read.count;
    await pass(10_000);
    expect(read.count - before).toBeLessThanOrEqual(42);
  });

  // Goal: an eighth while somebody uploads, and the whole again after. Method: ten seconds of each.
  it('yields to uploads', async () => {
    isBusy = true;
    const read = reading(MIB / 4);
    await pass(10_000);
    expect(read.count).toBeGreaterThanOrEqual(5);
    expect(read.count).toBeLessThanOrEqual(7);
    isBusy = false;
    const before = read.count;
    await pass(10_000);
    expect(read.count - before).toBeGreaterThanOrEqual(32);
  });

  // Goal: time in which nothing was read is not caught up with. Method: an idle hour before the first read.
  it('saves nothing up', async () => {
    clock.advance(3_600_000);
    const read = reading(MIB);
    await pass(3_000);
    expect(read.count).toBeLessThanOrEqual(4);
  });

  it('pauses and goes on', async () => {
    const read = reading(MIB);
    pace.pause();
    await pass(10_000);
    expect(read.count).toBe(1);
    pace.resume();
    await pass(3_000);
    expect(read.count).toBeGreaterThanOrEqual(3);
  });

  it.each(['waiting', 'paused'])('stops at once while it is %s', async (how) => {
    const read = reading(100 * MIB);
    if (how === 'paused') {
      pace.pause();
      await pass(200_000);
    }
    expect(read.ended).toBeUndefined();
    pace.stop();
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    expect(read.ended).toMatchObject({ code: 'PACE_STOPPED' });
    expect(clock.pending).toBe(0);
  });
});
