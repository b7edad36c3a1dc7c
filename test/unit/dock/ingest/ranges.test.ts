import { expect, it } from 'vitest';
import { addRange, gapsIn } from '../../../../dock/ingest/ranges.ts';

// Goal: ranges stay in order and apart, and gaps are what is between them. Method: ranges before, between, over and
// beside each other.
it('joins ranges that touch and keeps others apart', () => {
  const two = addRange(addRange([], { start: 10, end: 20 }), { start: 40, end: 50 });
  expect(two).toEqual([10, 20, 40, 50]);
  expect(addRange(two, { start: 20, end: 25 })).toEqual([10, 25, 40, 50]);
  expect(addRange(two, { start: 30, end: 40 })).toEqual([10, 20, 30, 50]);
  expect(addRange(two, { start: 15, end: 45 })).toEqual([10, 50]);
  expect(addRange(two, { start: 0, end: 5 })).toEqual([0, 5, 10, 20, 40, 50]);
  expect(addRange(two, { start: 22, end: 30 })).toEqual([10, 20, 22, 30, 40, 50]);
  expect(addRange(two, { start: 12, end: 18 })).toEqual([10, 20, 40, 50]);
  expect(addRange(two, { start: 30, end: 30 })).toEqual(two);
});

it('names gaps, the lowest first', () => {
  const gaps = (start: number, end: number) => gapsIn([10, 20, 40, 50], { start, end });
  expect(gaps(0, 60)).toEqual([
    { start: 0, end: 10 },
    { start: 20, end: 40 },
    { start: 50, end: 60 },
  ]);
  expect(gaps(12, 18)).toEqual([]);
  expect(gaps(15, 45)).toEqual([{ start: 20, end: 40 }]);
  expect(gaps(25, 30)).toEqual([{ start: 25, end: 30 }]);
});
