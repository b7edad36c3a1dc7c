import type { ByteRange } from '../../proto/messages.ts';
import { addRange, gapsIn, type Ranges, rangeCount } from './ranges.ts';

/** Gaps that a unit may have: beyond that a fragment that would make another is dropped, and comes again. */
export const UNIT_RANGES_MAX = 256;
/** What a unit costs in memory besides its bytes: its ranges, two numbers each, rounded up. */
export const UNIT_OVERHEAD_BYTES = 4 * 1024;

/** The manifest or a chunk on its way in: a place in the staging memory, and what has arrived of it. */
export interface Unit {
  readonly index: number;
  /** Its offsets in the upload, half open. */
  readonly start: number;
  readonly end: number;
  /**
   * As long as the unit; undefined before its first byte. Only what `ranges` names means anything: the rest belongs to
   * later states, which share this buffer. A byte that is there is never written again.
   */
  readonly bytes: Uint8Array | undefined;
  readonly ranges: Ranges;
  /** Checked and handed to the store. */
  readonly writing: boolean;
}

/** Bytes at an offset of the upload. */
export interface Fragment {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** What became of a fragment: the units with it, and whether any byte of it was there already. */
export interface Placed {
  readonly units: readonly Unit[];
  readonly fresh: boolean;
  readonly repeated: boolean;
}

export function emptyUnit(index: number, { start, end }: ByteRange): Unit {
  return { index, start, end, bytes: undefined, ranges: [], writing: false };
}

/** What a unit takes of the staging memory, in bytes. */
export function costOf({ start, end }: ByteRange): number {
  return end - start + UNIT_OVERHEAD_BYTES;
}

export function isComplete(unit: Unit): unit is Unit & { readonly bytes: Uint8Array } {
  return unit.bytes !== undefined && unit.ranges[0] === unit.start && unit.ranges[1] === unit.end;
}

/** Where the bytes from the unit's start on end. */
export function frontOf(unit: Unit): number {
  return unit.ranges[0] === unit.start ? (unit.ranges[1] ?? unit.start) : unit.start;
}

/** Puts a fragment where it belongs. Bytes outside of the units are ignored; bytes that are there already stay. */
export function place(before: readonly Unit[], fragment: Fragment): Placed {
  const end = fragment.offset + fragment.bytes.byteLength;
  let [fresh, repeated] = [false, false];
  const units = before.map((unit) => {
    const part = { start: Math.max(fragment.offset, unit.start), end: Math.min(end, unit.end) };
    if (part.end <= part.start) return unit;
    const gaps = unit.writing ? [] : gapsIn(unit.ranges, part);
    const freshBytes = gaps.reduce((sum, gap) => sum + gap.end - gap.start, 0);
    repeated ||= freshBytes < part.end - part.start;
    if (freshBytes === 0) return unit;
    const ranges = addRange(unit.ranges, part);
    if (rangeCount(ranges) > UNIT_RANGES_MAX) return unit;
    fresh = true;
    const bytes = fill(unit, fragment, gaps);
    return { ...unit, bytes, ranges };
  });
  return { units, fresh, repeated };
}

/** A fragment that is the whole unit stays where it is; for others there is one buffer a unit, so a byte is copied once. */
function fill(unit: Unit, { offset, bytes }: Fragment, gaps: readonly ByteRange[]): Uint8Array {
  const unitBytes = unit.end - unit.start;
  const whole = bytes.subarray(unit.start - offset, unit.end - offset);
  const isWhole = offset <= unit.start && whole.byteLength === unitBytes;
  if (isWhole && unit.bytes === undefined && !isSmallView(whole)) return whole;
  const buffer = unit.bytes ?? new Uint8Array(unitBytes);
  for (const gap of gaps)
    buffer.set(bytes.subarray(gap.start - offset, gap.end - offset), gap.start - unit.start);
  return buffer;
}

/** A view keeps all of its buffer alive, and the staging memory counts only the unit. */
function isSmallView(view: Uint8Array): boolean {
  return view.buffer.byteLength > view.byteLength + UNIT_OVERHEAD_BYTES;
}
