import type { Cancel, Clock } from '../../device/ports.ts';

const MILLION = 1_000_000;

/** Less drift than that cannot be told from the time that anything takes. */
export const TELLING_DRIFT_US = 1_000;

export interface MachineClockOptions {
  /** True time: only its monotonic side is asked, and its timers ring. */
  readonly time: Pick<Clock, 'monoUs' | 'after'>;
  /** How much this machine's oscillator is fast, millionths; negative when it is slow. */
  readonly driftPpm: number;
  /** What its wall clock shows as it starts, microseconds since 1970. */
  readonly wallUs: number;
}

/**
 * One machine's clock between switching on and the end of its power: it boots at 0, drifts against true time, can be
 * set forward and back, and all its timers die with it. Fits the `Clock` of camera and dock.
 */
export class MachineClock implements Clock {
  readonly #options: MachineClockOptions;
  readonly #bootedUs: number;
  readonly #timers = new Set<Cancel>();
  #steppedUs = 0;
  #isOff = false;

  constructor(options: MachineClockOptions) {
    this.#options = options;
    this.#bootedUs = options.time.monoUs();
  }

  wallUs(): number {
    return this.#options.wallUs + this.#steppedUs + this.monoUs();
  }

  monoUs(): number {
    const elapsedUs = this.#options.time.monoUs() - this.#bootedUs;
    return elapsedUs + Math.floor((elapsedUs * this.#options.driftPpm) / MILLION);
  }

  /** What its oscillator alone has made of the time since it was switched on. */
  get driftedUs(): number {
    return this.monoUs() - (this.#options.time.monoUs() - this.#bootedUs);
  }

  /** Sets the wall clock forward, or back by a negative time. No timer minds. */
  step(byUs: number): void {
    this.#steppedUs += byUs;
  }

  /** Rings when this machine believes that so much time has passed. Never, once its power is gone. */
  after(delayMs: number, wake: () => void): Cancel {
    if (this.#isOff) return () => undefined;
    const cancel = this.#options.time.after(this.#trueMs(delayMs), () => {
      this.#timers.delete(cancel);
      wake();
    });
    this.#timers.add(cancel);
    return () => {
      this.#timers.delete(cancel);
      cancel();
    };
  }

  /** The power is gone: nothing rings any more. The clock can still be read, as whoever reads it is dead too. */
  off(): void {
    this.#isOff = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  // Rounded up to a whole microsecond of this machine's, so that no timer rings before its time here.
  #trueMs(delayMs: number): number {
    const { driftPpm } = this.#options;
    if (driftPpm === 0) return delayMs;
    return (Math.ceil((delayMs * 1_000 * MILLION) / (MILLION + driftPpm)) + 1) / 1_000;
  }
}
