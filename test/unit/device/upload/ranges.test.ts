import fc from 'fast-check';
import { expect, it } from 'vitest';
import { clip, overlap, skip, subtract } from '../../../../device/upload/ranges.ts';
import type { ByteRange } from '../../../../proto/messages.ts';

const SPACE = 60;
const range = fc
  .tuple(fc.integer({ min: 0, max: SPACE - 1 }), fc.integer({ min: 1, max: 20 }))
  .map(([start, bytes]) => ({ start, end: Math.min(SPACE, start + bytes) }));
/** Ranges in order and apart, as everything here makes them. */
const inOrder = fc.array(fc.boolean(), { minLength: SPACE, maxLength: SPACE }).map(rangesOf);

function rangesOf(bytes: readonly boolean[]): readonly ByteRange[] {
  const ranges: ByteRange[] = [];
  for (const [at, isIn] of bytes.entries()) {
    const last = ranges.at(-1);
    if (isIn && last?.end === at) ranges[ranges.length - 1] = { start: last.start, end: at + 1 };
    else if (isIn) ranges.push({ start: at, end: at + 1 });
  }
  return ranges;
}

const holds = (ranges: readonly ByteRange[], at: number): boolean =>
  ranges.some(({ start, end }) => start <= at && at < end);
const bytesOf = (ranges: readonly ByteRange[]): readonly boolean[] =>
  Array.from({ length: SPACE }, (_, at) => holds(ranges, at));

// Goal: range arithmetic is set arithmetic. Method: the same, byte by byte.
it('subtract, clip and overlap agree with sets of bytes', () => {
  fc.assert(
    fc.property(inOrder, fc.array(range, { maxLength: 8 }), range, (from, holes, window) => {
      const rest = subtract(from, holes);
      expect(bytesOf(rest)).toEqual(bytesOf(from).map((isIn, at) => isIn && !holds(holes, at)));
      expect(rest.toSorted((a, b) => a.start - b.start)).toEqual(rest);
      expect(bytesOf(clip(from, window))).toEqual(
        bytesOf(from).map((isIn, at) => isIn && holds([window], at)),
      );
      for (const hole of holes)
        expect(overlap(hole, window)).toBe(bytesOf([hole]).some((isIn, at) => isIn && holds([window], at)));
    }),
  );
});

it('skip finds the first byte outside', () => {
  fc.assert(
    fc.property(inOrder, fc.integer({ min: 0, max: SPACE - 1 }), (ranges, from) => {
      let at = from;
      while (holds(ranges, at)) at += 1;
      expect(skip(ranges, from)).toBe(at);
    }),
  );
});
