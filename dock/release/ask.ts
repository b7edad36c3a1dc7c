import type { Policy, Question } from '../ports.ts';
import { rulesOf, type Outcome } from './status.ts';

export interface Inquiry {
  readonly about: Pick<Question, 'person' | 'recordingId' | 'manifestSha256'>;
  /** What the person might want to do, most usual first; never empty. */
  readonly purposes: readonly string[];
  /** Purposes for which the person has live sessions: no denial of the usual ones ends these. */
  readonly watched: ReadonlySet<string>;
  /** Told at once of each purpose that is denied: somebody may be looking at what they no longer may. */
  readonly onDenied: (purpose: string) => void;
}

type Deny = Extract<Outcome, { outcome: 'denied' }>;

/**
 * Asks about one purpose after the other until one is allowed, or the service says that the person has no part in it; of several
 * denials the one that needs the fewest facts is told.
 */
export async function inquire(
  policy: Pick<Policy, 'decide'>,
  { about, purposes, watched, onDenied }: Inquiry,
): Promise<Outcome> {
  let nearest: Deny | undefined;
  for (const purpose of new Set([...purposes, ...watched])) {
    const verdict = await policy.decide({ ...about, action: 'view', purpose });
    if (verdict.verdict === 'allow') {
      return { outcome: 'allowed', grant: verdict.grant, reason: verdict.reason, purpose };
    }
    if (verdict.verdict === 'unreachable') {
      // The next purpose would meet the same silence, and wait for it as long.
      return { outcome: 'unreachable', reason: verdict.reason, purpose };
    }
    onDenied(purpose);
    const { reason, missing, regime, concerns, isStranger = false } = verdict;
    const denied = { reason, missing, regime, ...rulesOf(verdict), purpose, concerns };
    nearest = nearer(nearest, { outcome: 'denied', ...denied });
    if (isStranger) return endAll(nearest, { watched, onDenied });
  }
  if (nearest === undefined) throw new TypeError('an inquiry needs at least one purpose');
  return nearest;
}

/** What they have open for another purpose ends as well. */
function endAll(denied: Deny, { watched, onDenied }: Pick<Inquiry, 'watched' | 'onDenied'>): Deny {
  for (const purpose of watched) onDenied(purpose);
  return denied;
}

function nearer(best: Deny | undefined, next: Deny): Deny {
  if (best === undefined) return next;
  const concerns = best.concerns || next.concerns;
  return { ...(distance(next) < distance(best) ? next : best), concerns };
}

// A denial that names nothing cannot be cured by a fact: it is the farthest.
function distance({ missing }: Deny): number {
  return missing.length === 0 ? Number.POSITIVE_INFINITY : missing.length;
}
