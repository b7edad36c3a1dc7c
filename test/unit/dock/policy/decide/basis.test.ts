import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { basisOf, CHANGES } from '../../../../../dock/policy/decide/basis.ts';
import { loadRules, REGIMES_DIRECTORY } from '../../../../../dock/policy/decide/load.ts';
import type { Rules } from '../../../../../dock/policy/decide/rules.ts';
import { FACT_TYPES, type Fact } from '../../../../../dock/policy/facts/fact.ts';
import { openDatabase, type Database } from '../../../../../dock/policy/facts/database.ts';
import { Knowledge } from '../../../../../dock/policy/facts/knowledge.ts';
import { situationOf } from '../../../../../dock/policy/facts/situation.ts';
import { openFactStore } from '../../../../../dock/policy/facts/store.ts';
import { AT, city, doj, EARLIER, fact, LATER, NOW_MS, RECORDING, Story } from '../story.ts';

// Goal: a decision record holds what the decision rested on, with what it superseded, and nothing else. Method: facts in a real
// store; an allow; which facts come back, by type and person.

let folder = '';
let database: Database;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-basis-'));
  database = openDatabase(join(folder, 'facts.db'));
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

const OTHER = 'f'.repeat(32);
/** As the shift of the other tests begins. */
const SHIFT: readonly Fact[] = [
  fact('person.enrolled', { person: '4411', roles: ['officer'] }),
  fact('person.enrolled', { person: '5522', roles: ['officer'] }),
  fact('person.enrolled', { person: 'ipr-1', roles: ['independent_review'] }),
  fact('person.enrolled', { person: 'city-1', roles: ['city_attorney'] }),
  fact('person.enrolled', { person: 'chief-1', roles: ['chief'] }),
  fact('incident.opened'),
  fact('officer.involved', { person: '4411' }),
  fact('officer.involved', { person: '5522' }),
  fact('recording.registered'),
  fact('recording.linked'),
];

/** The facts behind an allow, told one after the other; fails when it is none. */
function told(rules: Rules, facts: readonly Fact[], who: readonly [string, string]): readonly string[] {
  openFactStore(database).append(
    facts.map((one, at) => ({
      ...{ index: at + 1, source: 'records', receivedAt: AT },
      fact: { ...one, id: `f${at + 1}` },
    })),
  );
  return again(rules, facts, who);
}

/** The same of facts that are on file already. */
function again(
  rules: Rules,
  facts: readonly Fact[],
  [person, purpose]: readonly [string, string],
): readonly string[] {
  const store = openFactStore(database);
  const story = new Story(rules);
  for (const one of facts) story.take(one);
  const { allowed, reason, newestFact, policies } = story.ask(person, purpose);
  expect([allowed, reason]).toEqual([true, expect.any(String)]);
  const question = { person, action: 'view', recording: RECORDING, purpose };
  const by = { question, rules, nowMs: NOW_MS, newestFact, policies };
  return basisOf({ store, known: story.known }, by).map(({ fact: one }) => nameOf(one));
}

function nameOf(one: Fact): string {
  if (one.type === 'regime.adopted') return `${one.type} ${one.agency}`;
  if (one.type === 'access.authorised') return `${one.type} ${one.person} by ${one.by}`;
  return 'person' in one ? `${one.type} ${one.person}` : one.type;
}

const OWN = ['person.enrolled 4411', 'officer.involved 4411', 'recording.registered', 'recording.linked'];
const SUPPLEMENT = ['4411', 'supplement_report'] as const;

