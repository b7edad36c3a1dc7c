import { describe, expect, it } from 'vitest';
import { blockLayout, layoutOf } from '../../../proto/layout.ts';

// Goal: both ends cut one upload at the same places. Method: small tables, every boundary looked at from both sides.
describe('layout of an upload', () => {
  it('puts the manifest first and the chunks behind it', () => {
    const layout = layoutOf(10, [5, 1, 4]);
    expect(layout.totalBytes).toBe(20);
    expect(layout.unitCount).toBe(4);
    expect([0, 1, 2, 3, 4].map((unit) => layout.start(unit))).toEqual([0, 10, 15, 16, 20]);
  });

  it('finds the unit of every offset, and none behind the end', () => {
    const layout = layoutOf(2, [1, 3]);
    expect([0, 1, 2, 3, 4, 5, 6].map((offset) => layout.unitAt(offset))).toEqual([0, 0, 1, 2, 2, 2, 3]);
    expect(() => layout.start(4)).toThrow(RangeError);
  });

  it('cuts content without a table into blocks, the last one shorter', () => {
    const layout = blockLayout(3, 10, 4);
    expect([0, 1, 2, 3, 4].map((unit) => layout.start(unit))).toEqual([0, 3, 7, 11, 13]);
    expect(blockLayout(3, 0, 4).unitCount).toBe(1);
  });
});
