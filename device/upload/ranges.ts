import type { ByteRange } from '../../proto/messages.ts';

/** What of `from` lies in none of the holes. `from` is in order and its ranges apart; holes come in any order and may overlap. */
export function subtract(from: readonly ByteRange[], holes: readonly ByteRange[]): readonly ByteRange[] {
  if (from.length === 0 || holes.length === 0) return from;
  const inOrder = holes.toSorted((a, b) => a.start - b.start);
  return from.flatMap((range) => without(range, inOrder));
}

function without({ start, end }: ByteRange, holes: readonly ByteRange[]): readonly ByteRange[] {
  const rest: ByteRange[] = [];
  let at = start;
  for (const hole of holes) {
    if (hole.start >= end || at >= end) break;
    if (hole.end <= at) continue;
    if (hole.start > at) rest.push({ start: at, end: hole.start });
    at = hole.end;
  }
  if (at < end) rest.push({ start: at, end });
  return rest;
}

/** What of the ranges lies within `start..end`. */
export function clip(ranges: readonly ByteRange[], { start, end }: ByteRange): readonly ByteRange[] {
  return ranges
    .map((range) => ({ start: Math.max(range.start, start), end: Math.min(range.end, end) }))
    .filter((range) => range.start < range.end);
}

/** Whether the two share a byte. */
export function overlap(a: ByteRange, b: ByteRange): boolean {
  return a.start < b.end && b.start < a.end;
}

/** The first offset from `offset` on that lies in none of the ranges, which are in order. */
export function skip(ranges: readonly ByteRange[], offset: number): number {
  let at = offset;
  for (const { start, end } of ranges) if (start <= at && at < end) at = end;
  return at;
}
