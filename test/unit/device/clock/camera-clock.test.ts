import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adoptDockTime, openCameraClock } from '../../../../device/clock/camera-clock.ts';
import { openClockFile } from '../../../../device/flash/clock-file.ts';
import { FaultDisk } from '../../../../sim/fault/disk.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';

const START_US = 1_800_000_000_000_000;
const DAY_MS = 86_400_000;

describe("a camera's clock", () => {
  // Goal: without anything said it is the clock below it, steps and all. Method: the one beside the other.
  it('is the clock below it', () => {
    const base = new ManualClock(START_US);
    const clock = openCameraClock(base);
    base.advance(1234.5);
    base.step(-7_000_000);
    expect([clock.wallUs(), clock.monoUs(), clock.isSet]).toEqual([base.wallUs(), base.monoUs(), true]);
  });

  // Goal: a crystal that is off makes both clocks drift, and timers ring by it. Method: a day at 50 ppm.
  it('drifts', () => {
    const base = new ManualClock(START_US);
    const clock = openCameraClock(base, { ppm: 50 });
    let rang = 0;
    clock.after(DAY_MS, () => (rang = base.monoUs()));
    base.advance(DAY_MS);
    expect(clock.wallUs() - base.wallUs()).toBe(4_320_000);
    expect(clock.monoUs() - base.monoUs()).toBe(4_320_000);
    expect(DAY_MS * 1000 - rang).toBeCloseTo(4_320_000, -3);
  });

  // Goal: what is set holds from there on, a reset begins at 1970 and is known to. Method: set, step, reset, set again.
  it('can be set, stepped and reset', () => {
    const base = new ManualClock(START_US);
    const clock = openCameraClock(base, { ppm: -20 });
    base.advance(DAY_MS);
    clock.set(5_000_000);
    expect([clock.wallUs(), clock.isSet]).toEqual([5_000_000, true]);
    clock.step(1_000_000);
    expect(clock.wallUs()).toBe(6_000_000);
    clock.reset();
    expect([clock.wallUs(), clock.isSet]).toEqual([0, false]);
    base.advance(10_000);
    expect(clock.wallUs()).toBe(9_999_800);
    clock.step(-60_000_000);
    expect([clock.wallUs(), clock.isSet]).toEqual([0, false]);
    clock.set(START_US);
    expect([clock.wallUs(), clock.isSet]).toEqual([START_US, true]);
  });

  // Goal: whatever is done to the wall, monotonic time goes on and never back, and no timer rings early. Method: random commands.
  it('never goes back where it must not', () => {
    const deed = fc.oneof(
      fc.record({ deed: fc.constant('set' as const), us: fc.maxSafeNat() }),
      fc.record({ deed: fc.constant('step' as const), us: fc.integer({ min: -1e12, max: 1e12 }) }),
      fc.record({ deed: fc.constant('reset' as const), us: fc.constant(0) }),
      fc.record({ deed: fc.constant('advance' as const), us: fc.nat(1e9) }),
    );
    fc.assert(
      fc.property(fc.integer({ min: -500, max: 500 }), fc.array(deed, { maxLength: 20 }), (ppm, deeds) => {
        const base = new ManualClock(START_US);
        const clock = openCameraClock(base, { ppm });
        let last = clock.monoUs();
        for (const { deed: what, us } of deeds) {
          if (what === 'advance') base.advance(us / 1000);
          else if (what === 'reset') clock.reset();
          else clock[what](us);
          const now = clock.monoUs();
          expect(now).toBeGreaterThanOrEqual(last);
          expect(Number.isSafeInteger(now) && clock.wallUs() >= 0).toBe(true);
          if (what === 'set') expect(clock.wallUs()).toBe(us);
          last = now;
        }
        const dueUs = clock.monoUs() + 1_000_000;
        let rangUs = 0;
        clock.after(1000, () => (rangUs = clock.monoUs()));
        base.advance(1100);
        expect(rangUs).toBeGreaterThanOrEqual(dueUs);
      }),
    );
  });
});

describe('a clock that was set', () => {
  // Goal: a new camera may come with a clock that nobody set, and one that was set since is not new. Method: both.
  it('was not set before somebody did', () => {
    const base = new ManualClock(START_US);
    const fresh = openCameraClock(base, { unset: true });
    expect([fresh.wallUs(), fresh.isSet]).toEqual([0, false]);
    fresh.set(START_US);
    const again = openCameraClock(base, { unset: true, setting: fresh.setting });
    expect([again.wallUs(), again.isSet]).toEqual([START_US, true]);
  });

  // Goal: a restart, an hour later, goes on with it, drift and all; and an unset one stays unset. Method: keep, pull the plug, open.
  it.each([true, false])('stays as it is over a restart (set: %s)', async (isSet) => {
    const disk = new FaultDisk({ seed: 'clock' });
    await disk.mount().makeFolder('/flash');
    await disk.mount().syncFolder('/');
    const base = new ManualClock(START_US);
    const before = openCameraClock(base, { ppm: 100 });
    if (isSet) before.step(3_600_000_000);
    else before.reset();
    expect((await openClockFile('/flash', disk.mount())).kept).toBeUndefined();
    await (await openClockFile('/flash', disk.mount())).keep(before.setting);
    disk.cutPower();
    const off = new ManualClock(START_US + 3_600_000_000);
    const { kept } = await openClockFile('/flash', disk.mount());
    if (!kept) throw new TypeError('nothing was kept');
    const again = openCameraClock(off, { ppm: 100, setting: kept });
    expect(again.isSet).toBe(isSet);
    expect(again.wallUs()).toBe((isSet ? START_US + 7_200_000_000 : 3_600_000_000) + 360_000);
  });

  // Goal: a spoiled file is a clock that nobody set, not an end. Method: rot.
  it('is not believed when it is not what was written', async () => {
    const disk = new FaultDisk({ seed: 'rot' });
    await disk.mount().makeFolder('/flash');
    const file = await openClockFile('/flash', disk.mount());
    await file.keep({ isSet: true, offsetUs: 1, atWallUs: 2 });
    disk.flip('/flash/clock', 12);
    expect((await openClockFile('/flash', disk.mount())).kept).toBeUndefined();
  });
});

describe("a dock's time", () => {
  const clockOf = () => {
    const base = new ManualClock(START_US);
    return { base, clock: openCameraClock(base) };
  };

  // Goal: it is taken when it says more than the camera knows, and never while something is recorded. Method: each reason.
  it('is taken between recordings only', () => {
    const { base, clock } = clockOf();
    base.advance(1000);
    const time = { wallLessMonoUs: START_US + 500_000, boundUs: 20_000 };
    expect(adoptDockTime(clock, time, { isRecording: true })).toBe(false);
    expect(clock.wallUs()).toBe(base.wallUs());
    expect(adoptDockTime(clock, { ...time, boundUs: 3_000_000 }, { isRecording: false })).toBe(false);
    expect(adoptDockTime(clock, time, { isRecording: false })).toBe(true);
    expect(clock.wallUs()).toBe(base.wallUs() + 500_000);
    expect(
      adoptDockTime(clock, { ...time, wallLessMonoUs: START_US + 510_000 }, { isRecording: false }),
    ).toBe(false);
  });

  // Goal: a clock that counts from 1970 takes whatever a dock says. Method: a dock that says very nearly 1970.
  it('sets a clock that was reset', () => {
    const { clock } = clockOf();
    clock.reset();
    expect(adoptDockTime(clock, { wallLessMonoUs: 100, boundUs: 1000 }, { isRecording: false })).toBe(true);
    expect([clock.isSet, clock.wallUs()]).toEqual([true, 100]);
  });
});
