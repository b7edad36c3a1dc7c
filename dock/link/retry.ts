import type { Clock } from '../ports.ts';

// A port or broker that comes back is found within five seconds; one that stays away costs next to nothing.
const DELAY_MS_MIN = 1_000;
const DELAY_MS_MAX = 5_000;

/**
 * Runs `attempt` again and again until `stopped`: 1 s after one that worked (it answered true), otherwise after
 * twice the last delay, at most 5 s. An attempt that throws is a bug and ends the loop.
 */
export async function keepTrying(
  attempt: () => Promise<boolean>,
  { clock, stopped }: { readonly clock: Clock; readonly stopped: AbortSignal },
): Promise<void> {
  let delayMs = DELAY_MS_MIN;
  while (!stopped.aborted) {
    if (await attempt()) delayMs = DELAY_MS_MIN;
    await pause(delayMs, { clock, stopped });
    delayMs = Math.min(2 * delayMs, DELAY_MS_MAX);
  }
}

function pause(delayMs: number, { clock, stopped }: { clock: Clock; stopped: AbortSignal }): Promise<void> {
  if (stopped.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const cancel = clock.after(delayMs, () => {
      stopped.removeEventListener('abort', wake);
      resolve();
    });
    const wake = (): void => {
      cancel();
      resolve();
    };
    stopped.addEventListener('abort', wake, { once: true });
  });
}
