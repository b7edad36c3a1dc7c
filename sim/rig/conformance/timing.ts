import { CaseFailure } from './case.ts';

// A rig or a device that has to wait for the processor once is not late three times in a row.
const TRIES_MAX = 3;

/** Too soon or too late as the rig sees it: the device, or a machine that was busy with something else. */
class Mistimed extends CaseFailure {}

/** Milliseconds. */
export interface Span {
  readonly min: number;
  readonly max: number;
}

/** Throws what makes {@link anew} measure again unless `holds`. `expected` completes "expected …", `seen` completes "saw …". */
export function demandTimely(holds: boolean, expected: string, seen: string): asserts holds {
  if (!holds) throw new Mistimed(expected, seen);
}

/** As {@link demandTimely}, of a pause. `what` completes "expected … after 1 to 2 ms". */
export function demandPause(ms: number, { min, max }: Span, what: string): void {
  demandTimely(ms >= min && ms <= max, `${what} after ${min} to ${max} ms`, `${Math.round(ms)} ms`);
}

/**
 * Measures again from the start while the time alone was not right, three times at most: a rule about time is the device's, and a
 * device that does not keep it never measures well. Every other failure counts at once.
 */
export async function anew<Found>(measure: () => Promise<Found>): Promise<Found> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await measure();
    } catch (error) {
      if (!(error instanceof Mistimed) || tries >= TRIES_MAX) throw error;
    }
  }
}