describe('the basis of a decision', () => {
  // Goal: what came, went and came again is all there, in its order; the partner's report is not.
  test('holds a report that was withdrawn and filed again', () => {
    const facts = [
      fact('report.filed'),
      fact('report.filed', { person: '5522' }),
      fact('report.withdrawn'),
      fact('report.supplemented'),
      fact('report.filed'),
    ];
    expect(told(doj, [...SHIFT, ...facts], SUPPLEMENT)).toEqual([
      ...OWN,
      ...['report.filed 4411', 'report.withdrawn 4411', 'report.filed 4411'],
    ]);
  });

  // Goal: an officer is not told of an allegation, a case or a classification that the rule for officers does not read.
  test('leaves out what no rule that counted reads', () => {
    const secret = [
      fact('misconduct.alleged'),
      fact('case.assigned', { person: 'ipr-1' }),
      fact('force.classified', { force: 'deadly' }),
      fact('access.authorised', { person: 'ipr-1', by: 'city-1' }),
      fact('hold.placed'),
    ];
    expect(told(doj, [...SHIFT, ...secret, fact('report.filed')], SUPPLEMENT)).toEqual([
      ...OWN,
      'report.filed 4411',
    ]);
  });

  // Goal: an authorisation comes with whoever gave it, and with the one that was revoked before; others' do not.
  test('holds authorisations, revoked ones too, and who gave them', () => {
    const facts = [
      fact('access.authorised', { person: 'ipr-1', by: 'chief-1', expiresAt: EARLIER }),
      fact('access.revoked', { person: 'ipr-1' }),
      fact('access.authorised', { person: '5522', by: 'city-1' }),
      fact('access.authorised', { person: 'ipr-1', by: 'city-1', expiresAt: LATER }),
      fact('case.assigned', { person: 'ipr-1' }),
      fact('case.assigned', { person: '5522' }),
      fact('force.classified', { force: 'none', by: 'nobody' }),
      fact('misconduct.alleged'),
    ];
    const names = told(doj, [...SHIFT, ...facts], ['ipr-1', 'oversight']);
    expect(names).toEqual([
      ...[
        'person.enrolled 4411',
        'person.enrolled ipr-1',
        'person.enrolled city-1',
        'person.enrolled chief-1',
      ],
      ...['recording.registered', 'recording.linked'],
      ...['access.authorised ipr-1 by chief-1', 'access.revoked ipr-1', 'access.authorised ipr-1 by city-1'],
      ...['case.assigned ipr-1', 'force.classified', 'misconduct.alleged'],
    ]);
  });

  // Goal: whoever made another recording of the incident took part in it: that recording is part of the basis, one of somebody
  // else is not, and one that was linked by mistake neither.
  test('holds the recordings by which somebody took part', () => {
    const facts = [
      fact('recording.registered', { recording: OTHER, officer: '5522' }),
      fact('recording.linked', { recording: OTHER }),
      fact('recording.registered', { recording: 'e'.repeat(32), officer: '6633' }),
      fact('recording.linked', { recording: 'e'.repeat(32) }),
      fact('recording.registered', { recording: 'd'.repeat(32), officer: '5522' }),
      fact('recording.linked', { recording: 'd'.repeat(32) }),
      fact('recording.unlinked', { recording: 'd'.repeat(32) }),
      fact('report.filed'),
      fact('report.filed', { person: '5522' }),
    ];
    const start = SHIFT.filter(({ type }) => type !== 'officer.involved');
    const names = told(doj, [...start, ...facts], ['5522', 'supplement_report']);
    expect(names).toEqual([
      ...['person.enrolled 4411', 'person.enrolled 5522', 'recording.registered', 'recording.linked'],
      ...['recording.registered', 'recording.linked', 'report.filed 4411', 'report.filed 5522'],
    ]);
  });

  // Goal: a link that was taken back stays in view, and what that other incident was about does not.
  test('holds links that were taken back, without their incidents', () => {
    const facts = [
      fact('recording.linked', { incident: '24-9' }),
      fact('report.filed', { incident: '24-9', person: '6633' }),
      fact('recording.unlinked', { incident: '24-9' }),
      fact('report.filed'),
    ];
    expect(told(doj, [...SHIFT, ...facts], SUPPLEMENT)).toEqual([
      ...OWN,
      ...['recording.linked', 'recording.unlinked', 'report.filed 4411'],
    ]);
  });

  // Goal: a rule that waits for what everybody said brings in everybody who took part, and only for those whom it is about. Method:
  // the agreement under which internal affairs waits; an investigator, and an officer.
  test('holds what everybody said where that counts, and for nobody else', () => {
    const rules = loadRules('portland-2023');
    const facts = [
      ...['4411', '5522'].map((person) => fact('statement.given', { person, kind: 'perceptual' })),
      fact('statement.given', { person: '5522', kind: 'candid' }),
      fact('statement.withdrawn', { person: '5522', kind: 'candid' }),
      fact('statement.withdrawn', { person: '5522', kind: 'perceptual' }),
      fact('statement.given', { person: '5522', kind: 'perceptual' }, 'again'),
      fact('statement.given', { person: '6633', kind: 'candid' }),
      fact('person.enrolled', { person: 'ia-1', roles: ['internal_affairs'] }),
      fact('case.assigned', { person: 'ia-1' }),
      fact('case.unassigned', { person: 'ia-1' }),
      fact('case.assigned', { person: 'ia-1' }, 'case again'),
    ];
    const all = [...SHIFT, ...facts];
    const [statement, involved] = ['statement.given', 'officer.involved'];
    expect(told(rules, all, ['ia-1', 'investigation'])).toEqual([
      ...['person.enrolled 4411', `${involved} 4411`, `${involved} 5522`],
      ...['recording.registered', 'recording.linked', `${statement} 4411`, `${statement} 5522`],
      ...['statement.withdrawn 5522', `${statement} 5522`, 'person.enrolled ia-1'],
      ...['case.assigned ia-1', 'case.unassigned ia-1', 'case.assigned ia-1'],
    ]);
    expect(again(rules, all, ['4411', 'supplement_report'])).toEqual([...OWN, `${statement} 4411`]);
  });

  // Goal: which rules held is part of it, in the service's own word. Method: adoptions of these rules and of others, then and later.
  test('holds the adoption of its rules', () => {
    const adopted = (agency: string, rules: Rules, from = EARLIER): Fact =>
      fact(
        'regime.adopted',
        { agency, regime: rules.regime, policySet: rules.hash, from },
        `${agency}${from}`,
      );
    const facts = [adopted('', city), adopted('', doj), adopted('PPB', doj), adopted('PPB', doj, LATER)];
    const [first, ...rest] = SHIFT;
    const at = { ...(first as Fact), org: 'PPB' } as Fact;
    expect(told(doj, [...facts, at, ...rest, fact('report.filed')], SUPPLEMENT)).toEqual([
      'regime.adopted PPB',
      ...OWN,
      'report.filed 4411',
    ]);
  });

  // Goal: no attribute can be forgotten in the table of what facts change. Method: compare it with a situation.
  test('knows a fact for every attribute of a situation', () => {
    const { recording, incident, person } = situationOf(
      new Knowledge(),
      { person: '4411', action: 'view', recording: RECORDING, purpose: '' },
      { incident: undefined, nowMs: NOW_MS },
    );
    const all = [recording, incident, person].flatMap(Object.keys);
    const known = Object.values<'always' | readonly string[]>(CHANGES).flatMap((row) =>
      row === 'always' ? ['linked'] : row,
    );
    expect(new Set(known)).toEqual(new Set([...all, 'recorderReportFiled', 'authorisedBy']));
    expect(Object.keys(CHANGES).toSorted()).toEqual([...FACT_TYPES].toSorted());
  });
});

