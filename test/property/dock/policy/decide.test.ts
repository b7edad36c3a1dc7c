import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { MissingFact } from '../../../../dock/policy/decide/candidate.ts';
import type { Fact } from '../../../../dock/policy/facts/fact.ts';
import { classificationOf } from '../../../../dock/policy/facts/situation.ts';
import { isQuick, runs } from '../../../runs.ts';
import { EVERY_REGIME } from '../../../unit/dock/policy/every-regime.ts';
import { doj, fact, NOW_MS, Story } from '../../../unit/dock/policy/story.ts';
import {
  anyFact,
  anyQuestion,
  DEADLY,
  OFFICERS,
  PEOPLE,
  RECORDINGS,
  REVIEW_AUTHORISED,
  SERIOUS,
  START,
} from './world.ts';

const RUNS = { numRuns: runs(200) };
// One random fact seldom helps, under some rules in one run of fifty: they are counted together.
const help = { tried: 0, turned: 0 };
afterAll(() => {
  if (!isQuick() && help.tried === EVERY_REGIME.length && help.turned === 0)
    throw new Error('no single fact ever helped: the property proves nothing');
});
// Many histories begin with what chance alone hardly ever brings together: most, with what the one exception needs.
const history = fc
  .tuple(
    fc.constantFrom([], REVIEW_AUTHORISED, REVIEW_AUTHORISED, DEADLY, SERIOUS),
    fc.array(anyFact, { maxLength: 25 }),
  )
  .map(([first, rest]) => [...first, ...rest]);

function told(rules: Story['rules'], facts: readonly Fact[]): Story {
  const story = new Story(rules);
  for (const one of [...START, ...facts]) story.take(one);
  return story;
}

/** What the history says, found by reading it from the start, with none of the service's code. */
function read(facts: readonly Fact[], recording: string) {
  const links = new Set<string>();
  const reports = new Map<string, boolean>();
  const parts = new Set<string>();
  let authorised: { person: string; by: string; until: number }[] = [];
  for (const one of [...START, ...facts]) {
    if (one.type === 'recording.linked' && one.recording === recording) links.add(one.incident);
    if (one.type === 'recording.unlinked' && one.recording === recording) links.delete(one.incident);
    if (one.type === 'report.filed') reports.set(`${one.incident} ${one.person}`, true);
    if (one.type === 'report.withdrawn') reports.set(`${one.incident} ${one.person}`, false);
    if (one.type === 'officer.involved') parts.add(`${one.incident} ${one.person}`);
    if (one.type === 'access.authorised' && one.recording === recording)
      authorised.push({ person: one.person, by: one.by, until: Date.parse(one.expiresAt) });
    if (one.type === 'access.revoked' && one.recording === recording)
      authorised = authorised.filter(({ person }) => person !== one.person);
  }
  return { links, reports, parts, authorised };
}

describe('doj', { timeout: 120_000 }, () => {
  // Goal: the product's one sentence. Whatever happened, in whatever order, an allow means that the officer who made
  // the recording has filed on every linked incident, but for the one exception.
  // Method: random histories and questions; each allow is checked against an independent reading of the history.
  test('nothing is allowed before the report of the officer who made the recording', () => {
    let allows = 0;
    let exceptions = 0;
    fc.assert(
      fc.property(history, fc.array(anyQuestion, { minLength: 1, maxLength: 8 }), (facts, questions) => {
        const story = told(doj, facts);
        for (const { person, recording, purpose } of questions) {
          if (!story.ask(person, purpose, { recording }).allowed) continue;
          allows += 1;
          const { links, reports, parts, authorised } = read(facts, recording);
          const recorder = OFFICERS[RECORDINGS.findIndex((id) => id === recording)] ?? '';
          const reported = (incident: string): boolean => reports.get(`${incident} ${recorder}`) === true;
          const isException =
            ['ia', 'ipr', 'doj'].includes(person) &&
            [...links].every((incident) => !parts.has(`${incident} ${person}`)) &&
            authorised.some(
              (one) =>
                one.person === person &&
                one.by !== person &&
                ['doj', 'attorney'].includes(one.by) &&
                one.until > NOW_MS,
            );
          exceptions += isException ? 1 : 0;
          expect(links.size).toBeGreaterThan(0);
          expect([...links].every(reported) || isException).toBe(true);
        }
      }),
      RUNS,
    );
    // A property about allows says nothing when there are none.
    expect(allows).toBeGreaterThan(runs(25));
    // Histories with an exception are rare; a quarter of them may well have none.
    if (!isQuick()) expect(exceptions).toBeGreaterThan(2);
  });
});

