import type { Cancel, Clock } from '../ports.ts';

const US_PER_MS = 1_000;
// The longest delay that Node's timers take; a longer one would fire at once.
const TIMER_MS_MAX = 2 ** 31 - 1;

/** What a {@link SystemClock} is made of; a test passes its own. */
export interface TimeSources {
  /** Whole milliseconds since 1970, as the system has it now. */
  readonly wallMs: () => number;
  /** Microseconds since the process started, never going back. */
  readonly monoUs: () => number;
}

const SYSTEM: TimeSources = {
  wallMs: () => Date.now(),
  monoUs: () => Math.floor(performance.now() * US_PER_MS),
};

/**
 * The machine's own clock. Wall time must follow a step at once, which `performance.timeOrigin` never does, so
 * it comes from `Date.now()`; the microseconds that lacks are filled in from the monotonic clock. The two can
 * disagree by less than the millisecond that `Date.now()` resolves: that is this clock's grain, and part of any
 * error bound made from it.
 */
export class SystemClock implements Clock {
  readonly #sources: TimeSources;
  #anchorWallUs: number;
  #anchorMonoUs: number;

  constructor(sources: TimeSources = SYSTEM) {
    this.#sources = sources;
    this.#anchorWallUs = sources.wallMs() * US_PER_MS;
    this.#anchorMonoUs = sources.monoUs();
  }

  wallUs(): number {
    const earliestUs = this.#sources.wallMs() * US_PER_MS;
    const latestUs = earliestUs + US_PER_MS - 1;
    const monoUs = this.#sources.monoUs();
    const guessUs = this.#anchorWallUs + (monoUs - this.#anchorMonoUs);
    // Inside the system's millisecond the guess runs on evenly; outside of it the clock was stepped, slewed,
    // or its millisecond began after our anchor did.
    if (guessUs >= earliestUs && guessUs <= latestUs) return guessUs;
    this.#anchorWallUs = guessUs < earliestUs ? earliestUs : latestUs;
    this.#anchorMonoUs = monoUs;
    return this.#anchorWallUs;
  }

  monoUs(): number {
    return this.#sources.monoUs();
  }

  after(delayMs: number, wake: () => void): Cancel {
    const dueUs = this.#sources.monoUs() + delayMs * US_PER_MS;
    let timer: NodeJS.Timeout | undefined;
    // Node's timers count whole milliseconds and may fire up to one early.
    const arm = (): void => {
      const leftMs = Math.ceil((dueUs - this.#sources.monoUs()) / US_PER_MS);
      timer = setTimeout(
        () => (this.#sources.monoUs() < dueUs ? arm() : wake()),
        Math.min(leftMs, TIMER_MS_MAX),
      );
    };
    arm();
    return () => clearTimeout(timer);
  }
}
