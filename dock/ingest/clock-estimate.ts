import type { CameraClock } from '../ports.ts';

const SAMPLES_MAX = 8;
// Both clocks tell whole microseconds, at two moments each.
const RESOLUTION_US = 2;
// Within less than this the bound of a drift is wider than any crystal is off.
const DRIFT_SPAN_US_MIN = 5_000_000;

/** One Ping and its Pong. `t1` and `t4` by the dock's monotonic clock, `t2` and `t3` by the camera's; microseconds. */
export interface Exchange {
  /** The Ping was sent, arrived; the Pong was sent, arrived. */
  readonly t1: number;
  readonly t2: number;
  readonly t3: number;
  readonly t4: number;
  /** What Ping and Pong spent on the wire by their length alone. */
  readonly w1: number;
  readonly w2: number;
  /** The camera's UTC at t3; 0 when it gave none. */
  readonly cameraWallUs: number;
}

interface Sample {
  readonly atUs: number;
  /** Camera's monotonic clock less the dock's. */
  readonly offsetUs: number;
  readonly boundUs: number;
  readonly wallLessMonoUs: number | undefined;
}

/** What a session knows of its camera's clock. */
export interface ClockRecord {
  /** The last eight, oldest first. */
  readonly samples: readonly Sample[];
  /** The best of the first eight: the far end of the drift's slope. */
  readonly first: Sample | undefined;
  readonly taken: number;
}

export const NO_CLOCK: ClockRecord = { samples: [], first: undefined, taken: 0 };

/** The record with one more sample. An exchange that cannot have been, because an answer took longer than the whole, is ignored. */
export function recorded(before: ClockRecord, exchange: Exchange): ClockRecord {
  const sample = sampleOf(exchange);
  if (sample === undefined) return before;
  const isEarly = before.taken < SAMPLES_MAX;
  const isFirst = before.first === undefined || (isEarly && sample.boundUs < before.first.boundUs);
  return {
    samples: [...before.samples, sample].slice(-SAMPLES_MAX),
    first: isFirst ? sample : before.first,
    taken: before.taken + 1,
  };
}

/**
 * RFC 5905, section 8, less what the line is known to take: the offset, and half the rest of the round trip as its
 * bound, since the delay may have been all on one way.
 */
function sampleOf({ t1, t2, t3, t4, w1, w2, cameraWallUs }: Exchange): Sample | undefined {
  if (t3 < t2 || t4 - t1 < t3 - t2) return undefined;
  const offsetUs = (t2 - t1 - w1 - (t4 - t3 - w2)) / 2;
  // A line that is a little faster than its rate says leaves less than nothing.
  const roundTripUs = Math.abs(t4 - t1 - (t3 - t2) - w1 - w2);
  return {
    atUs: (t1 + t4) / 2,
    offsetUs,
    boundUs: roundTripUs / 2 + RESOLUTION_US,
    wallLessMonoUs: cameraWallUs === 0 ? undefined : cameraWallUs - (t3 - offsetUs),
  };
}

/**
 * The clock by the sample with the shortest round trip of the last eight. Samples are kept by the dock's monotonic
 * clock and told by its UTC of this moment, so a step of that spoils none of them. Undefined before the first.
 */
export function clockOf(
  { samples, first }: ClockRecord,
  now: { readonly monoUs: number; readonly wallUs: number },
): CameraClock | undefined {
  const best = samples.reduce<Sample | undefined>(
    (least, sample) => (least === undefined || sample.boundUs <= least.boundUs ? sample : least),
    undefined,
  );
  if (best === undefined || first === undefined) return undefined;
  const dockLessMonoUs = now.wallUs - now.monoUs;
  const spanUs = best.atUs - first.atUs;
  const drift = {
    ppm: ((best.offsetUs - first.offsetUs) / spanUs) * 1e6,
    boundPpm: ((best.boundUs + first.boundUs) / spanUs) * 1e6,
  };
  return {
    offsetUs: best.offsetUs - dockLessMonoUs,
    boundUs: best.boundUs,
    ...(best.wallLessMonoUs === undefined ? {} : { wallOffsetUs: best.wallLessMonoUs - dockLessMonoUs }),
    ...(spanUs < DRIFT_SPAN_US_MIN ? {} : { drift }),
  };
}
