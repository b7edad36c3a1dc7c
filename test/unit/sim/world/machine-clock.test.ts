import { expect, test } from 'vitest';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { MachineClock } from '../../../../sim/world/machine-clock.ts';

// Goal: a machine sees its own time and no other, and dies with its timers. Method: one under a clock that the test moves.

const WALL_US = 1_700_000_000_000_000;

function boot(driftPpm: number): { time: ManualClock; clock: MachineClock } {
  const time = new ManualClock();
  time.advance(5_000);
  return { time, clock: new MachineClock({ time, driftPpm, wallUs: WALL_US }) };
}

test('it boots at 0 and shows the wall time that it was given', () => {
  const { clock } = boot(0);
  expect(clock.monoUs()).toBe(0);
  expect(clock.wallUs()).toBe(WALL_US);
});

test.each([
  [100, 1_000_100],
  [-200, 999_800],
])('a drift of %i millionths shows after a true second', (driftPpm, monoUs) => {
  const { time, clock } = boot(driftPpm);
  time.advance(1_000);
  expect(clock.monoUs()).toBe(monoUs);
  expect(clock.wallUs()).toBe(WALL_US + monoUs);
});

test.each([0, 150, -150])('no timer rings before its time on this machine (%i ppm)', (driftPpm) => {
  const { time, clock } = boot(driftPpm);
  let rangUs: number | undefined;
  clock.after(10_000, () => {
    rangUs = clock.monoUs();
  });
  time.advance(11_000);
  expect(rangUs).toBeGreaterThanOrEqual(10_000_000);
  expect(rangUs).toBeLessThan(10_000_010);
});

test('a step moves the wall clock and no timer', () => {
  const { time, clock } = boot(0);
  let rang = 0;
  clock.after(1_000, () => (rang += 1));
  clock.step(3_600_000_000);
  expect(clock.wallUs()).toBe(WALL_US + 3_600_000_000);
  expect(clock.monoUs()).toBe(0);
  time.advance(999);
  expect(rang).toBe(0);
  time.advance(1);
  expect(rang).toBe(1);
});

test('without power nothing rings, and what is cancelled does not either', () => {
  const { time, clock } = boot(0);
  let rang = 0;
  const ring = (): void => {
    rang += 1;
  };
  clock.after(100, ring)();
  clock.after(100, ring);
  clock.off();
  clock.after(100, ring);
  time.advance(1_000);
  expect(rang).toBe(0);
  expect(time.pending).toBe(0);
});
