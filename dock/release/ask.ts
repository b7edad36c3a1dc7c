import type { Policy, Question, Verdict } from '../ports.ts';
import type { Outcome } from './status.ts';

export interface Inquiry {
  readonly about: Pick<Question, 'person' | 'recordingId' | 'manifestSha256'>;
  /** What the person might want to do, most usual first; never empty. */
  readonly purposes: readonly string[];
  /** Purposes for which the person has live sessions: these are asked about even when another is allowed. */
  readonly watched: ReadonlySet<string>;
}

export interface Finding {
  readonly outcome: Outcome;
  /** Purposes that were denied. */
  readonly denied: readonly string[];
}

type Deny = Extract<Outcome, { outcome: 'denied' }>;

/** Asks purpose by purpose until one is allowed; of several denials the one that needs the fewest facts is told. */
export async function inquire(
  policy: Pick<Policy, 'decide'>,
  { about, purposes, watched }: Inquiry,
): Promise<Finding> {
  const denied: string[] = [];
  let allowed: Outcome | undefined;
  let nearest: Deny | undefined;
  for (const purpose of new Set([...purposes, ...watched])) {
    if (allowed !== undefined && !watched.has(purpose)) continue;
    const verdict: Verdict = await policy.decide({ ...about, action: 'view', purpose });
    if (verdict.verdict === 'allow') {
      allowed ??= { outcome: 'allowed', grant: verdict.grant, reason: verdict.reason, purpose };
    } else if (verdict.verdict === 'deny') {
      denied.push(purpose);
      const { reason, missing, regime, concerns } = verdict;
      nearest = nearer(nearest, { outcome: 'denied', reason, missing, regime, purpose, concerns });
    } else {
      // The next purpose would meet the same silence, and wait for it as long.
      return { outcome: { outcome: 'unreachable', reason: verdict.reason, purpose }, denied };
    }
  }
  const outcome = allowed ?? nearest;
  if (outcome === undefined) throw new TypeError('an inquiry needs at least one purpose');
  return { outcome, denied };
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
