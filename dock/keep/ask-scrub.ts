import { ControlError } from './control.ts';
import type { ScrubStanding } from './progress.ts';

/** What an operator may do with the scrub of a running dock. */
interface Scrubbing {
  standing(): ScrubStanding;
  pause(): void;
  resume(): void;
  /** A pass over everything, or the rest of the one under way; resolves at its end, whatever came of it. */
  scrub(): Promise<unknown>;
}

const ACTS = ['look', 'pass', 'pause', 'resume'] as const;

/**
 * Does what `act` says, and answers how the scrub stands then. `pass` begins a pass, or hurries the one under way, and does not wait
 * for its end: whoever asked looks again. Throws ControlError: BAD_REQUEST, BUSY for a pass while the scrub is paused.
 */
export async function askScrub(
  body: unknown,
  { upkeep, report }: { readonly upkeep: Scrubbing; readonly report: (problem: unknown) => void },
): Promise<ScrubStanding> {
  const { act = 'look' }: { readonly act?: unknown } = typeof body === 'object' && body !== null ? body : {};
  const wanted = ACTS.find((one) => one === act);
  if (wanted === undefined) throw new ControlError('BAD_REQUEST', `act is one of ${ACTS.join(', ')}`);
  if (wanted === 'pause') upkeep.pause();
  if (wanted === 'resume') upkeep.resume();
  if (wanted === 'pass') {
    if (upkeep.standing().state === 'paused')
      throw new ControlError('BUSY', 'the scrub is paused: holdfast dock scrub --resume lets it go on');
    upkeep.scrub().catch(report);
  }
  return upkeep.standing();
}
