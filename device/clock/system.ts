import type { Cancel, Clock } from '../ports.ts';

/** How the simulated oscillator differs from this machine's clock. */
export interface Oscillator {
  /** Added to the wall clock, in microseconds: a camera whose clock was set wrong. */
  readonly wallOffsetUs?: number;
  /** Parts per million by which the wall clock runs fast, from this process's start on. */
  readonly driftPpm?: number;
}

// The longest that a Node timer waits; one that is asked for more fires at once.
const TIMER_MS_MAX = 2 ** 31 - 1;

/** The camera's clocks on this machine. Wall time has millisecond steps, monotonic time microseconds. */
export function systemClock(oscillator: Oscillator = {}): Clock {
  const { wallOffsetUs = 0, driftPpm = 0 } = oscillator;
  const bootNs = process.hrtime.bigint();
  const monoUs = (): number => Number((process.hrtime.bigint() - bootNs) / 1000n);
  return {
    monoUs,
    wallUs: () => Date.now() * 1000 + wallOffsetUs + Math.round((monoUs() * driftPpm) / 1e6),
    after: (delayMs, wake) => wakeAfter(monoUs, delayMs, wake),
  };
}

function wakeAfter(monoUs: () => number, delayMs: number, wake: () => void): Cancel {
  const dueUs = monoUs() + Math.max(0, delayMs) * 1000;
  let timer: NodeJS.Timeout | undefined;
  // Node rounds to its own millisecond and may fire just before it is time: then the rest is waited for.
  const arm = (): void => {
    const leftMs = Math.ceil((dueUs - monoUs()) / 1000);
    if (leftMs <= 0 && timer !== undefined) return wake();
    timer = setTimeout(arm, Math.min(Math.max(leftMs, 0), TIMER_MS_MAX));
  };
  arm();
  return () => clearTimeout(timer);
}
