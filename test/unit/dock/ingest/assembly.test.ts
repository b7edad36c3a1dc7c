import { describe, expect, it } from 'vitest';
import { emptyUnit, frontOf, isComplete, place, UNIT_RANGES_MAX } from '../../../../dock/ingest/assembly.ts';
import { rangeCount } from '../../../../dock/ingest/ranges.ts';

const unit = emptyUnit(1, { start: 100, end: 110 });
const next = emptyUnit(2, { start: 110, end: 115 });
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

// Goal: a unit is put together from whatever comes. Method: fragments in and out of order, over two units, twice.
describe('fragments', () => {
  it('make a unit whatever their order, and may span two units', () => {
    const first = place([unit, next], { offset: 106, bytes: bytes(7, 8, 9, 10, 11, 12) });
    expect(first).toMatchObject({ fresh: true, repeated: false });
    expect(first.units.map(frontOf)).toEqual([100, 112]);
    const second = place(first.units, { offset: 98, bytes: bytes(0, 0, 1, 2, 3, 4, 5, 6, 0, 0) });
    expect(second).toMatchObject({ fresh: true, repeated: true });
    const [whole, part] = second.units;
    expect(whole !== undefined && isComplete(whole)).toBe(true);
    expect(whole?.bytes).toEqual(bytes(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
    expect(part !== undefined && isComplete(part)).toBe(false);
  });

  it('never change a byte that is there, nor a unit that is being written', () => {
    const { units } = place([unit], { offset: 102, bytes: bytes(3, 4) });
    const again = place(units, { offset: 101, bytes: bytes(9, 9, 9, 9) });
    expect(again).toMatchObject({ fresh: true, repeated: true });
    expect(again.units[0]?.bytes?.subarray(1, 5)).toEqual(bytes(9, 3, 4, 9));
    const writing = { ...unit, writing: true };
    expect(place([writing], { offset: 100, bytes: bytes(1) })).toEqual({
      units: [writing],
      fresh: false,
      repeated: true,
    });
  });

  it('that are a whole unit are kept where they are, unless that keeps much more alive', () => {
    const whole = new Uint8Array(10);
    expect(place([unit], { offset: 100, bytes: whole }).units[0]?.bytes?.buffer).toBe(whole.buffer);
    const view = new Uint8Array(100_000).subarray(50, 60);
    expect(place([unit], { offset: 100, bytes: view }).units[0]?.bytes?.buffer.byteLength).toBe(10);
  });
});

// Goal: the memory of a unit is bounded however it is cut. Method: every second byte of a large unit, then what joins.
it('a fragment that would make one gap too many is dropped, and one that fills a gap is not', () => {
  let units = [emptyUnit(1, { start: 0, end: 2_000 })];
  const put = (offset: number): boolean => {
    const placed = place(units, { offset, bytes: bytes(1) });
    units = [...placed.units];
    return placed.fresh;
  };
  for (let index = 0; index < UNIT_RANGES_MAX; index += 1) expect(put(index * 2)).toBe(true);
  expect(put(1_500)).toBe(false);
  expect(rangeCount(units[0]?.ranges ?? [])).toBe(UNIT_RANGES_MAX);
  expect(put(1)).toBe(true);
  expect(put(1_500)).toBe(true);
});
