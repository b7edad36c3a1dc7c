import type { Cancel, Clock } from '../ports.ts';

/** Work that is done no more often than its time allows, however often it is asked for. */
export interface AtMost {
  /** At once, unless it was done less than the time ago: then once when the time is over, for all that asked meanwhile. */
  ask(): void;
  /** What waits is not done any more. */
  stop(): void;
}

export function atMost(everyMs: number, clock: Pick<Clock, 'after'>, work: () => void): AtMost {
  let resting: Cancel | undefined;
  let isAsked = false;
  const ask = (): void => {
    isAsked = resting !== undefined;
    if (isAsked) return;
    resting = clock.after(everyMs, () => {
      resting = undefined;
      if (isAsked) ask();
    });
    work();
  };
  return {
    ask,
    stop: () => {
      isAsked = false;
      resting?.();
    },
  };
}
