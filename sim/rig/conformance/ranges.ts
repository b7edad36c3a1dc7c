import type { ByteRange } from '../../../proto/messages.ts';

/** A set of bytes as sorted, disjoint, half-open ranges. */
export class Ranges {
  #ranges: readonly ByteRange[] = [];

  add(start: number, end: number): void {
    if (end <= start) return;
    const apart = this.#ranges.filter((range) => range.end < start || range.start > end);
    const touching = this.#ranges.filter((range) => range.end >= start && range.start <= end);
    const joined = {
      start: Math.min(start, ...touching.map((range) => range.start)),
      end: Math.max(end, ...touching.map((range) => range.end)),
    };
    this.#ranges = [...apart, joined].toSorted((a, b) => a.start - b.start);
  }

  get all(): readonly ByteRange[] {
    return this.#ranges;
  }

  get bytes(): number {
    return this.#ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  /** Where the bytes from `from` on end without a gap; `from` itself when it is not there. */
  endFrom(from: number): number {
    return this.#ranges.find(({ start, end }) => start <= from && from < end)?.end ?? from;
  }

  has(start: number, end: number): boolean {
    return this.endFrom(start) >= end;
  }

  touches(start: number, end: number): boolean {
    return this.#ranges.some((range) => range.start < end && start < range.end);
  }

  /** What is not there between `from` and `to`, in order. */
  gaps(from: number, to: number): readonly ByteRange[] {
    const gaps: ByteRange[] = [];
    let at = from;
    for (const { start, end } of this.#ranges) {
      if (start >= to) break;
      if (start > at) gaps.push({ start: at, end: start });
      at = Math.max(at, end);
    }
    if (at < to) gaps.push({ start: at, end: to });
    return gaps;
  }
}

/** For people: `0…200, 300…400`. */
export function shownRanges(ranges: readonly ByteRange[]): string {
  return ranges.length === 0 ? 'nothing' : ranges.map(({ start, end }) => `${start}…${end}`).join(', ');
}
