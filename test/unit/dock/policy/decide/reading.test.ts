import { expect, test } from 'vitest';
import { FORCES, INJURIES, type Purpose, type Role } from '../../../../../dock/policy/facts/fact.ts';
import type { Situation } from '../../../../../dock/policy/facts/situation.ts';
import { type Cells, linesOf, speaksOf } from '../../../../golden/matrix-file.ts';

const BOTH = [false, true] as const;
/** One of each kind; the reviewed tables show that the others are as these. */
const KINDS: readonly Role[] = ['officer', 'supervisor', 'internal_affairs', 'independent_review'];
const ASKED: readonly Purpose[] = ['write_report', 'interview_preparation', 'investigation', 'oversight'];

interface Case {
  readonly role: Role;
  readonly purpose: Purpose;
  readonly incident: Situation['incident'];
  readonly person: Situation['person'];
}

/** What of one's own deeds is on file. */
const DEEDS = ['nothing', 'interviewed', 'recorded', 'perceptual', 'scheduled'] as const;

function* cases(): Generator<Case, void, void> {
  for (const role of KINDS)
    for (const purpose of ASKED)
      for (const tookPart of BOTH)
        for (const incident of incidents())
          for (const deed of DEEDS) yield { role, purpose, incident, person: personOf(tookPart, deed) };
}

function* incidents(): Generator<Situation['incident'], void, void> {
  for (const force of FORCES)
    for (const deathInCustody of BOTH)
      for (const injury of INJURIES)
        for (const vulnerable of BOTH)
          for (const everyPerceptualStatementRecorded of BOTH)
            yield {
              ...{ force, deathInCustody, injury, vulnerable, misconduct: false },
              everyPerceptualStatementRecorded,
            };
}

function personOf(tookPart: boolean, deed: (typeof DEEDS)[number]): Situation['person'] {
  return {
    tookPart,
    ...{ reportFiled: false, candidStatement: true, caseAssigned: true },
    perceptualStatementRecorded: deed === 'perceptual',
    supervisorInterview: deed === 'interviewed' || deed === 'recorded',
    supervisorInterviewRecorded: deed === 'recorded',
    interviewScheduled: deed === 'scheduled',
  };
}

const isOfficers = ({ role, purpose }: Case): boolean =>
  role !== 'independent_review' && (purpose === 'write_report' || purpose === 'interview_preparation');

/** Reviewers on their case, under each regime: force or a death, and no part in it. */
function mayReview({ role, purpose, incident, person }: Case): boolean {
  const isForce = incident.force !== 'none' || incident.deathInCustody;
  if (person.tookPart || !isForce) return false;
  return role === 'internal_affairs'
    ? purpose === 'investigation'
    : role === 'independent_review' && purpose === 'oversight';
}

/** "The officer may review recordings before writing any kind of report." */
const underPpa = (one: Case): boolean => mayReview(one) || (isOfficers(one) && one.person.tookPart);

/** "When writing a report", and "before being questioned". */
function underOsp(one: Case): boolean {
  if (mayReview(one)) return true;
  if (!isOfficers(one) || !one.person.tookPart) return false;
  return one.purpose === 'write_report' || one.person.interviewScheduled;
}

/** The four lines of the agreement, the strictest first. */
function underPortland(one: Case): boolean {
  const { incident, person, purpose, role } = one;
  const isDeadly =
    incident.deathInCustody || incident.force === 'deadly' || incident.force === 'unclassified';
  if (mayReview(one))
    return role !== 'internal_affairs' || !isDeadly || incident.everyPerceptualStatementRecorded;
  if (!isOfficers(one) || !person.tookPart) return false;
  if (isDeadly) return person.perceptualStatementRecorded;
  if (incident.injury === 'serious' || incident.vulnerable) return person.supervisorInterviewRecorded;
  if (incident.force === 'non_deadly') return person.supervisorInterview;
  return purpose === 'write_report';
}

function differences(regime: string, expected: (one: Case) => boolean): readonly string[] {
  const lines = linesOf(regime).filter((line) => speaksOf(line, COMMON));
  const found: string[] = [];
  for (const one of cases()) {
    const cells = cellsOf(one);
    const answers = lines.filter((line) => speaksOf(line, cells)).map(({ allowed }) => allowed);
    if (answers.length !== 1 || answers[0] !== expected(one))
      found.push(`${answers.join()} ${JSON.stringify(one)}`);
  }
  return found;
}

const COMMON = {
  ...{
    action: 'view',
    registered: 'yes',
    linked: 'yes',
    sealed: 'no',
    misconduct: 'no',
    caseAssigned: 'yes',
  },
  ...{ recorderReport: 'no', ownReport: 'no', candidStatement: 'yes', authorisedBy: 'chief' },
};

function cellsOf({ role, purpose, incident, person }: Case): Cells {
  const yes = (is: boolean): string => (is ? 'yes' : 'no');
  const recorded = person.supervisorInterviewRecorded ? 'recorded' : 'unrecorded';
  return {
    ...{ role, purpose, force: incident.force, injury: incident.injury },
    part: person.tookPart ? 'partner' : 'none',
    deathInCustody: yes(incident.deathInCustody),
    vulnerable: yes(incident.vulnerable),
    everyPerceptualStatement: yes(incident.everyPerceptualStatementRecorded),
    perceptualStatement: yes(person.perceptualStatementRecorded),
    supervisorInterview: person.supervisorInterview ? recorded : 'none',
    interviewScheduled: yes(person.interviewScheduled),
  };
}

// Goal: the reviewed tables of the three regimes from Oregon say what POLICY.md says, as somebody reads it who has not seen
// the rules. Method: each regime a second time, in plain conditions, compared with its table case by case; the chief's word,
// which has no meaning under them, and no report on file throughout.
test.each([
  ['ppa', underPpa],
  ['osp', underOsp],
  ['portland-2023', underPortland],
] as const)('%s, read a second time', { timeout: 60_000 }, (regime, expected) => {
  expect(differences(regime, expected)).toEqual([]);
});
