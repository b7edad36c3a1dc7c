import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';

// Goal: timers ring at their time, in order of time and then of asking, and a cancelled one never does. Method: any timers
// and cancels against a sorted list; enough of them that the heap throws cancelled ones out.
test('timers ring in order', () => {
  const timer = fc.record({ delayMs: fc.integer({ min: 0, max: 50 }), isCancelled: fc.boolean() });
  fc.assert(
    fc.property(fc.array(timer, { maxLength: 300 }), (timers) => {
      const clock = new ManualClock();
      const rung: { readonly index: number; readonly atUs: number }[] = [];
      const cancels = timers.map(({ delayMs }, index) =>
        clock.after(delayMs, () => rung.push({ index, atUs: clock.monoUs() })),
      );
      cancels.forEach((cancel, index) => timers[index]?.isCancelled === true && cancel());
      const expected = timers
        .map(({ delayMs, isCancelled }, index) => ({ index, atUs: delayMs * 1_000, isCancelled }))
        .filter(({ isCancelled }) => !isCancelled)
        .toSorted((a, b) => a.atUs - b.atUs || a.index - b.index)
        .map(({ index, atUs }) => ({ index, atUs }));
      expect(clock.pending).toBe(expected.length);
      while (clock.nextUs !== Number.POSITIVE_INFINITY) clock.advanceTo(clock.nextUs);
      expect(rung).toEqual(expected);
      expect(clock.pending).toBe(0);
    }),
  );
});
