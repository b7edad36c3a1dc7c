import type { Chance } from '../../fault/chance.ts';
import { shiftBytes, type Profile } from './profile.ts';

/** One recording that a camera brings, and whether it is torn away while sending it. */
export interface PlannedRecording {
  readonly bytes: number;
  /** The camera leaves after so many bytes, and comes back after so many milliseconds of the run, or never (null). */
  readonly cut: { readonly afterBytes: number; readonly backAfterMs: number | null } | null;
}

/** One camera put into the dock. */
export interface Arrival {
  readonly camera: number;
  /** From the start of the run. */
  readonly atMs: number;
  readonly recordings: readonly PlannedRecording[];
  /** What its own link carries in this run, scaled as its content is. */
  readonly bytesPerSecond: number;
}

export interface DayPlan {
  readonly profile: Profile;
  /** May be fewer or more than the profile's. */
  readonly cameras: number;
  readonly payloadScale: number;
  readonly timeWarp: number;
  /** Which share of the recordings is cut, and which share of those comes back. */
  readonly cutShare: number;
  readonly returnShare: number;
  readonly chance: Chance;
}

const MS_PER_MINUTE = 60_000;
const MS_PER_HOUR = 3_600_000;
const US_PER_SECOND = 1_000_000;
// Nobody published how officers straggle in. From ten minutes before to twenty after is our assumption, most of them on the hour.
const EARLY_MS = 10 * MS_PER_MINUTE;
const LATE_MS = 20 * MS_PER_MINUTE;
const AWAY_MINUTES_MAX = 10;
// Log-normal spreads, assumed as well: many short recordings, few long ones; shifts that differ less.
const SIZE_SIGMA = 0.9;
const COUNT_SIGMA = 0.35;

/**
 * A day of shifts, from just before its first end. The sums are the profile's: `filesMean` files a camera and
 * `fileBytesMean` bytes a file, to the byte, whatever the draw. In order of arrival.
 */
export function dayArrivals(plan: DayPlan): readonly Arrival[] {
  const { profile, cameras, payloadScale, timeWarp } = plan;
  const counts = apportion(Math.round(cameras * profile.filesMean), weights(plan, 'counts', COUNT_SIGMA));
  const files = counts.reduce((sum, count) => sum + count, 0);
  const bytes = Math.max(files, Math.round(shiftBytes(profile, cameras) * payloadScale));
  const sizes = apportion(bytes, weights({ ...plan, cameras: files }, 'sizes', SIZE_SIGMA));
  const bytesPerSecond = (profile.linkBitsPerSecond / 8) * payloadScale * timeWarp;
  const fates = plan.chance.split('cuts');
  const times = plan.chance.split('times');
  let next = 0;
  return counts
    .map((count, camera) => {
      const own = sizes.slice(next, next + count);
      next += count;
      const atMs = arrivalMs(profile, camera, times) / timeWarp;
      return { camera, atMs, recordings: own.map((size) => recordingOf(size, fates, plan)), bytesPerSecond };
    })
    .toSorted((a, b) => a.atMs - b.atMs || a.camera - b.camera);
}

/** One chunk that is due. */
export interface DueChunk {
  readonly recording: number;
  readonly offset: number;
  readonly bytes: number;
  readonly intendedUs: number;
}

/**
 * When each chunk of an arrival is due, at the camera's own link rate and without regard to what the dock does: the
 * intended send times of an open loop. A camera that is cut goes on after it is back; one that never is sends no more.
 */
export function* dueChunks(arrival: Arrival, chunkBytes: number): Generator<DueChunk> {
  let atUs = arrival.atMs * 1_000;
  for (const [recording, { bytes, cut }] of arrival.recordings.entries()) {
    let isCut = false;
    for (let offset = 0; offset < bytes; offset += chunkBytes) {
      if (cut !== null && !isCut && offset >= cut.afterBytes) {
        if (cut.backAfterMs === null) return;
        atUs += cut.backAfterMs * 1_000;
        isCut = true;
      }
      const length = Math.min(chunkBytes, bytes - offset);
      yield { recording, offset, bytes: length, intendedUs: Math.round(atUs) };
      atUs += (length / arrival.bytesPerSecond) * US_PER_SECOND;
    }
  }
}

