import type { Knowledge } from '../facts/knowledge.ts';
import { hasCase, isPurpose, tookPart, type Question } from '../facts/situation.ts';
import { titled, type MissingFact } from './candidate.ts';
import { ACTIONS, type Action } from './gate.ts';
import { gates, type Inquiry, remedies } from './missing.ts';
import { reasonToAllow, reasonToDeny, type Findings } from './reason.ts';
import type { Rules } from './rules.ts';

/** Why this person may know of the recording at all. It opens nothing, and without one nothing opens, whatever the purpose. */
export type Standing = 'took-part' | 'assigned' | 'authorised' | 'none';

/** An authorisation that an allow rests on: without it the answer would be no. */
export interface Exception {
  readonly by: string;
  readonly expiresAtMs: number;
}

export interface Decision {
  readonly allowed: boolean;
  /** For people; at most 1,000 characters. */
  readonly reason: string;
  /** The smallest set of facts whose arrival would turn a deny into an allow; empty when none would. */
  readonly missing: readonly MissingFact[];
  /** Other sets of the same size. */
  readonly alternatives: readonly (readonly MissingFact[])[];
  /** Ids of the policies that decided. */
  readonly policies: readonly string[];
  readonly standing: Standing;
  readonly exception?: Exception;
  /** Index of the newest fact that was taken into account. */
  readonly newestFact: number;
}

/**
 * May this person do this? Allowed only when the rules allow it on every incident the recording is linked to.
 * Pure: the same facts, question, rules and moment give the same decision.
 */
export function decide(
  rules: Rules,
  known: Knowledge,
  asked: { readonly question: Question; readonly nowMs: number },
): Decision {
  const { question, nowMs } = asked;
  const base = { standing: standingOf(known, question, nowMs), newestFact: known.newest };
  const { action, purpose } = question;
  const unknown = notUnderstood(question);
  if (unknown !== undefined || !isAction(action) || !isPurpose(purpose)) {
    return { ...base, allowed: false, reason: unknown ?? '', missing: [], alternatives: [], policies: [] };
  }
  const inquiry: Inquiry = { rules, known, question: { ...question, action, purpose }, nowMs };
  const asks = gates(inquiry);
  const answers = asks.map((gate) => rules.evaluate(gate));
  const findings: Findings = {
    inquiry,
    policies: [...new Set(answers.filter(({ allowed }) => !allowed).flatMap(({ policies }) => policies))],
    errors: answers.flatMap(({ errors }) => errors),
  };
  if (answers.every(({ allowed }) => allowed)) {
    const policies = [...new Set(answers.flatMap((answer) => answer.policies))];
    const exception = exceptionOf(inquiry);
    const reason = reasonToAllow(inquiry, policies, exception);
    return {
      ...base,
      allowed: true,
      reason,
      missing: [],
      alternatives: [],
      policies,
      ...(exception ? { exception } : {}),
    };
  }
  // An evaluation that failed is nothing a fact could mend.
  const ways = findings.errors.length > 0 ? [] : remedies(inquiry);
  const [first, ...others] = ways;
  return {
    ...base,
    allowed: false,
    reason: reasonToDeny(findings, first),
    missing: first?.missing ?? [],
    alternatives: others.map(({ missing }) => missing),
    policies: findings.policies,
  };
}

function isAction(name: string): name is Action {
  return ACTIONS.some((action) => action === name);
}

function notUnderstood({ action, purpose }: Question): string | undefined {
  if (!isAction(action)) return `No rule speaks of the action "${action.slice(0, 64)}".`;
  if (purpose === '') return 'The request states no purpose, and every rule asks for one.';
  return isPurpose(purpose) ? undefined : `No rule speaks of the purpose "${purpose.slice(0, 64)}".`;
}

function standingOf(known: Knowledge, { person, recording }: Question, nowMs: number): Standing {
  const { registration, incidents, authorisations } = known.recording(recording);
  if (registration?.officer === person) return 'took-part';
  if (incidents.some((incident) => tookPart(known, incident, person))) return 'took-part';
  if (incidents.some((incident) => hasCase(known, incident, person))) return 'assigned';
  return authorisations.some((one) => one.person === person && nowMs < one.expiresAtMs)
    ? 'authorised'
    : 'none';
}

/** The authorisation whose end turns this allow into a deny: asked of the rules, since not every giver counts. */
function exceptionOf(inquiry: Inquiry): Exception | undefined {
  const { rules, known, question, nowMs } = inquiry;
  const { person, recording } = question;
  const ending = known
    .recording(recording)
    .authorisations.filter((one) => one.person === person && nowMs < one.expiresAtMs)
    .toSorted((a, b) => a.expiresAtMs - b.expiresAtMs)
    .find(({ expiresAtMs }) =>
      gates({ ...inquiry, nowMs: expiresAtMs }).some((gate) => !rules.evaluate(gate).allowed),
    );
  return ending && { by: titled(known, ending.by), expiresAtMs: ending.expiresAtMs };
}
