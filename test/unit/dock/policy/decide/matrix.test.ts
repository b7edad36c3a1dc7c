import { describe, expect, test } from 'vitest';
import type { Rules } from '../../../../../dock/policy/decide/rules.ts';
import {
  PURPOSES,
  ROLES,
  type Force,
  type Purpose,
  type Role,
} from '../../../../../dock/policy/facts/fact.ts';
import type { Situation } from '../../../../../dock/policy/facts/situation.ts';
import { some } from '../../../../runs.ts';
import { city, doj } from '../story.ts';

/** One row: a person of one role, an incident, and what is on file. */
interface Row {
  readonly role: Role;
  readonly tookPart: boolean;
  readonly force: Force;
  readonly deathInCustody: boolean;
  readonly misconduct: boolean;
  readonly recorderReport: boolean;
  readonly ownReport: boolean;
  readonly candid: boolean;
  readonly hasCase: boolean;
  readonly authorisedBy: Role | undefined;
  readonly purpose: Purpose;
}

type Incident = Pick<Row, 'force' | 'deathInCustody' | 'misconduct'>;

const NO_FORCE: Incident = { force: 'none', deathInCustody: false, misconduct: false };
const DEADLY: Incident = { force: 'deadly', deathInCustody: false, misconduct: false };
const INCIDENTS: readonly Incident[] = [
  NO_FORCE,
  { force: 'none', deathInCustody: false, misconduct: true },
  { force: 'none', deathInCustody: true, misconduct: false },
  { force: 'non_deadly', deathInCustody: false, misconduct: false },
  DEADLY,
  { force: 'unclassified', deathInCustody: false, misconduct: false },
];

const BOTH = [false, true] as const;
/** One of each kind; a thinner table shows that the others behave like them. */
const KINDS: readonly Role[] = ['officer', 'supervisor', 'internal_affairs', 'independent_review'];
const SWORN: readonly Role[] = ['officer', 'supervisor', 'chief', 'chief_designee', 'internal_affairs'];
const OFFICERS_PURPOSES: readonly Purpose[] = ['write_report', 'supplement_report', 'interview_preparation'];

interface Axes {
  readonly roles: readonly Role[];
  readonly incidents: readonly Incident[];
  readonly recorderReport: readonly boolean[];
  readonly ownReport: readonly boolean[];
  readonly candid: readonly boolean[];
}

function* rows(axes: Axes): Generator<Row, void, void> {
  for (const role of axes.roles)
    for (const tookPart of BOTH)
      for (const incident of axes.incidents)
        for (const recorderReport of axes.recorderReport)
          for (const ownReport of axes.ownReport)
            for (const candid of axes.candid)
              for (const hasCase of BOTH)
                for (const authorisedBy of [undefined, 'chief', 'city_attorney'] as const)
                  for (const purpose of PURPOSES)
                    yield {
                      role,
                      tookPart,
                      ...incident,
                      recorderReport,
                      ownReport,
                      candid,
                      hasCase,
                      authorisedBy,
                      purpose,
                    };
}

function situation(row: Row): Situation {
  return {
    roles: [row.role],
    recording: { registered: true, linked: true, sealed: false },
    incident: {
      force: row.force,
      deathInCustody: row.deathInCustody,
      injury: 'none',
      vulnerable: false,
      misconduct: row.misconduct,
      everyPerceptualStatementRecorded: false,
    },
    recorderReportFiled: row.recorderReport,
    person: {
      tookPart: row.tookPart,
      reportFiled: row.ownReport,
      candidStatement: row.candid,
      perceptualStatementRecorded: true,
      supervisorInterview: true,
      supervisorInterviewRecorded: true,
      interviewScheduled: true,
      caseAssigned: row.hasCase,
    },
    authorisedBy: row.authorisedBy === undefined ? [] : [row.authorisedBy],
  };
}

