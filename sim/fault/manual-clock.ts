import type { Cancel, Clock } from '../../device/ports.ts';

interface Timer {
  readonly dueUs: number;
  readonly wake: () => void;
}

/** A clock that stands still until it is told to go on; fits the `Clock` of camera and dock. */
export class ManualClock implements Clock {
  readonly #timers = new Set<Timer>();
  readonly #epochUs: number;
  #nowUs = 0;

  /** `epochUs`: wall time at the start, microseconds since 1970. */
  constructor(epochUs = 1_800_000_000_000_000) {
    this.#epochUs = epochUs;
  }

  wallUs(): number {
    return this.#epochUs + this.#nowUs;
  }

  monoUs(): number {
    return this.#nowUs;
  }

  after(delayMs: number, wake: () => void): Cancel {
    const timer = { dueUs: this.#nowUs + Math.max(0, delayMs) * 1_000, wake };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Timers still to ring. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Goes on by `delayMs` and wakes what is due, in order of time and then of asking, with time standing at each. */
  advance(delayMs: number): void {
    const untilUs = this.#nowUs + delayMs * 1_000;
    for (let next = this.#next(untilUs); next !== undefined; next = this.#next(untilUs)) {
      this.#timers.delete(next);
      this.#nowUs = Math.max(this.#nowUs, next.dueUs);
      next.wake();
    }
    this.#nowUs = untilUs;
  }

  #next(untilUs: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueUs <= untilUs && (first === undefined || timer.dueUs < first.dueUs)) first = timer;
    }
    return first;
  }
}
