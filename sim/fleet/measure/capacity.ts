import type { Capacity, LoadOptions, SecondPoint } from '../result.ts';
import { PROFILES, shiftBytes } from './profile.ts';
import { round } from './round.ts';

/** Shorter than this, a dock's caches and not its disk are measured. */
export const CAPACITY_SECONDS_MIN = 10;
const WITHIN_MINUTES = [15, 30, 60, 120, 480] as const;
const PARTS = 3;
const SECONDS_PER_MINUTE = 60;
const BITS_PER_BYTE = 8;
const BYTES_PER_MB = 1e6;

export interface Run {
  readonly series: readonly SecondPoint[];
  readonly options: LoadOptions;
  readonly elapsedSeconds: number;
  readonly errors: number;
}

/** How many cameras this dock takes; or why this run cannot say. */
export function capacityOf(
  run: Run,
): { readonly answer: Capacity; readonly reason: null } | { readonly answer: null; readonly reason: string } {
  const { options, errors } = run;
  // Only whole seconds, or the last one would look slow.
  const rates = run.series
    .filter(({ second }) => second >= options.warmUpSeconds && second + 1 <= run.elapsedSeconds)
    .map(({ MBps }) => MBps);
  if (rates.length < CAPACITY_SECONDS_MIN) {
    return refused(`The run counted ${rates.length} s; an answer needs at least ${CAPACITY_SECONDS_MIN} s.`);
  }
  if (errors > 0) return refused(`There were ${errors} errors: a dock that fails has no capacity to name.`);
  const MBps = slowestPart(rates);
  if (MBps === 0) return refused('In a third of the run nothing became durable.');
  return { answer: answerOf(MBps, options), reason: null };
}

function refused(reason: string): { readonly answer: null; readonly reason: string } {
  return { answer: null, reason };
}

/** The mean of the slowest third, in order of time. */
function slowestPart(rates: readonly number[]): number {
  const length = Math.floor(rates.length / PARTS);
  const means = Array.from({ length: PARTS }, (_, part) => {
    const end = part === PARTS - 1 ? rates.length : (part + 1) * length;
    const some = rates.slice(part * length, end);
    return some.reduce((sum, rate) => sum + rate, 0) / some.length;
  });
  return round(Math.min(...means));
}

function answerOf(MBps: number, options: LoadOptions): Capacity {
  const profile = PROFILES[options.profile ?? 'city'];
  const bytes = shiftBytes(profile);
  const oneCameraMinutes = (bytes * BITS_PER_BYTE) / profile.linkBitsPerSecond / SECONDS_PER_MINUTE;
  const minutesFor = (cameras: number): number =>
    Math.max(oneCameraMinutes, (cameras * bytes) / (MBps * BYTES_PER_MB * SECONDS_PER_MINUTE));
  const camerasIn = (minutes: number): number =>
    minutes < oneCameraMinutes ? 0 : Math.floor((MBps * BYTES_PER_MB * SECONDS_PER_MINUTE * minutes) / bytes);
  const cameras = Math.ceil(profile.cameras / profile.shiftEndHours.length);
  return {
    profile: profile.name,
    MBps,
    basis: options.loop === 'closed' ? 'sustained' : 'at-least',
    shiftBytes: bytes,
    oneCameraMinutes: round(oneCameraMinutes),
    within: WITHIN_MINUTES.map((minutes) => ({ minutes, cameras: camerasIn(minutes) })),
    shift: { cameras, minutes: round(minutesFor(cameras)) },
  };
}
