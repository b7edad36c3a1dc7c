import { instant } from '../clock.ts';
import { titled } from './candidate.ts';
import type { Exception } from './decide.ts';
import type { Inquiry, Remedy } from './missing.ts';
import type { Rules } from './rules.ts';

/** What the evaluation of a deny brought to light. */
export interface Findings {
  readonly inquiry: Inquiry;
  /** Forbids that applied. */
  readonly policies: readonly string[];
  readonly errors: readonly string[];
}

// A dock shows reasons to people and bounds what it takes from us.
const REASON_CHARACTERS_MAX = 1_000;

/** The permit in its own words, led by the authorisation when the allow rests on one. */
export function reasonToAllow(
  { rules }: Inquiry,
  policies: readonly string[],
  exception: Exception | undefined,
): string {
  const said = texts(rules, policies).join(' ');
  if (exception === undefined) return cut(said);
  return cut(`Authorised by ${exception.by} until ${instant(exception.expiresAtMs)}. ${said}`);
}

/**
 * Why not, and what it waits for: the forbids in their own words; where nothing forbids but nothing permits
 * either, the words of the permit that is within reach.
 */
export function reasonToDeny({ inquiry, policies, errors }: Findings, remedy: Remedy | undefined): string {
  const { rules, known, question } = inquiry;
  if (errors.length > 0)
    return cut(`The rules could not be evaluated, so the answer is no: ${errors.join('; ')}.`);
  const unknown = known.person(question.person) === undefined ? [`${question.person} is not enrolled.`] : [];
  const said = [...unknown, ...strongest(rules, policies)];
  if (said.length === 0 && remedy !== undefined) said.push(...texts(rules, remedy.policies));
  if (said.length === 0) {
    const who = titled(known, question.person);
    const purpose = question.purpose.replaceAll('_', ' ');
    said.push(
      `No rule of the ${rules.regime} regime lets ${who} ${question.action} this recording for ${purpose}.`,
    );
  }
  const waiting = remedy?.missing.map(({ text }) => text).join('; ');
  said.push(waiting === undefined ? 'No further fact would change that.' : `Waiting for: ${waiting}.`);
  return cut(said.join(' '));
}

/** What holds under every regime says more than a gate of one regime that happens to be shut as well. */
function strongest(rules: Rules, policies: readonly string[]): readonly string[] {
  const base = policies.filter((id) => rules.policies.get(id)?.file === 'base');
  return texts(rules, base.length > 0 ? base : policies);
}

/** In the order in which the files say them. */
function texts(rules: Rules, policies: readonly string[]): readonly string[] {
  return [...rules.policies.values()].filter(({ id }) => policies.includes(id)).map(({ text }) => text);
}

function cut(sentence: string): string {
  return sentence.length <= REASON_CHARACTERS_MAX
    ? sentence
    : `${sentence.slice(0, REASON_CHARACTERS_MAX - 1)}…`;
}
