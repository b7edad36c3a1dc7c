import type { ByteRange } from '../../proto/messages.ts';

/** Half-open ranges of offsets as `start, end, start, end …`: in order, apart from each other, none of them empty. */
export type Ranges = readonly number[];

export function rangeCount(ranges: Ranges): number {
  return ranges.length / 2;
}

/** The ranges with `start..end` in them, joined with what it touches. */
export function addRange(ranges: Ranges, { start, end }: ByteRange): Ranges {
  if (end <= start) return ranges;
  // Bytes mostly come in order, so this starts at the end.
  let after = ranges.length;
  while (after > 0 && (ranges[after - 2] ?? 0) > end) after -= 2;
  let before = after;
  let joined = { start, end };
  while (before > 0 && (ranges[before - 1] ?? 0) >= start) {
    before -= 2;
    joined = {
      start: Math.min(joined.start, ranges[before] ?? start),
      end: Math.max(joined.end, ranges[before + 1] ?? end),
    };
  }
  return [...ranges.slice(0, before), joined.start, joined.end, ...ranges.slice(after)];
}

/** What of `start..end` is in none of the ranges, lowest first. */
export function gapsIn(ranges: Ranges, { start, end }: ByteRange): readonly ByteRange[] {
  const gaps: ByteRange[] = [];
  let at = start;
  for (let index = 0; index < ranges.length && at < end; index += 2) {
    const [from = 0, to = 0] = [ranges[index], ranges[index + 1]];
    if (to <= at) continue;
    if (from > at) gaps.push({ start: at, end: Math.min(from, end) });
    at = Math.max(at, to);
  }
  if (at < end) gaps.push({ start: at, end });
  return gaps;
}