/** POLICY.md's roles, as one reads them there: reviewers on an assigned case of force or misconduct, who took no part. */
function mayReview({ role, tookPart, force, deathInCustody, misconduct, hasCase, purpose }: Row): boolean {
  const wanted: Partial<Record<Role, Purpose>> = {
    internal_affairs: 'investigation',
    independent_review: 'oversight',
    doj_monitor: 'oversight',
  };
  const isReviewable = force !== 'none' || deathInCustody || misconduct;
  return wanted[role] === purpose && !tookPart && hasCase && isReviewable;
}

/** "You can view it after you write your initial report", nobody before the recorder's, one exception. */
function underDoj(row: Row): boolean {
  const isException =
    ['internal_affairs', 'independent_review', 'doj_monitor'].includes(row.role) &&
    !row.tookPart &&
    row.authorisedBy === 'city_attorney';
  if (!row.recorderReport && !isException) return false;
  if (row.tookPart)
    return row.ownReport && SWORN.includes(row.role) && OFFICERS_PURPOSES.includes(row.purpose);
  return mayReview(row);
}

/** By force: none, while writing and after; non-deadly, a candid statement first; deadly, the chief. */
function underCity(row: Row): boolean {
  if (mayReview(row)) return true;
  const isDeadly = row.deathInCustody || row.force === 'deadly' || row.force === 'unclassified';
  if (isDeadly) {
    const isNamed = row.tookPart || ['supervisor', 'chief', 'chief_designee'].includes(row.role);
    return (
      row.authorisedBy === 'chief' &&
      isNamed &&
      SWORN.includes(row.role) &&
      OFFICERS_PURPOSES.includes(row.purpose)
    );
  }
  if (!row.tookPart || !SWORN.includes(row.role)) return false;
  if (row.force === 'none') return row.purpose === 'write_report' || row.purpose === 'supplement_report';
  return row.candid && OFFICERS_PURPOSES.includes(row.purpose);
}

function differences(rules: Rules, table: Iterable<Row>, expected: (row: Row) => boolean): readonly string[] {
  const found: string[] = [];
  for (const row of some(table)) {
    const { allowed, errors } = rules.evaluate({
      action: 'view',
      purpose: row.purpose,
      situation: situation(row),
    });
    if (allowed !== expected(row) || errors.length > 0) found.push(`${allowed} ${JSON.stringify(row)}`);
  }
  return found;
}

// Goal: every cell of each regime's table is as POLICY.md reads, not only the cells somebody thought of.
// Method: the table is spelled out a second time above, in plain conditions, and compared cell by cell. So many
// calls in one process also show that V8 survives them (see prepareRules).
describe('the whole table', { timeout: 120_000 }, () => {
  test('doj: kind of role x incident x reports x case x authorisation x purpose', () => {
    const incidents = INCIDENTS.filter(({ force }) => force !== 'non_deadly' && force !== 'deadly');
    const table = rows({ roles: KINDS, incidents, recorderReport: BOTH, ownReport: BOTH, candid: [true] });
    expect(differences(doj, table, underDoj)).toEqual([]);
  });

  test('city: kind of role x incident x statement x case x authorisation x purpose', () => {
    const table = rows({
      roles: KINDS,
      incidents: INCIDENTS,
      recorderReport: [false],
      ownReport: [false],
      candid: BOTH,
    });
    expect(differences(city, table, underCity)).toEqual([]);
  });

  test('every role, under both, where most is allowed', () => {
    const table = [
      ...rows({
        roles: ROLES,
        incidents: [NO_FORCE, DEADLY],
        recorderReport: [true],
        ownReport: [true],
        candid: [true],
      }),
    ];
    expect(differences(doj, table, underDoj)).toEqual([]);
    expect(differences(city, table, underCity)).toEqual([]);
  });

  test('nothing is exported by anybody', () => {
    const table = rows({
      roles: ROLES,
      incidents: [DEADLY],
      recorderReport: [true],
      ownReport: [true],
      candid: [true],
    });
    for (const row of some(table)) {
      const gate = { action: 'export', purpose: row.purpose, situation: situation(row) } as const;
      expect(doj.evaluate(gate).allowed || city.evaluate(gate).allowed, JSON.stringify(row)).toBe(false);
    }
  });
});