describe.each(EVERY_REGIME.map((rules) => [rules.regime, rules] as const))('%s', (_regime, rules) => {
  const everybodysQuestion = fc.tuple(history, anyQuestion);

  // Goal: "what is missing" is exact. Method: where facts are named, their arrival turns the deny into an allow, and
  // no smaller part of them does; the same holds for each alternative.
  test('what is missing is exactly what is missing', { timeout: 120_000 }, () => {
    let named = 0;
    fc.assert(
      fc.property(everybodysQuestion, ([facts, { person, recording, purpose }]) => {
        const decision = told(rules, facts).ask(person, purpose, { recording });
        expect(decision.allowed && decision.missing.length > 0).toBe(false);
        for (const set of [decision.missing, ...decision.alternatives]) {
          if (set.length === 0 || set.some(({ fact: type }) => type === 'recording.linked')) continue;
          named += 1;
          const arrive = (some: readonly MissingFact[]): boolean =>
            told(rules, [...facts, ...some.map((one) => asFact(one, purpose))]).ask(person, purpose, {
              recording,
            }).allowed;
          expect(arrive(set)).toBe(true);
          for (const left of set) expect(arrive(set.filter((one) => one !== left))).toBe(false);
        }
      }),
      RUNS,
    );
    expect(named).toBeGreaterThan(runs(25));
  });

  // Goal: nothing that would help is left out. Method: one more random fact; when its arrival alone turns the deny into
  // an allow, a single fact is what was named as missing.
  test('no single fact helps where several were named, or none', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(history, anyQuestion, fc.array(anyFact, { maxLength: 12 }), (facts, asked, more) => {
        const { person, recording, purpose } = asked;
        const story = told(rules, facts);
        const before = story.ask(person, purpose, { recording });
        if (before.allowed) return;
        for (const one of more.filter((each) => isAwaited(each, { person, known: story.known }))) {
          if (!told(rules, [...facts, one]).ask(person, purpose, { recording }).allowed) continue;
          help.turned += 1;
          expect(before.missing).toHaveLength(1);
        }
      }),
      RUNS,
    );
    help.tried += 1;
  });

  // Goal: "no further fact would change that" is true. Method: where nothing is named as missing, everything arrives that
  // could be waited for, and the answer stays no.
  test('where nothing is missing, not even everything helps', { timeout: 120_000 }, () => {
    let silent = 0;
    fc.assert(
      fc.property(everybodysQuestion, ([facts, { person, recording, purpose }]) => {
        const story = told(rules, facts);
        const { allowed, missing } = story.ask(person, purpose, { recording });
        if (allowed || missing.length > 0) return;
        silent += 1;
        for (const more of everything({ person, recording, known: story.known }))
          expect(told(rules, [...facts, ...more]).ask(person, purpose, { recording }).allowed).toBe(false);
      }),
      RUNS,
    );
    expect(silent).toBeGreaterThan(runs(10));
  });

  // Goal: some people and purposes never get in, whatever is on file.
  test('the custodian and disclosure never', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(everybodysQuestion, ([facts, { person, recording, purpose }]) => {
        const story = told(rules, facts);
        expect(story.ask('key', purpose, { recording })).toMatchObject({ allowed: false, missing: [] });
        expect(story.ask(person, 'disclosure', { recording })).toMatchObject({ allowed: false, missing: [] });
        expect(story.ask(person, purpose, { recording, action: 'export' }).allowed).toBe(false);
      }),
      { numRuns: runs(50) },
    );
  });
});

/** All that could be waited for about one question, with the asker's part in it and without, under either class of force. */
function everything(asked: {
  readonly person: string;
  readonly recording: string;
  readonly known: Story['known'];
}): readonly (readonly Fact[])[] {
  const { person, recording, known } = asked;
  const { incidents } = known.recording(recording);
  const about = incidents.flatMap((incident) => [
    ...PEOPLE.flatMap((one) => [
      fact('report.filed', { incident, person: one }),
      ...['candid', 'perceptual', 'supervisor_interview'].map((kind) =>
        fact('statement.given', { incident, person: one, kind, recorded: true }),
      ),
    ]),
    fact('interview.scheduled', { incident, person }),
    fact('case.assigned', { incident, person }),
    fact('misconduct.alleged', { incident }),
  ]);
  const authorised = ['chief', 'designee', 'attorney'].map((by) =>
    fact('access.authorised', { recording, person, by }),
  );
  const unclassified = incidents.filter(
    (incident) => classificationOf(known, incident).force === 'unclassified',
  );
  return ['none', 'non_deadly'].flatMap((force) => {
    const classes = unclassified.map((incident) =>
      fact('force.classified', { incident, force, by: 'nobody-there' }),
    );
    const all = [...about, ...authorised, ...classes, fact('recording.unsealed', { recording })];
    const parts = incidents.map((incident) => fact('officer.involved', { incident, person }));
    return [all, [...all, ...parts]];
  });
}

/** Is it of the facts that can be waited for? Not those that undo another: a new class of force, a link that goes. */
function isAwaited(one: Fact, asked: { readonly person: string; readonly known: Story['known'] }): boolean {
  switch (one.type) {
    case 'force.classified':
      return classificationOf(asked.known, one.incident).force === 'unclassified';
    case 'officer.involved':
      return one.person === asked.person;
    case 'recording.linked':
    case 'recording.unlinked':
      return false;
    default:
      return true;
  }
}

/** The missing fact as it would arrive; what the members leave open follows from the words. */
function asFact(missing: MissingFact, purpose: string): Fact {
  const { fact: type, incident, person = 'stranger', recording, text } = missing;
  const by = text.includes('city attorney') ? 'attorney' : 'chief';
  const spare = type === 'access.authorised' && person === by ? { by: 'designee' } : { by };
  const force = ['investigation', 'oversight'].includes(purpose) ? 'non_deadly' : 'none';
  return fact(type, {
    ...(incident === undefined ? {} : { incident }),
    person,
    ...(recording === undefined ? {} : { recording }),
    ...(type === 'access.authorised' ? spare : {}),
    ...(type === 'force.classified' ? { by: 'nobody-there', force } : {}),
    ...(type === 'statement.given' ? statementIn(text) : {}),
  });
}

/** No better than the words ask for. */
function statementIn(text: string): { readonly kind: string; readonly recorded: boolean } {
  const recorded = text.includes('recorded');
  if (text.includes('perceptual')) return { kind: 'perceptual', recorded };
  return { kind: text.includes('supervisor') ? 'supervisor_interview' : 'candid', recorded };
}
