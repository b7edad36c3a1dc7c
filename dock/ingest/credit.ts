import { CREDIT_UNITS_PER_STREAM, MISSING_RANGES_MAX } from '../../proto/limits.ts';
import type { ByteRange } from '../../proto/messages.ts';
import { missingMax } from './acking.ts';
import { costOf, emptyUnit, type Unit } from './assembly.ts';
import { addRange, gapsIn, type Ranges } from './ranges.ts';
import type { IngestEffect, Upload } from './state.ts';

/** A camera that sends a unit and waits for its Ack has the next one free; one that keeps more on its way soon has as many as there may be. */
export const FIRST_REACH = 2;

/** Bytes came up to `seenTo`: whoever has come to the last unit that there is a place for may have twice as many. */
export function reachAfter({ units, reach }: Upload, seenTo: number): number {
  const last = units.at(-1);
  const isUsed = last !== undefined && seenTo > last.start;
  return isUsed ? Math.min(CREDIT_UNITS_PER_STREAM, 2 * reach) : reach;
}

/** What is left of an interrupted upload shows how far its camera was. */
export function reachOfParked(units: readonly Unit[]): number {
  return units.length === 0 ? FIRST_REACH : CREDIT_UNITS_PER_STREAM;
}

/** Where bytes may come up to: the end of the last unit that has a place, without a gap from what is durable on. */
export function creditTo({ layout, units, durableTo }: Upload): number {
  let unit = layout.unitAt(durableTo);
  for (const { index } of units) if (index === unit) unit += 1;
  return layout.start(unit);
}

/** Asks for a place for the next unit, one at a time, as far beyond what is durable as the upload reaches. */
export function askMemory(upload: Upload): readonly [Upload, readonly IngestEffect[]] {
  const wanted = upload.memory === 'enough' ? wantedUnit(upload) : undefined;
  if (wanted === undefined) return [upload, []];
  const bytes = costOf(wanted);
  return [{ ...upload, memory: 'asked' }, [{ effect: 'reserve', stream: upload.stream, bytes }]];
}

/** The place that was asked for is there: the credit rises over it. */
export function withPlace(upload: Upload): Upload {
  const wanted = upload.memory === 'enough' ? undefined : wantedUnit(upload);
  if (wanted === undefined) return upload;
  const units = [...upload.units, emptyUnit(wanted.index, wanted)].toSorted((a, b) => a.index - b.index);
  return { ...upload, units, memory: 'enough' };
}

function wantedUnit({
  layout,
  units,
  reach,
  durableTo,
}: Upload): (ByteRange & { index: number }) | undefined {
  const first = layout.unitAt(durableTo);
  const last = Math.min(layout.unitCount, first + reach);
  for (let index = first; index < last; index += 1) {
    if (units.some((unit) => unit.index === index)) continue;
    return { index, start: layout.start(index), end: layout.start(index + 1) };
  }
  return undefined;
}

/** Gaps up to the highest byte seen on this stream, the lowest first. What the camera has not come to yet is no gap. */
export function missingRanges(upload: Upload): readonly ByteRange[] {
  const { receivedTo, seenTo, acking } = upload;
  if (seenTo <= receivedTo) return [];
  return gapsIn(rangesOf(upload), { start: receivedTo, end: seenTo }).slice(0, missingMax(acking));
}

/** What is in memory beyond `receivedTo`, the lowest first. */
export function heldRanges(upload: Upload): readonly ByteRange[] {
  const ranges = rangesOf(upload);
  const held: ByteRange[] = [];
  for (let at = 0; at < ranges.length && held.length < MISSING_RANGES_MAX; at += 2) {
    const [start = 0, end = 0] = [ranges[at], ranges[at + 1]];
    if (start > upload.receivedTo) held.push({ start, end });
  }
  return held;
}

/** The ranges of all units as one list; units lie in order, and ranges of two may touch. */
function rangesOf({ units }: Upload): Ranges {
  let all: Ranges = [];
  for (const { ranges } of units) {
    const touches = ranges[0] !== undefined && ranges[0] === all.at(-1);
    all = touches
      ? [...addRange(all, { start: ranges[0] ?? 0, end: ranges[1] ?? 0 }), ...ranges.slice(2)]
      : [...all, ...ranges];
  }
  return all;
}
