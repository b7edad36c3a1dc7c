/** How fast durable bytes come, by a window that slides with the monotonic clock. */
export interface Rate {
  /** What a byte count of the recording under way is to be raised by, so that one recording goes on from the last. */
  readonly raiseBytes: number;
  /** In order; the first is where the window begins. */
  readonly samples: readonly Sample[];
}

interface Sample {
  readonly atUs: number;
  readonly bytes: number;
}

/** Long enough for a steady number on a fast line. A slow one brings a chunk in half a minute, so the last few always count. */
export const WINDOW_US = 10_000_000;
const SAMPLES_MIN = 4;
const AGE_US_MAX = 120_000_000;
// What comes faster is one sample: a window holds a hundred of them, however fast the line.
const GRAIN_US = 100_000;
const GAPS_TO_SILENCE = 4;

/** An upload begins at so many durable bytes: what an earlier session brought is no work of this one. */
export function rateFrom(before: Rate | undefined, bytes: number, nowUs: number): Rate {
  const last = before?.samples.at(-1);
  const goesOn = before !== undefined && last !== undefined && nowUs - last.atUs < WINDOW_US;
  if (goesOn) return { raiseBytes: last.bytes - bytes, samples: before.samples };
  return { raiseBytes: -bytes, samples: [{ atUs: nowUs, bytes: 0 }] };
}

/** So many bytes of the recording under way are durable now. */
export function withBytes({ raiseBytes, samples }: Rate, bytes: number, nowUs: number): Rate {
  const sample = { atUs: nowUs, bytes: bytes + raiseBytes };
  const [beforeLast, last] = samples.slice(-2);
  const isGrain = beforeLast !== undefined && last !== undefined && last.atUs - beforeLast.atUs < GRAIN_US;
  const all = [...(isGrain ? samples.slice(0, -1) : samples), sample];
  const counts = ({ atUs }: Sample, index: number): boolean =>
    nowUs - atUs <= WINDOW_US || (index >= all.length - SAMPLES_MIN && nowUs - atUs <= AGE_US_MAX);
  return { raiseBytes, samples: all.filter(counts) };
}

/**
 * Bits a second, or undefined while that is unknown or nothing comes. Between two samples the rate stands; once the next one is late
 * it falls, and after some such pauses it is over.
 */
export function bitsPerSecond(rate: Rate | undefined, nowUs: number): number | undefined {
  const [first, last] = [rate?.samples[0], rate?.samples.at(-1)];
  if (rate === undefined || first === undefined || last === undefined) return undefined;
  const bytes = last.bytes - first.bytes;
  const spanUs = last.atUs - first.atUs;
  if (bytes <= 0 || spanUs <= 0) return undefined;
  const gapUs = spanUs / (rate.samples.length - 1);
  if (nowUs - last.atUs > Math.max(WINDOW_US, GAPS_TO_SILENCE * gapUs)) return undefined;
  const elapsedUs = Math.max(spanUs, nowUs - first.atUs - gapUs);
  return (bytes * 8 * 1_000_000) / elapsedUs;
}
