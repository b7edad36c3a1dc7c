import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BatteryLevel, levelAt, openBattery } from '../../../../device/battery/battery.ts';
import { chargeAfter, hoursUntil, voltsAt } from '../../../../device/battery/charge.ts';
import type { BatteryLoad } from '../../../../device/ports.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';

const HOUR_MS = 3_600_000;
const LOADS: readonly BatteryLoad[] = ['off', 'sleep', 'idle', 'recording', 'docked'];
const load = fc.constantFrom(...LOADS);
const percent = fc.double({ min: 0, max: 100, noNaN: true });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const hours = fc.double({ min: 0, max: 400, noNaN: true });

describe('the charge', () => {
  // Goal: it stays between empty and full, goes one way only, and however often somebody looks it comes to the same.
  // Method: any charge, any load, any time, cut in two anywhere.
  it('is the same however it is looked at', () => {
    fc.assert(
      fc.property(percent, load, fc.record({ time: hours, cut: share }), (start, used, { time, cut }) => {
        const end = chargeAfter(start, used, time);
        expect(end).toBeGreaterThanOrEqual(0);
        expect(end).toBeLessThanOrEqual(100);
        if (used === 'docked') expect(end).toBeGreaterThanOrEqual(start);
        else expect(end).toBeLessThanOrEqual(start);
        const halfway = chargeAfter(start, used, time * cut);
        expect(chargeAfter(halfway, used, time * (1 - cut))).toBeCloseTo(end, 6);
      }),
    );
  });

  // Goal: the time until a charge is the time after which it is there. Method: the one against the other.
  it('gets where it was said to get, when it was said', () => {
    fc.assert(
      fc.property(percent, load, percent, (start, used, target) => {
        const needed = hoursUntil(start, used, target);
        if (Number.isFinite(needed)) expect(chargeAfter(start, used, needed)).toBeCloseTo(target, 6);
        else expect(used === 'off' || (used === 'docked' ? target < start : target > start)).toBe(true);
      }),
    );
  });

  // Goal: a shift of recording empties it, a bay fills it, slowly at the end. Method: the figures that the model names.
  it('lasts as long as a real one', () => {
    expect(hoursUntil(100, 'recording', 0)).toBeGreaterThan(9.5);
    expect(hoursUntil(100, 'recording', 0)).toBeLessThan(11);
    expect(hoursUntil(0, 'docked', 80)).toBeLessThan(1.5);
    expect(hoursUntil(95, 'docked', 100)).toBeCloseTo(1);
    expect(hoursUntil(4, 'recording', 3)).toBeLessThan(hoursUntil(90, 'recording', 89));
    expect(hoursUntil(50, 'off', 49)).toBe(Number.POSITIVE_INFINITY);
    expect([100, 60, 30, 10, 0].map(voltsAt)).toEqual([4.1, 3.9, 3.7, 3.6, 3.4]);
  });
});

describe('a level', () => {
  // Goal: it falls at its charge and rises two percent above it. Method: down to nothing and up again, a percent at a time.
  it('does not flicker', () => {
    const walk = (charges: readonly number[], from: BatteryLevel): string => {
      let level = from;
      return charges.map((charge) => (level = levelAt(charge, level))).join(' ');
    };
    expect(walk([16, 15, 16, 17, 18, 5, 0], 'good')).toBe('good low low low good critical empty');
    expect(walk([1, 2, 3, 7, 8, 17, 18], 'empty')).toBe('empty empty critical critical low low good');
  });

  // Goal: whoever listens hears each level at its moment, without asking. Method: record until nothing is left, then dock; the
  // clock says when each came.
  it('is told when it is reached', () => {
    const clock = new ManualClock();
    const battery = openBattery(clock, { percent: 20 });
    const told: (readonly [BatteryLevel, number])[] = [];
    const cancel = battery.onLevel((level) => told.push([level, clock.monoUs() / 1000]));
    battery.use('recording');
    clock.advance(3 * HOUR_MS);
    expect(told.map(([level]) => level)).toEqual(['low', 'critical', 'empty']);
    for (const [index, target] of [15, 5, 0].entries())
      expect(told[index]?.[1]).toBeCloseTo(hoursUntil(20, 'recording', target) * HOUR_MS, -1);
    expect(battery.percent()).toBe(0);
    battery.use('docked');
    clock.advance(HOUR_MS);
    expect(told.slice(3).map(([level]) => level)).toEqual(['critical', 'low', 'good']);
    cancel();
    expect(clock.pending).toBe(0);
  });

  // Goal: a hand on the battery counts at once, and a battery that nobody listens to holds no timer. Method: set it.
  it('follows a hand', () => {
    const clock = new ManualClock();
    const battery = openBattery(clock, { percent: 80 });
    expect([battery.level, clock.pending]).toEqual(['good', 0]);
    const told: BatteryLevel[] = [];
    battery.onLevel((level) => told.push(level));
    battery.set(5);
    battery.set(100);
    expect(told).toEqual(['critical', 'good']);
    expect(openBattery(clock, { percent: 3 }).level).toBe('critical');
  });

  // Goal: no load pattern makes it miss or repeat a level. Method: random loads and times; what was told is what a look at each
  // moment in between finds.
  it('is never missed', () => {
    fc.assert(
      fc.property(percent, fc.array(fc.tuple(load, fc.nat(500)), { maxLength: 12 }), (start, stretches) => {
        const clock = new ManualClock();
        const battery = openBattery(clock, { percent: start });
        let told = battery.level;
        battery.onLevel((level) => {
          expect(level).not.toBe(told);
          told = level;
        });
        for (const [used, minutes] of stretches) {
          battery.use(used);
          clock.advance(minutes * 60_000);
          expect(battery.level).toBe(told);
          const exact = levelAt(battery.percent(), told);
          // The percent that is shown is rounded, so it may be half of one off.
          if (
            Math.abs(battery.percent() - 15) > 3 &&
            Math.abs(battery.percent() - 5) > 3 &&
            battery.percent() > 3
          )
            expect(told).toBe(exact);
        }
      }),
    );
  });
});