/** So many chunks a second from all cameras together, evenly, each camera with a phase of its own. */
export function steadyPace(plan: {
  readonly cameras: number;
  readonly chunksPerSecond: number;
  readonly chance: Chance;
}): { readonly intervalUs: number; readonly dueUs: (camera: number, index: number) => number } {
  const intervalUs = (plan.cameras / plan.chunksPerSecond) * US_PER_SECOND;
  const draws = plan.chance.split('phases');
  const order = Array.from({ length: plan.cameras }, (_, place) => ({ place, draw: draws.fraction() }))
    .toSorted((a, b) => a.draw - b.draw || a.place - b.place)
    .map(({ place }) => place);
  const phasesUs = order.map((place) => (place / plan.cameras) * intervalUs);
  const dueUs = (camera: number, index: number): number =>
    Math.round((phasesUs[camera] ?? 0) + index * intervalUs);
  return { intervalUs, dueUs };
}

/** When a camera joins a run that is ramped up evenly. */
export function joinMs(camera: number, cameras: number, rampSeconds: number): number {
  return (camera / Math.max(1, cameras)) * rampSeconds * 1_000;
}

/** From the start of the run, unwarped. A triangle: nobody before `EARLY_MS`, most on the hour, nobody after `LATE_MS`. */
function arrivalMs(profile: Profile, camera: number, chance: Chance): number {
  const hours = profile.shiftEndHours;
  const [first = 0] = hours;
  const endMs = ((hours[camera % hours.length] ?? first) - first) * MS_PER_HOUR;
  const share = chance.fraction();
  const width = EARLY_MS + LATE_MS;
  const rising = Math.sqrt(share * width * EARLY_MS);
  const falling = width - Math.sqrt((1 - share) * width * LATE_MS);
  return endMs + (share < EARLY_MS / width ? rising : falling);
}

function recordingOf(bytes: number, chance: Chance, plan: DayPlan): PlannedRecording {
  // Drawn whether used or not, so that other shares change no other recording.
  const [isCut, isBack] = [chance.happens(plan.cutShare), chance.happens(plan.returnShare)];
  const afterBytes = Math.floor(chance.fraction() * bytes);
  const backAfterMs = (1 + chance.below(AWAY_MINUTES_MAX)) * (MS_PER_MINUTE / plan.timeWarp);
  return { bytes, cut: isCut ? { afterBytes, backAfterMs: isBack ? backAfterMs : null } : null };
}

function weights(
  plan: Pick<DayPlan, 'cameras' | 'chance'>,
  concern: string,
  sigma: number,
): readonly number[] {
  const chance = plan.chance.split(concern);
  return Array.from({ length: plan.cameras }, () => Math.exp(sigma * normal(chance)));
}

/** Box and Muller. */
function normal(chance: Chance): number {
  return Math.sqrt(-2 * Math.log(1 - chance.fraction())) * Math.cos(2 * Math.PI * chance.fraction());
}

/** Shares `total` by weight in whole numbers that add up to it: each gets at least one, the largest remainders the rest. */
function apportion(total: number, shares: readonly number[]): readonly number[] {
  const sum = shares.reduce((one, other) => one + other, 0);
  const spare = Math.max(0, total - shares.length);
  const exact = shares.map((share) => 1 + (share / sum) * spare);
  const whole = exact.map(Math.floor);
  const left = Math.max(total, shares.length) - whole.reduce((one, other) => one + other, 0);
  const byRemainder = exact
    .map((value, index) => ({ index, remainder: value - Math.floor(value) }))
    .toSorted((a, b) => b.remainder - a.remainder || a.index - b.index);
  const lucky = new Set(byRemainder.slice(0, left).map(({ index }) => index));
  return whole.map((value, index) => value + (lucky.has(index) ? 1 : 0));
}
