import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cedarCall, gateAnswer, type Gate } from '../../../../../dock/policy/decide/gate.ts';
import {
  checkedRules,
  loadRules,
  readTexts,
  regimes,
  REGIMES_DIRECTORY,
  rulesOf,
} from '../../../../../dock/policy/decide/load.ts';
import { prepareRules, type Policy } from '../../../../../dock/policy/decide/rules.ts';
import { runCanaries } from '../../../../../dock/policy/decide/canary.ts';

const CUSTODIAN: Gate = {
  action: 'view',
  purpose: 'supplement_report',
  situation: {
    roles: ['custodian', 'officer'],
    recording: { registered: true, linked: true, sealed: false },
    incident: {
      force: 'none',
      deathInCustody: false,
      injury: 'none',
      vulnerable: false,
      misconduct: false,
      everyPerceptualStatementRecorded: true,
    },
    recorderReportFiled: true,
    person: {
      tookPart: true,
      reportFiled: true,
      candidStatement: true,
      perceptualStatementRecorded: true,
      supervisorInterview: true,
      supervisorInterviewRecorded: true,
      interviewScheduled: true,
      caseAssigned: true,
    },
    authorisedBy: [],
  },
};

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-regimes-'));
  cpSync(REGIMES_DIRECTORY, directory, { recursive: true });
});
afterEach(() => rmSync(directory, { recursive: true }));

