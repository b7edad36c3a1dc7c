import { expect, it } from 'vitest';
import { atMost } from '../../../../dock/clock/at-most.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';

// Goal: what many ask for is done for all of them, never more often than allowed, and nobody's wish is lost. Method: asks before,
// within and after the time.
it('does at once what was not done lately, and the rest once', () => {
  const clock = new ManualClock();
  const doneMs: number[] = [];
  const looks = atMost(1_000, clock, () => doneMs.push(clock.monoUs() / 1_000));
  const beganMs = clock.monoUs() / 1_000;
  const after = (ms: number): number => beganMs + ms;
  looks.ask();
  looks.ask();
  clock.advance(400);
  looks.ask();
  expect(doneMs).toEqual([after(0)]);
  clock.advance(600);
  expect(doneMs).toEqual([after(0), after(1_000)]);
  clock.advance(5_000);
  expect(doneMs).toHaveLength(2);
  looks.ask();
  expect(doneMs.at(-1)).toBe(after(6_000));
  looks.ask();
  looks.stop();
  clock.advance(5_000);
  expect(doneMs).toHaveLength(3);
});
