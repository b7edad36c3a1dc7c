import type { Knowledge } from '../facts/knowledge.ts';
import type { Question } from '../facts/situation.ts';
import type { Decision, Exception } from './decide.ts';
import { decideDestroy, type DestroyDecision } from './destroy.ts';
import { decideOnce } from './remembered.ts';
import type { Rules } from './rules.ts';

/**
 * Whether the request carried an opening signed by a page, and what came of checking it. It is an input of the decision: keys
 * and tokens are not kept, so what they proved is.
 */
export type OpeningOutcome =
  | { readonly outcome: 'none' | 'checked' | 'used' }
  | { readonly outcome: 'refused'; readonly reason: string };

/** Everything of a request that an answer may depend on. It is written down as it stands here. */
export interface Heard {
  readonly question: Question;
  readonly subjectType: string;
  readonly resourceType: string;
  /** The source that has authenticated. */
  readonly source: string;
  readonly dock?: string | undefined;
  readonly nonce?: string | undefined;
  /** How long that dock keeps recordings, when it asks whether it may destroy one. */
  readonly days?: number | undefined;
  readonly opening: OpeningOutcome;
}

export interface At {
  readonly rules: Rules;
  readonly known: Knowledge;
  readonly nowMs: number;
}

/** The answer, and what the rules alone said where the answer is a refusal on other grounds. */
export interface Settled {
  readonly decision: Decision;
  readonly ofRules: Decision;
}

/** May this be viewed, and is it asked for as it must be? Pure. */
export function settle(heard: Heard, { rules, known, nowMs }: At): Settled {
  const ofRules = decideOnce(rules, known, { question: heard.question, nowMs });
  return { decision: overruled(heard, ofRules, known), ofRules };
}

function overruled(
  { question, subjectType, resourceType, opening }: Heard,
  ofRules: Decision,
  known: Knowledge,
): Decision {
  if (opening.outcome === 'used')
    return refuse(ofRules, 'The signed opening was used before. Open the recording again.');
  if (subjectType !== 'person') return refuse(ofRules, 'The subject of a request is a person.');
  if (resourceType !== 'recording') return refuse(ofRules, 'The resource of a request is a recording.');
  if (!ofRules.allowed) return ofRules;
  if (opening.outcome === 'refused') return refuse(ofRules, opening.reason);
  const { registration } = known.recording(question.recording);
  if (opening.outcome === 'none' || registration?.verified === true) return ofRules;
  const { recording } = question;
  const text = 'manifest of this recording, signed by its camera, not on file';
  return {
    ...refuse(
      ofRules,
      'The recording can be decided about, but it is not opened before its manifest is verified.',
    ),
    missing: [{ fact: 'recording.registered', recording, text }],
  };
}

function refuse({ standing, newestFact }: Decision, reason: string): Decision {
  return { allowed: false, reason, missing: [], alternatives: [], policies: [], standing, newestFact };
}

/** A grant is addressed to the dock that asks, so that dock must be the one that has authenticated. */
export function asksForGrant({ dock, nonce, source, question }: Omit<Heard, 'opening'>): boolean {
  return dock !== undefined && nonce !== undefined && dock === source && question.action === 'view';
}

/** May this dock destroy the recording? Pure. */
export function settleDestruction(
  heard: Omit<Heard, 'opening'>,
  { known, nowMs }: Omit<At, 'rules'>,
): DestroyDecision {
  const { source, question, days } = heard;
  const { recording, purpose } = question;
  const decision = decideDestroy(known, { dock: source, recording, purpose, days }, nowMs);
  const wrong = notADock(heard);
  return wrong === undefined
    ? decision
    : { ...decision, allowed: false, reason: wrong, policies: ['retention.asker'] };
}

/** Only a dock destroys, in its own name and with its own nonce. */
function notADock({
  source,
  dock,
  nonce,
  question,
  subjectType,
  resourceType,
}: Omit<Heard, 'opening'>): string | undefined {
  if (subjectType !== 'dock' || question.person !== source || dock !== source || nonce === undefined)
    return 'Only a dock destroys recordings, under its own name and with its own nonce.';
  return resourceType === 'recording' ? undefined : 'The resource of a request is a recording.';
}

/** All that an answer said, as it is written down. What the rules alone said stands beside a refusal on other grounds. */
export function answerOf({ decision, ofRules }: Settled): StoredAnswer {
  const said = saidBy(decision);
  return decision === ofRules ? said : { ...said, rules: { allowed: ofRules.allowed, ...saidBy(ofRules) } };
}

interface Said {
  readonly reason: string;
  readonly missing: Decision['missing'];
  readonly alternatives: Decision['alternatives'];
  readonly policies: readonly string[];
  readonly standing: Decision['standing'];
  readonly authorised?: Exception;
}

export interface StoredAnswer extends Said {
  readonly rules?: Said & { readonly allowed: boolean };
}

function saidBy({ reason, missing, alternatives, policies, standing, exception }: Decision): Said {
  const authorised = exception === undefined ? {} : { authorised: exception };
  return { reason, missing, alternatives, policies, standing, ...authorised };
}