function edit(file: string, change: (text: string) => string): void {
  const path = join(directory, file);
  const before = readFileSync(path, 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(path, after);
}

const textsOf = (regime: string): { readonly all: string; readonly schema: string } => {
  const text = (file: string): string => readFileSync(join(directory, file), 'utf8');
  return { all: `${text('base.cedar')}\n${text(`${regime}.cedar`)}`, schema: text('policy.cedarschema') };
};

/** Whom every regime lets in once everything is on file. */
const OFFICER: Gate = { ...CUSTODIAN, situation: { ...CUSTODIAN.situation, roles: ['officer'] } };

// Goal: answers are remembered by the attributes that the rules name, so no rule may look at more than it names. Method: rules that
// take a record as a value; each is refused by name.
test.each([
  'when { [context.person].contains(context.person) }',
  'when { context.incident == {force: context.incident.force} }',
  'when { [context].contains(context) }',
  'unless { context.recorderReportFiled || resource == resource }',
])('a rule that looks at a whole record is refused: %s', (condition) => {
  edit(
    'doj.cedar',
    (text) =>
      `${text}\n@id("doj-whole") @text("whole") forbid (principal, action in Action::"content", resource) ${condition};\n`,
  );
  expect(() => loadRules('doj', directory)).toThrow(expect.objectContaining({ code: 'BAD_POLICY' }));
});

// Goal: show the traps, so that nobody takes the guards for caution, and that no regime is open to them.
describe.each(regimes())('the two traps of Cedar, %s', (regime) => {
  // Method: the same request with and without schema.
  test('without the schema a forbid on a group of actions vanishes and the custodian is let in', () => {
    const { all, schema } = textsOf(regime);
    const call = { ...cedarCall(CUSTODIAN), policies: { staticPolicies: all } };
    expect(isAuthorized(call)).toMatchObject({
      response: { decision: 'allow', diagnostics: { errors: [] } },
    });
    expect(isAuthorized({ ...call, schema, validateRequest: true })).toMatchObject({
      response: { decision: 'deny' },
    });
    rmSync(join(directory, 'policy.cedarschema'));
    expect(() => loadRules(regime, directory)).toThrow(expect.objectContaining({ code: 'BAD_SCHEMA' }));
  });

  // Method: a forbid on something that is not there, in plain Cedar, here, and at load.
  test('a forbid that errors is skipped by Cedar, a deny here, and refused at load', () => {
    const { all } = textsOf(regime);
    const forbid = `@id("${regime}-x") @text("x") forbid (principal, action == Action::"view", resource) when { context.person.drafted };`;
    const answer = isAuthorized({
      ...cedarCall(OFFICER),
      policies: { staticPolicies: `${all}\n${forbid}` },
    });
    expect(answer).toMatchObject({ response: { decision: 'allow' } });
    const ours = gateAnswer(answer);
    expect(ours.allowed).toBe(false);
    expect(ours.errors[0]).toContain('drafted');
    edit(`${regime}.cedar`, (text) => `${text}\n${forbid}`);
    expect(() => loadRules(regime, directory)).toThrow(expect.objectContaining({ code: 'BAD_POLICY' }));
  });
});

describe('the two traps of Cedar', () => {
  // Goal: a folder without its schema does not start.
  test('a missing or empty schema is refused at load', () => {
    edit('policy.cedarschema', () => '');
    expect(() => loadRules('doj', directory)).toThrow(expect.objectContaining({ code: 'BAD_SCHEMA' }));
    rmSync(join(directory, 'policy.cedarschema'));
    expect(() => loadRules('doj', directory)).toThrow(expect.objectContaining({ code: 'BAD_SCHEMA' }));
  });

  // Goal: a forbid that fails is skipped by Cedar, and the request allowed; ours is a deny.
  test('a forbid that fails is a deny here and an allow in plain Cedar', () => {
    const { schema } = textsOf('doj');
    const staticPolicies = `permit (principal, action, resource);
      forbid (principal, action, resource) when { 9223372036854775807 + 1 > 0 };`;
    const answer = isAuthorized({
      ...cedarCall(CUSTODIAN),
      policies: { staticPolicies },
      schema,
      validateRequest: true,
    });
    expect(answer).toMatchObject({ response: { decision: 'allow' } });
    const ours = gateAnswer(answer);
    expect(ours.allowed).toBe(false);
    expect(ours.errors[0]).toContain('overflow');
  });

  // Goal: a rule that can fail is found before the first question, though its types are right.
  test('a policy that fails on a canary is refused at load', () => {
    edit(
      'doj.cedar',
      (text) => `${text}
@id("doj-overflow") @text("x") forbid (principal, action in Action::"content", resource) when { 9223372036854775807 + 1 > 0 };`,
    );
    expect(() => loadRules('doj', directory)).toThrow(expect.objectContaining({ code: 'CANARY_FAILED' }));
  });

  // Goal: reading an attribute that may be missing cannot even be written.
  test('an attribute the schema does not have is refused at load', () => {
    edit('doj.cedar', (text) => text.replace('context.recorderReportFiled', 'context.recorderFiled'));
    expect(() => loadRules('doj', directory)).toThrow(expect.objectContaining({ code: 'BAD_POLICY' }));
  });
});

describe('loading', () => {
  // Goal: a base rule that was dropped or weakened is noticed. Method: remove each forbid in turn.
  test.each([
    'base-unregistered',
    'base-unlinked',
    'base-sealed',
    'base-custodian-never',
    'base-dock-operator-never',
    'base-no-self-review',
  ])('without %s a canary is allowed and the service does not start', (id) => {
    edit('base.cedar', (text) => without(text, id));
    expect(() => loadRules('doj', directory)).toThrow(expect.objectContaining({ code: 'CANARY_ALLOWED' }));
  });

  // Goal: the same for the gates of each regime, and for the officer who took no part (only city can show that one).
  test.each([
    ['doj', 'doj.cedar', 'doj-recorder-first'],
    ['doj', 'doj.cedar', 'doj-own-report-first'],
    ['city', 'base.cedar', 'base-uninvolved-officer-never'],
  ])('under %s, in %s, without %s', (regime, file, id) => {
    edit(file, (text) => without(text, id));
    expect(() => loadRules(regime, directory)).toThrow(expect.objectContaining({ code: 'CANARY_ALLOWED' }));
  });

  // Goal: the gates of city stand in its permits, so loosening one is noticed too.
  test.each([
    ['  context.person.candidStatement &&\n', ''],
    ['  context.authorisedBy.containsAny([Role::"chief", Role::"chief_designee"]) &&\n', ''],
    ['  !context.incident.deathInCustody &&\n  context.person.tookPart', '  context.person.tookPart'],
  ])('under city with %j loosened', (from, to) => {
    edit('city.cedar', (text) => text.replace(from, to));
    expect(() => loadRules('city', directory)).toThrow(expect.objectContaining({ code: 'CANARY_ALLOWED' }));
  });

  // Goal: the same for what the other regimes promise.
  test.each([
    ['ppa', '  context.person.tookPart &&\n', ''],
    ['osp', '  context.person.interviewScheduled &&\n', ''],
    ['osp', '[Purpose::"write_report", ', '[Purpose::"interview_preparation", Purpose::"write_report", '],
    ['portland-2023', '  context.person.perceptualStatementRecorded &&\n', ''],
    ['portland-2023', '    context.incident.force == Force::"unclassified" ||\n', ''],
    ['portland-2023', '  context.person.supervisorInterview &&\n', ''],
    ['portland-2023', 'supervisorInterviewRecorded', 'supervisorInterview'],
    ['portland-2023', '  context.incident.injury != Injury::"serious" &&\n', ''],
    ['portland-2023', '  !context.incident.vulnerable &&\n', ''],
    [
      'portland-2023',
      'context.incident.everyPerceptualStatementRecorded',
      'context.person.perceptualStatementRecorded',
    ],
  ])('under %s with %j as %j', (regime, from, to) => {
    edit(`${regime}.cedar`, (text) => text.replaceAll(from, to));
    expect(() => loadRules(regime, directory)).toThrow(expect.objectContaining({ code: 'CANARY_ALLOWED' }));
  });

  // Goal: canaries see a permit that lets everybody in, whatever its form.
  test('a careless permit is caught', () => {
    edit('doj.cedar', (text) => `${text}\n@id("doj-all") @text("x") permit (principal, action, resource);`);
    expect(() => loadRules('doj', directory)).toThrow(expect.objectContaining({ code: 'CANARY_ALLOWED' }));
  });

  // Goal: what a lawyer must be able to read and an engineer to cite is there.
  test.each([
    ['no id', 'permit (principal, action, resource);'],
    ['no text', '@id("doj-x") permit (principal, action, resource);'],
    ['an id of another file', '@id("base-x") @text("x") forbid (principal, action, resource);'],
    ['the same id twice', '@id("doj-took-part") @text("x") forbid (principal, action, resource);'],
    ['a person named', '@id("doj-x") @text("x") forbid (principal == Person::"4411", action, resource);'],
    [
      'a role with a typo',
      '@id("doj-x") @text("x") forbid (principal in Role::"custodain", action, resource);',
    ],
    ['a template', '@id("doj-x") @text("x") forbid (principal == ?principal, action, resource);'],
    ['no Cedar at all', 'permit everything please;'],
    [
      'a rule that never applies',
      '@id("doj-x") @text("x") forbid (principal, action, resource) when { false };',
    ],
  ])('a policy with %s is refused', (_what, policy) => {
    edit('doj.cedar', (text) => `${text}\n${policy}`);
    expect(() => loadRules('doj', directory)).toThrow(expect.objectContaining({ code: 'BAD_POLICY' }));
  });

  // Goal: regimes are files. Method: one more appears by copying.
  test('a regime is one more file', () => {
    expect(regimes(directory)).toEqual(['city', 'doj', 'osp', 'portland-2023', 'ppa']);
    writeFileSync(
      join(directory, 'ours.cedar'),
      readFileSync(join(directory, 'doj.cedar'), 'utf8').replaceAll('doj-', 'ours-'),
    );
    expect(loadRules('ours', directory).regime).toBe('ours');
    expect(() => loadRules('../doj', directory)).toThrow(expect.objectContaining({ code: 'NO_SUCH_REGIME' }));
    expect(() => loadRules('base', directory)).toThrow(expect.objectContaining({ code: 'NO_SUCH_REGIME' }));
  });

  // Goal: the hash speaks of the rules, not of their layout.
  test('comments and white space leave the hash alone; a changed rule does not', () => {
    const { hash } = loadRules('doj', directory);
    edit('doj.cedar', (text) => `// A comment.\n\n${text.replaceAll('  ', '\t')}`);
    expect(loadRules('doj', directory).hash).toBe(hash);
    edit('doj.cedar', (text) => text.replace('Role::"chief_designee", ', ''));
    expect(loadRules('doj', directory).hash).not.toBe(hash);
  });

  // Goal: the canaries themselves do the catching, without help from the checks before them.
  test('canaries catch a set without its forbids', () => {
    const { schema } = textsOf('doj');
    const source = '@id("doj-all") @text("x") permit (principal, action, resource);';
    const reads = new Set<string>();
    const all: Policy = { id: 'doj-all', text: 'x', effect: 'permit', file: 'doj', source, reads };
    const rules = prepareRules({ regime: 'doj', hash: 'test', policies: [all], reads, schema });
    expect(() => runCanaries(rules)).toThrow(expect.objectContaining({ code: 'CANARY_ALLOWED' }));
  });
});

/** The file with one policy taken out. */
function without(text: string, id: string): string {
  const start = text.indexOf(`@id("${id}")`);
  return text.slice(0, start) + text.slice(text.indexOf(';', start) + 1);
}

describe('rules of an earlier version', () => {
  // Goal: what was decided under rules that knew fewer attributes can be decided again, and still not by rules that start a service.
  test('see only what their own schema declares', () => {
    edit('policy.cedarschema', (text) => text.replace('  vulnerable: Bool,\n', ''));
    const texts = readTexts('doj', directory);
    expect(() => checkedRules(texts)).toThrow(expect.objectContaining({ code: 'CANARY_FAILED' }));
    const { situation } = CUSTODIAN;
    const gate: Gate = { ...CUSTODIAN, situation: { ...situation, roles: ['officer'] } };
    const [older, now] = [rulesOf(texts), loadRules('doj')];
    expect(older.hash).not.toBe(now.hash);
    expect(older.evaluate(gate)).toEqual(now.evaluate(gate));
    expect(older.evaluate(gate)).toMatchObject({ allowed: true, errors: [] });
    expect(older.evaluate(CUSTODIAN)).toMatchObject({ allowed: false, errors: [] });
  });
});
