import { instant } from '../clock.ts';
import { titled } from '../decide/candidate.ts';
import type { Entry } from '../facts/fact.ts';
import type { PastDecision, PastKeys } from '../facts/read-only.ts';
import { intervalJson } from './difference-table.ts';
import type { Explained, Explanation } from './explanation.ts';
import { intervalLines, recordingLines, wrapped } from './words.ts';

/** An explanation with what else is on record about the pair. */
export interface Explanations {
  readonly explanation: Explanation;
  /** Why these rules and no others. */
  readonly because: string;
  readonly decisions: readonly PastDecision[];
  readonly keys: readonly PastKeys[];
}

/** For people, at most 100 columns wide as long as names are short. */
export function explanationPage({ explanation, because, decisions, keys }: Explanations): readonly string[] {
  const { known, recording, nowMs, rules, answers, facts } = explanation;
  return [
    `At ${instant(nowMs)}, ${known.newest === 0 ? 'before the first fact' : `with facts up to #${known.newest}`}`,
    '',
    ...recordingLines(known, recording),
    personLine(explanation),
    ...(rules.hash === '' ? [] : [`Rules ${rules.regime} ${rules.hash}`]),
    ...wrapped(because, '  '),
    ...answers.flatMap((one) => ['', ...answerLines(one)]),
    '',
    `FACTS THAT HAVE A SAY: ${facts.length}`,
    ...facts.map(factLine),
    '',
    `DECISIONS ON RECORD: ${decisions.length}`,
    ...decisions.flatMap(decisionLines),
    '',
    `REQUESTS FOR KEYS ON RECORD: ${keys.length}`,
    ...keys.flatMap(keyLines),
  ];
}

function personLine({ known, person }: Explanation): string {
  const found = known.person(person);
  if (found === undefined) return `Person ${person}, whom nobody has enrolled`;
  const roles = found.roles.length === 0 ? 'without a role' : found.roles.join(', ');
  return `${titled(known, person)}, enrolled as ${roles}`;
}

function answerLines(one: Explained): readonly string[] {
  const { purposes, allowed, reason, policies, missing, alternatives, intervals } = one;
  const ways = missing.length === 0 ? [] : [missing, ...alternatives];
  return [
    `${allowed ? 'YES' : 'NO'}: ${purposes.join(', ')}`,
    ...wrapped(reason, '  '),
    ...policies.flatMap(({ id, effect, text }) => wrapped(`decided by ${id} (${effect}): ${text}`, '  ')),
    ...ways.flatMap((way, at) =>
      wrapped(`${at === 0 ? 'missing' : 'or'}: ${way.map(({ text }) => text).join('; ')}`, '  '),
    ),
    ...intervalLines(intervals).map(
      (line) => `  ${line === 'never' ? 'never allowed so far' : `allowed ${line}`}`,
    ),
  ];
}

function factLine({ index, source, receivedAt, fact }: Entry): string {
  return `  #${index}  ${receivedAt}  ${fact.type}, said by ${source}`;
}

function decisionLines(one: PastDecision): readonly string[] {
  const { index, at, allowed, action, purpose, regime, newestFact, source, grantId, reason } = one;
  const grant = grantId === undefined ? '' : `, grant ${grantId}`;
  return [
    ...wrapped(
      `${index}  ${at}  ${allowed ? 'yes' : 'no'} to ${action} for ${purpose || 'no purpose'}, ${regime}, facts up to #${newestFact}, asked by ${source}${grant}`,
      '  ',
    ),
    ...wrapped(reason, '      '),
  ];
}

function keyLines({ at, given, grantId, chunks, reason }: PastKeys): readonly string[] {
  const which = chunks === undefined ? '' : ` of chunks ${chunks[0]} to ${chunks[1] - 1}`;
  return [
    ...wrapped(`${at}  ${given ? 'given' : 'not given'}: keys${which}, grant ${grantId}`, '  '),
    ...(given ? [] : wrapped(reason, '      ')),
  ];
}

/** The same as one JSON object; moments are RFC 3339. */
export function explanationJson({ explanation, because, decisions, keys }: Explanations): unknown {
  const { known, recording, person, nowMs, rules, answers, facts } = explanation;
  const { registration, incidents, sealedBy } = known.recording(recording);
  return {
    at: instant(nowMs),
    newestFact: known.newest,
    recording: {
      id: recording,
      registered: registration !== undefined,
      madeBy: registration?.officer ?? '',
      incidents,
      sealed: sealedBy.size > 0,
    },
    person: {
      id: person,
      enrolled: known.person(person) !== undefined,
      roles: known.person(person)?.roles ?? [],
    },
    rules: { regime: rules.regime, policySet: rules.hash, because },
    answers: answers.map(({ policies, intervals, ...one }) => ({
      ...one,
      policies: policies.map(({ id, effect, text }) => ({ id, effect, text })),
      allowedWhen: intervals.map(intervalJson),
    })),
    facts: facts.map(({ index, source, receivedAt, fact }) => ({
      index,
      source,
      receivedAt,
      type: fact.type,
    })),
    decisions,
    keys,
  };
}
