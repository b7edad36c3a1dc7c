import type { MissingFact } from '../ports.ts';
import { isFields, isList, isText, isWord, type Fields } from './shape.ts';

/** An AuthZEN 1.0 evaluation response, checked as far as the dock uses it. */
export type Evaluation =
  | { readonly decision: true; readonly reason: string; readonly grant: string }
  | {
      readonly decision: false;
      readonly reason: string;
      readonly missing: readonly MissingFact[];
      readonly regime: string;
      readonly policySet?: string;
      readonly concerns: boolean;
      readonly isStranger: boolean;
    };

const WORD_CHARACTERS_MAX = 128;
const SENTENCE_CHARACTERS_MAX = 1_000;
const GRANT_CHARACTERS_MAX = 8 * 1024;
// A page shows so many. A service that names more is understood, as far as it stays within reason.
const MISSING_MAX = 64;
const MISSING_ANSWERED_MAX = 1_000;

/** The evaluation in a response body, or undefined when any part of it is not as agreed. */
export function readEvaluation(body: unknown): Evaluation | undefined {
  if (!isFields(body) || !isFields(body['context'])) return undefined;
  const { reason, missing, regime, policySet, grant, standing } = body['context'];
  if (!isText(reason, SENTENCE_CHARACTERS_MAX)) return undefined;
  if (body['decision'] === true) {
    // An allow without a grant opens nothing, so it is an answer that makes no sense.
    return isText(grant, GRANT_CHARACTERS_MAX) ? { decision: true, reason, grant } : undefined;
  }
  if (body['decision'] !== false || grant !== undefined) return undefined;
  if (!(regime === '' || isWord(regime)) || !isList(missing, MISSING_ANSWERED_MAX, isMissing))
    return undefined;
  return {
    decision: false,
    reason: withRest(reason, missing.length - MISSING_MAX),
    missing: missing.slice(0, MISSING_MAX).map(onlyAgreed),
    regime,
    // A service of another make may not name its rules so finely.
    ...(isWord(policySet) ? { policySet } : {}),
    concerns: concerns(standing, missing),
    isStranger: standing === 'none',
  };
}

/** Says how many more facts are missing than are kept, within the length of a reason. */
function withRest(reason: string, rest: number): string {
  if (rest <= 0) return reason;
  const more = ` And ${rest} more.`;
  const room = SENTENCE_CHARACTERS_MAX - more.length;
  return `${reason.length <= room ? reason : `${reason.slice(0, room - 1)}…`}${more}`;
}

function isMissing(value: unknown): value is MissingFact & Fields {
  if (!isFields(value)) return false;
  const { fact, incident, person, text } = value;
  return (
    isWord(fact) &&
    isText(text, SENTENCE_CHARACTERS_MAX) &&
    (incident === undefined || isText(incident, WORD_CHARACTERS_MAX)) &&
    (person === undefined || isText(person, WORD_CHARACTERS_MAX))
  );
}

// Members we did not agree on stay outside: what is kept here is later sent to pages.
function onlyAgreed({ fact, incident, person, text }: MissingFact): MissingFact {
  return {
    fact,
    text,
    ...(incident === undefined ? {} : { incident }),
    ...(person === undefined ? {} : { person }),
  };
}

// Facts that would first make somebody a party. To wait for one of these is to have no part yet.
const INTRODUCING: ReadonlySet<string> = new Set([
  'officer.involved',
  'case.assigned',
  'access.authorised',
  'person.enrolled',
]);

/** A service that says how the person stands is taken at its word; of another the missing facts must tell. */
function concerns(standing: unknown, missing: readonly MissingFact[]): boolean {
  if (typeof standing === 'string') return standing !== 'none';
  return missing.length > 0 && !missing.some(({ fact }) => INTRODUCING.has(fact));
}
