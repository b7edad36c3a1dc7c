import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COLUMNS, type Column } from '../../../../dock/policy/decide/matrix.ts';
import type { Gate } from '../../../../dock/policy/decide/gate.ts';
import { FORCES, INJURIES, PURPOSES, ROLES, type Role } from '../../../../dock/policy/facts/fact.ts';
import { type Cells, type Line, linesOf, speaksOf } from '../../../golden/matrix-file.ts';
import { runs } from '../../../runs.ts';
import { EVERY_REGIME } from '../../../unit/dock/policy/every-regime.ts';

const role = fc.constantFrom<Role | undefined>(undefined, ...ROLES);
const oftenYes = fc.constantFrom(true, true, true, true, true, true, true, false);
/** Anything that may be asked by one person of one role with one authorisation, mostly about a recording that is there. */
const anyGate: fc.Arbitrary<Gate> = fc
  .record({
    action: fc.constantFrom<Gate['action']>('view', 'view', 'view', 'view', 'view', 'view', 'view', 'export'),
    purpose: fc.constantFrom(...PURPOSES),
    role,
    by: role,
    recording: fc.record({ registered: oftenYes, linked: oftenYes, sealed: oftenYes.map((is) => !is) }),
    incident: fc.record({
      force: fc.constantFrom(...FORCES),
      deathInCustody: oftenYes.map((is) => !is),
      injury: fc.constantFrom(...INJURIES),
      vulnerable: fc.boolean(),
      misconduct: fc.boolean(),
      everyPerceptualStatementRecorded: fc.boolean(),
    }),
    recorderReportFiled: fc.boolean(),
    person: fc.record({
      tookPart: fc.boolean(),
      reportFiled: fc.boolean(),
      candidStatement: fc.boolean(),
      perceptualStatementRecorded: fc.boolean(),
      supervisorInterview: fc.boolean(),
      supervisorInterviewRecorded: fc.boolean(),
      interviewScheduled: fc.boolean(),
      caseAssigned: fc.boolean(),
    }),
  })
  .filter(({ person }) => person.supervisorInterview || !person.supervisorInterviewRecorded)
  .map(({ action, purpose, role: mine, by, ...rest }) => ({
    action,
    purpose,
    situation: {
      ...rest,
      roles: mine === undefined ? [] : [mine],
      authorisedBy: by === undefined ? [] : [by],
    },
  }));

/** What the columns say of it. Whoever took part and has reported exactly when the recorder has may be the recorder. */
function cellsOf({ action, purpose, situation }: Gate): readonly Cells[] {
  const { recording, incident, person, recorderReportFiled } = situation;
  const yes = (is: boolean): string => (is ? 'yes' : 'no');
  const recorded = person.supervisorInterviewRecorded ? 'recorded' : 'unrecorded';
  const cells = {
    ...{ action, purpose, force: incident.force, injury: incident.injury },
    ...{ role: situation.roles[0] ?? 'nobody', authorisedBy: situation.authorisedBy[0] ?? 'nobody' },
    ...{
      registered: yes(recording.registered),
      linked: yes(recording.linked),
      sealed: yes(recording.sealed),
    },
    ...{ deathInCustody: yes(incident.deathInCustody), vulnerable: yes(incident.vulnerable) },
    ...{ misconduct: yes(incident.misconduct), caseAssigned: yes(person.caseAssigned) },
    ...{ recorderReport: yes(recorderReportFiled), ownReport: yes(person.reportFiled) },
    ...{ candidStatement: yes(person.candidStatement), interviewScheduled: yes(person.interviewScheduled) },
    supervisorInterview: person.supervisorInterview ? recorded : 'none',
    perceptualStatement: yes(person.perceptualStatementRecorded),
    everyPerceptualStatement: yes(incident.everyPerceptualStatementRecorded),
  };
  if (!person.tookPart) return [{ ...cells, part: 'none' }];
  const partner = { ...cells, part: 'partner' };
  return person.reportFiled === recorderReportFiled ? [partner, { ...cells, part: 'recorder' }] : [partner];
}

describe.each(EVERY_REGIME.map((rules) => [rules.regime, rules] as const))('%s', (regime, rules) => {
  const lines = linesOf(regime);

  // Goal: the reviewed table is the whole truth. Method: random situations; each is in exactly one line of the file, and
  // Cedar answers what the line says, for the reason that it names.
  test('every situation is in exactly one line, and Cedar agrees', { timeout: 120_000 }, () => {
    const met = new Set<Line>();
    fc.assert(
      fc.property(anyGate, (gate) => {
        const answer = rules.ask(gate);
        // What is remembered of a situation that is the same in all that the rules look at is its answer too.
        expect(rules.evaluate(gate)).toEqual(answer);
        const { allowed, policies, errors } = answer;
        expect(errors).toEqual([]);
        for (const cells of cellsOf(gate)) {
          const found = lines.filter((line) => speaksOf(line, cells));
          expect(found).toHaveLength(1);
          const [line] = found;
          if (line === undefined) return;
          met.add(line);
          expect(line.allowed).toBe(allowed);
          for (const id of line.why) expect(policies).toContain(id);
        }
      }),
      { numRuns: runs(3_000) },
    );
    expect(met.size).toBeGreaterThan(15);
  });

  // Goal: the columns hold every value there is, so that "any" in a cell means it.
  test('no value is unheard of', () => {
    for (const { cells } of lines)
      for (const [column, cell] of cells) {
        if (cell === '*' || column === 'answer' || column === 'why') continue;
        const values: readonly string[] = COLUMNS[column as Column];
        for (const value of cell.replace('not ', '').split('|')) expect(values).toContain(value);
      }
  });
});
