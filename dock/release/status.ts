import type { Grant, MissingFact } from '../ports.ts';

/** What the dock believes now about one person and one recording. */
export type Known =
  | { readonly at: 'unasked' }
  | {
      readonly at: 'released';
      readonly reason: string;
      readonly regime: string;
      readonly policySet?: string;
      readonly purpose: string;
    }
  | {
      readonly at: 'withheld';
      readonly because: WithheldCode;
      readonly reason: string;
      readonly missing: readonly MissingFact[];
      readonly regime: string;
      readonly policySet?: string;
      readonly purpose: string;
    };

export type WithheldCode = 'missing-facts' | 'not-allowed' | 'policy-unreachable' | 'ledger-fault';

/** What the ledger says last about the pair. It outlives the process; it is a record of what was, never a right. */
export type Recorded =
  | { readonly says: 'nothing' }
  | { readonly says: 'released' | 'revoked'; readonly index: number }
  | { readonly says: 'withheld'; readonly index: number; readonly detail: string };

export interface Pair {
  readonly known: Known;
  readonly recorded: Recorded;
  /** The policy service said that this concerns the person, or allowed it. Survives an outage of the service. */
  readonly stake: boolean;
}

export const UNASKED: Known = { at: 'unasked' };

/** What asking about every purpose of the person came to. */
export type Outcome =
  | { readonly outcome: 'allowed'; readonly grant: Grant; readonly reason: string; readonly purpose: string }
  | {
      readonly outcome: 'denied';
      readonly reason: string;
      readonly missing: readonly MissingFact[];
      readonly regime: string;
      readonly policySet?: string;
      readonly purpose: string;
      readonly concerns: boolean;
    }
  | { readonly outcome: 'unreachable'; readonly reason: string; readonly purpose: string };

export const NO_LONGER_HELD: Outcome = {
  outcome: 'denied',
  reason: 'it is no longer held here',
  missing: [],
  regime: '',
  purpose: '',
  concerns: false,
};

/** A custody entry still without its time, person and recording. */
export type Draft =
  | { readonly type: 'released'; readonly grant: Grant }
  | {
      readonly type: 'withheld';
      readonly reason: WithheldCode;
      readonly missing: readonly string[];
      readonly regime: string;
    }
  | { readonly type: 'revoked'; readonly reason: WithheldCode };

export interface Step {
  readonly known: Known;
  readonly stake: boolean;
  /** To be written; before `known` is believed if that says `released`, after it otherwise. */
  readonly draft?: Draft;
}

/**
 * One answer of the policy service about one pair. `own`: the person recorded it, so its fate is of record
 * even while nobody names a missing fact; what strangers may not see is not worth an entry each.
 */
export function step(pair: Pair, outcome: Outcome, own: boolean): Step {
  switch (outcome.outcome) {
    case 'allowed':
      return allowed(pair, outcome);
    case 'denied':
      return denied(pair, outcome, own);
    case 'unreachable':
      return unreachable(pair, outcome, own);
    default:
      return outcome satisfies never;
  }
}

/** A withholding is the same as the last one when these agree. */
export function detailOf(reason: string, missing: readonly string[], regime: string): string {
  return `${reason} ${missing.toSorted().join(',')} ${regime}`;
}

function allowed(pair: Pair, { grant, reason, purpose }: Outcome & { outcome: 'allowed' }): Step {
  const { regime, policySet } = grant;
  const known: Known = { at: 'released', reason, regime, policySet, purpose };
  // A restart or a changed reason is no second release; the entry that stands still tells the truth.
  if (pair.recorded.says === 'released') return { known, stake: true };
  return { known, stake: true, draft: { type: 'released', grant } };
}

function denied(pair: Pair, outcome: Outcome & { outcome: 'denied' }, own: boolean): Step {
  const { reason, missing, regime, purpose, concerns: stake } = outcome;
  const because = missing.length > 0 ? 'missing-facts' : 'not-allowed';
  const known: Known = { at: 'withheld', because, reason, missing, regime, ...rulesOf(outcome), purpose };
  if (pair.recorded.says === 'released') return { known, stake, draft: { type: 'revoked', reason: because } };
  const facts = [...new Set(missing.map(({ fact }) => fact))];
  const same = pair.recorded.says === 'withheld' && pair.recorded.detail === detailOf(because, facts, regime);
  if (same || !(own || stake)) return { known, stake };
  return { known, stake, draft: { type: 'withheld', reason: because, missing: facts, regime } };
}

/**
 * Silence withholds: nothing is shown as released and nothing can be opened. It does not revoke, since nobody
 * said so: a session that was granted runs on for as long as the driver bears with the silence, and the ledger
 * keeps saying what was last decided.
 */
function unreachable(
  pair: Pair,
  { reason, purpose }: Outcome & { outcome: 'unreachable' },
  own: boolean,
): Step {
  const before = pair.known.at === 'withheld' ? pair.known : undefined;
  const because = 'policy-unreachable';
  const known: Known = {
    at: 'withheld',
    because,
    reason,
    missing: before?.missing ?? [],
    regime: before?.regime ?? '',
    ...rulesOf(before),
    purpose,
  };
  if (pair.recorded.says !== 'nothing' || !own) return { known, stake: pair.stake };
  return {
    known,
    stake: pair.stake,
    draft: { type: 'withheld', reason: because, missing: [], regime: '' },
  };
}

/** The digest of the rules that decided, where it is known. */
export function rulesOf(decided: { readonly policySet?: string } | undefined): {
  readonly policySet?: string;
} {
  return decided?.policySet === undefined ? {} : { policySet: decided.policySet };
}
