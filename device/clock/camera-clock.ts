import type { Cancel, Clock, DockTime } from '../ports.ts';

/** How the wall clock of a camera was set, in the words of the clock below it: what a restart needs to go on with it. */
export interface ClockSetting {
  /** False from a reset until somebody sets it: then it counts from 1970, and says nothing about the time of day. */
  readonly isSet: boolean;
  /** Camera's wall clock less the one below it at that moment. */
  readonly offsetUs: number;
  /** That moment by the wall clock below it. */
  readonly atWallUs: number;
}

/** A camera's own clock, on top of another: its crystal is off by so much, and somebody may set it. */
export interface CameraClock extends Clock {
  readonly isSet: boolean;
  /** As it is now, to be kept for the next start. */
  readonly setting: ClockSetting;
  set(wallUs: number): void;
  /** Sets it forward, or back. */
  step(byUs: number): void;
  /** The battery of the clock was empty: it begins again at 1970. */
  reset(): void;
}

export interface CameraClockOptions {
  /** How much faster the camera's crystal runs, parts per million; both its clocks come from it. */
  readonly ppm?: number;
  /** What `setting` was when the camera was last on. Without it the clock is as right as the one below it. */
  readonly setting?: ClockSetting | undefined;
  /** Nobody has set it yet: it begins at 1970, unless `setting` says otherwise. */
  readonly unset?: boolean;
}

/**
 * Wall time drifts from the start on, or from where `setting` left it, also while the camera was off; it steps where somebody sets it,
 * and where the clock below it steps. Monotonic time drifts and never goes back, and timers ring by it.
 */
export function openCameraClock(
  base: Clock,
  { ppm = 0, setting, unset = false }: CameraClockOptions = {},
): CameraClock {
  const rate = 1 + ppm / 1e6;
  const bootUs = base.monoUs();
  const monoUs = (): number => bootUs + Math.floor((base.monoUs() - bootUs) * rate);
  const gainedUs = (elapsedUs: number): number => Math.round((elapsedUs * ppm) / 1e6);
  // Drift while the camera is on counts by the monotonic clock below, which does not jump.
  const atBootUs = (): number => {
    if (setting === undefined) return unset ? -base.wallUs() : 0;
    return setting.offsetUs + gainedUs(Math.max(0, base.wallUs() - setting.atWallUs));
  };
  let known = { isSet: setting?.isSet ?? !unset, offsetUs: atBootUs(), atMonoUs: bootUs };
  const offsetUs = (): number => known.offsetUs + gainedUs(base.monoUs() - known.atMonoUs);
  const change = (isSet: boolean, to: number): void => {
    known = { isSet, offsetUs: to, atMonoUs: base.monoUs() };
  };
  return {
    monoUs,
    wallUs: () => Math.max(0, base.wallUs() + offsetUs()),
    // Rounding must not make it ring before it is time by this clock.
    after: (delayMs, wake): Cancel => base.after(ppm === 0 ? delayMs : delayMs / rate + 0.002, wake),
    get isSet() {
      return known.isSet;
    },
    get setting() {
      return { isSet: known.isSet, offsetUs: offsetUs(), atWallUs: base.wallUs() };
    },
    set: (wallUs) => change(true, wallUs - base.wallUs()),
    step: (byUs) => change(known.isSet, offsetUs() + byUs),
    reset: () => change(false, -base.wallUs()),
  };
}

// A handshake that took longer than this says less about the time than the camera's own crystal.
const BOUND_US_MAX = 2_000_000;

/**
 * Sets the camera's own clock by the dock's; true when it did. Never while something is being recorded: a recording has one clock from
 * its first frame to its last, and what was recorded keeps the time it was given. Nor by less than the handshake is sure of.
 */
export function adoptDockTime(
  clock: CameraClock,
  { wallLessMonoUs, boundUs }: DockTime,
  { isRecording }: { readonly isRecording: boolean },
): boolean {
  if (isRecording || boundUs > BOUND_US_MAX) return false;
  const wallUs = clock.monoUs() + wallLessMonoUs;
  if (clock.isSet && Math.abs(wallUs - clock.wallUs()) <= boundUs) return false;
  clock.set(wallUs);
  return true;
}
