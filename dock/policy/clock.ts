import { formatInstant } from '../../proto/instant.ts';

/** The only place of this program that reads the time or sets a timer. */
export interface Clock {
  /** UTC by this machine, milliseconds since 1970. May step. */
  nowMs(this: void): number;
  /** Calls `tick` every `intervalMs` until the returned function is called. Does not keep the process alive. */
  every(this: void, intervalMs: number, tick: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  every(intervalMs, tick) {
    const timer = setInterval(tick, intervalMs);
    timer.unref();
    return () => clearInterval(timer);
  },
};

/** One-time timers for the service's own ledger and its witnesses. */
export const systemTimers = {
  /** Calls `wake` once after `delayMs`, unless the returned function is called before. Keeps the process alive meanwhile. */
  after(this: void, delayMs: number, wake: () => void): () => void {
    const timer = setTimeout(wake, delayMs);
    return () => clearTimeout(timer);
  },
} as const;

/** The same moment as entries of ledgers spell it: RFC 3339, UTC, microseconds. */
export function microInstant(ms: number): string {
  return formatInstant(ms * 1_000);
}

/** Resolves once everybody else who waits has had a turn: for work in many small parts, so that one caller does not hold up the rest. */
export function giveWay(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** RFC 3339, UTC, milliseconds. */
export function instant(ms: number): string {
  return new Date(ms).toISOString();
}
