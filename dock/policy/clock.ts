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

/** RFC 3339, UTC, milliseconds. */
export function instant(ms: number): string {
  return new Date(ms).toISOString();
}