describe('a rule that would count with less on file', () => {
  // Goal: the record decides exactly the same, so what kept another permit from counting is in it. Method: a regime with two
  // permits, of which one is for incidents without an allegation.
  test('brings in what it reads', () => {
    const directory = join(folder, 'regimes');
    cpSync(REGIMES_DIRECTORY, directory, { recursive: true });
    writeFileSync(join(directory, 'twice.cedar'), TWICE);
    const rules = loadRules('twice', directory);
    const names = told(rules, [...SHIFT, fact('misconduct.alleged'), fact('report.filed')], SUPPLEMENT);
    expect(names).toContain('misconduct.alleged');
  });
});

const TWICE = `
@id("twice-filed") @text("After the report.")
forbid (principal, action in Action::"content", resource) unless { context.recorderReportFiled };
@id("twice-own") @text("After one's own.")
forbid (principal, action in Action::"content", resource)
when { context.person.tookPart } unless { context.person.reportFiled };
@id("twice-one") @text("Whoever took part.")
permit (principal in Role::"officer", action == Action::"view", resource)
when { context.person.tookPart && context.purpose == Purpose::"supplement_report" };
@id("twice-two") @text("Where nothing is alleged.")
permit (principal in Role::"officer", action == Action::"view", resource)
when { context.person.tookPart && context.purpose == Purpose::"supplement_report" && !context.incident.misconduct };
`;
