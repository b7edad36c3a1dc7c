import type { Position } from '../../proto/course.ts';
import { CaptureError } from './error.ts';

/** A place that a simulated receiver says at a time: milliseconds since the camera booted, degrees, metres. */
export interface Waypoint {
  readonly atMs: number;
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracyM?: number;
}

// An officer on foot, who turns a corner now and then.
const METRES_A_SECOND = 1.4;
const CORNER_S = 20;
const METRES_A_DEGREE = 111_320;
const ACCURACY_M = 4;
// A receiver that is asked after hours of silence need not walk all of them.
const STEPS_MAX = 20_000;

/**
 * Reads a track: a JSON array of `{"atMs", "latitude", "longitude", "accuracyM"?}`, in order of time. Throws CaptureError TRACK, which says
 * which point it is about.
 */
export function readTrack(json: string): readonly Waypoint[] {
  const found: unknown = parse(json);
  if (!Array.isArray(found) || found.length === 0) throw bad('is not a JSON array of points');
  const points = found.map((one: unknown, index) => waypoint(one, index));
  for (const [index, point] of points.entries())
    if (point.atMs < (points[index - 1]?.atMs ?? 0)) throw bad(`goes back in time at point ${index}`);
  return points;
}

/** Follows a track, straight from point to point; undefined before its first and behind its last. `monoUs` is the camera's clock. */
export function followTrack(track: readonly Waypoint[], monoUs: () => number): () => Position | undefined {
  return () => {
    const nowMs = monoUs() / 1000;
    const next = track.findIndex(({ atMs }) => atMs >= nowMs);
    const [from, to] = [track[Math.max(0, next - 1)], track[next]];
    if (from === undefined || to === undefined || from.atMs > nowMs) return undefined;
    const share = to.atMs === from.atMs ? 1 : (nowMs - from.atMs) / (to.atMs - from.atMs);
    const between = (a: number, b: number): number => a + (b - a) * share;
    return positionAt(
      between(from.latitude, to.latitude),
      between(from.longitude, to.longitude),
      from.accuracyM ?? 0,
    );
  };
}

/** A walk from a place, the same for the same seed however often it is looked at. */
export function walkFrom(
  start: Pick<Waypoint, 'latitude' | 'longitude'>,
  seed: number,
  monoUs: () => number,
): () => Position {
  let { latitude, longitude } = start;
  let heading = noise(seed, 0) * 2 * Math.PI;
  let second = Math.floor(monoUs() / 1e6);
  let walked = 0;
  return () => {
    const untilS = Math.floor(monoUs() / 1e6);
    second = Math.max(second, untilS - STEPS_MAX);
    for (; second < untilS; second++) {
      walked += 1;
      if (walked % CORNER_S === 0) heading += (noise(seed, walked) - 0.5) * Math.PI;
      latitude += (Math.cos(heading) * METRES_A_SECOND) / METRES_A_DEGREE;
      longitude +=
        (Math.sin(heading) * METRES_A_SECOND) / (METRES_A_DEGREE * Math.cos((latitude * Math.PI) / 180));
    }
    return positionAt(latitude, longitude, ACCURACY_M);
  };
}

function positionAt(latitude: number, longitude: number, accuracyM: number): Position {
  return {
    latitudeE7: Math.round(latitude * 1e7),
    longitudeE7: Math.round(longitude * 1e7),
    accuracyDm: Math.round(accuracyM * 10),
  };
}

/** From 0 to just under 1, the same for the same two numbers (the finish of MurmurHash3). */
function noise(seed: number, at: number): number {
  let hash = Math.imul(seed ^ Math.imul(at + 1, 0x9e3779b9), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

function waypoint(value: unknown, index: number): Waypoint {
  const fields = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const numberIn = (name: string, [low, high]: readonly [number, number]): number => {
    const found: unknown = fields.find(([key]) => key === name)?.[1];
    if (typeof found === 'number' && found >= low && found <= high) return found;
    throw bad(`has no ${name} from ${low} to ${high} at point ${index}`);
  };
  const hasAccuracy = fields.some(([key]) => key === 'accuracyM');
  return {
    atMs: numberIn('atMs', [0, Number.MAX_SAFE_INTEGER]),
    latitude: numberIn('latitude', [-90, 90]),
    longitude: numberIn('longitude', [-180, 180]),
    ...(hasAccuracy ? { accuracyM: numberIn('accuracyM', [0, 100_000]) } : {}),
  };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw bad('is not JSON', cause);
  }
}

function bad(why: string, cause?: unknown): CaptureError {
  return new CaptureError('TRACK', `the track ${why}`, { retry: 'never', cause });
}
