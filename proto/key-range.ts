import { concat, fromHex, utf8 } from './bytes.ts';
import type { RecordingId } from './ids.ts';

/** Chunks `start..end` (half-open) of one recording, whose keys a custodian hands over. */
export interface KeyRange {
  readonly recording: RecordingId;
  readonly start: number;
  readonly end: number;
}

const DOMAIN = utf8('bwc.v1 keys\n');
const INDEX_MAX = 0xffff_ffff;

/**
 * HPKE `info` under which the chunk keys of a range, side by side, are sealed to a page: they open as nothing else.
 * Throws a RangeError for a range that is none.
 */
export function keysInfo({ recording, start, end }: KeyRange): Uint8Array {
  const isRange = Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start < end;
  if (!isRange || end > INDEX_MAX) throw new RangeError(`chunks ${start} to ${end} are no range`);
  const bounds = new Uint8Array(8);
  const view = new DataView(bounds.buffer);
  view.setUint32(0, start);
  view.setUint32(4, end);
  return concat(DOMAIN, fromHex(recording), bounds);
}
