import fc from 'fast-check';
import type { Fact, FactType } from '../../../../dock/policy/facts/fact.ts';
import { EARLIER, fact, LATER } from '../../../unit/dock/policy/story.ts';

// A small world, so that random facts often meet: two incidents, two recordings, a handful of people.
export const INCIDENTS = ['24-1', '24-2'] as const;
export const RECORDINGS = ['1'.repeat(32), '2'.repeat(32)] as const;
export const OFFICERS = ['o1', 'o2'] as const;
export const PEOPLE = [
  ...OFFICERS,
  'sgt',
  'chief',
  'designee',
  'ia',
  'ipr',
  'doj',
  'attorney',
  'key',
] as const;

const ROLE_OF = {
  o1: 'officer',
  o2: 'officer',
  sgt: 'supervisor',
  chief: 'chief',
  designee: 'chief_designee',
  ia: 'internal_affairs',
  ipr: 'independent_review',
  doj: 'doj_monitor',
  attorney: 'city_attorney',
  key: 'custodian',
} as const;

/** Everybody is enrolled, and each officer's recording is in custody and linked to the first incident. */
export const START: readonly Fact[] = [
  ...PEOPLE.map((person) => fact('person.enrolled', { person, roles: [ROLE_OF[person]] })),
  ...RECORDINGS.map((recording, index) =>
    fact('recording.registered', { recording, officer: OFFICERS[index] }),
  ),
  ...RECORDINGS.map((recording) => fact('recording.linked', { recording, incident: '24-1' })),
];

/** Reviewers have a case on the first incident, and somebody outside the bureau has authorised one of them. */
export const REVIEW_AUTHORISED: readonly Fact[] = [
  fact('case.assigned', { incident: '24-1', person: 'ipr' }),
  fact('case.assigned', { incident: '24-1', person: 'ia' }),
  fact('access.authorised', { recording: RECORDINGS[0], person: 'ipr', by: 'attorney' }),
];

/** Deadly force, internal affairs has the case, and one of the two officers has spoken. */
export const DEADLY: readonly Fact[] = [
  fact('force.classified', { incident: '24-1', force: 'deadly', by: 'sgt' }),
  fact('case.assigned', { incident: '24-1', person: 'ia' }),
  fact('statement.given', { incident: '24-1', person: 'o1', kind: 'perceptual', recorded: true }),
];

/** Somebody was badly hurt, and an officer's interview was not recorded. */
export const SERIOUS: readonly Fact[] = [
  fact('force.classified', { incident: '24-1', force: 'non_deadly', injury: 'serious', by: 'sgt' }),
  fact('statement.given', {
    incident: '24-1',
    person: 'o1',
    kind: 'supervisor_interview',
    recorded: false,
  }),
];

// Mostly the one incident the recordings start in, or too little would come together there.
const incident = fc.constantFrom('24-1', '24-1', '24-1', ...INCIDENTS);
const recording = fc.constantFrom(...RECORDINGS);
const person = fc.constantFrom(...PEOPLE);

const one = (type: FactType, members: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Fact> =>
  fc.record(members).map((changes) => fact(type, changes));

/** A fact of this world, the telling ones more often. */
export const anyFact: fc.Arbitrary<Fact> = fc.oneof(
  { weight: 8, arbitrary: one('report.filed', { incident, person: fc.constantFrom(...OFFICERS) }) },
  { weight: 1, arbitrary: one('report.filed', { incident, person }) },
  { weight: 2, arbitrary: one('report.withdrawn', { incident, person: fc.constantFrom(...OFFICERS) }) },
  { weight: 1, arbitrary: one('report.supplemented', { incident, person }) },
  { weight: 2, arbitrary: one('officer.involved', { incident, person }) },
  {
    weight: 4,
    arbitrary: one('statement.given', {
      incident,
      person: fc.oneof(person, fc.constantFrom(...OFFICERS)),
      kind: fc.constantFrom('candid', 'perceptual', 'supervisor_interview'),
      recorded: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: one('statement.withdrawn', {
      incident,
      person: fc.constantFrom(...OFFICERS),
      kind: fc.constantFrom('candid', 'perceptual', 'supervisor_interview'),
    }),
  },
  { weight: 1, arbitrary: one('interview.scheduled', { incident, person }) },
  { weight: 4, arbitrary: one('case.assigned', { incident, person: fc.constantFrom('ia', 'ipr', 'doj') }) },
  {
    weight: 1,
    arbitrary: one('case.unassigned', { incident, person: fc.constantFrom('ia', 'ipr', 'doj') }),
  },
  { weight: 1, arbitrary: one('misconduct.alleged', { incident }) },
  {
    weight: 3,
    arbitrary: one('force.classified', {
      incident,
      force: fc.constantFrom('unclassified', 'none', 'non_deadly', 'deadly'),
      deathInCustody: fc.constantFrom(false, false, true),
      injury: fc.constantFrom('none', 'none', 'non_serious', 'serious'),
      vulnerable: fc.constantFrom(false, false, true),
      by: fc.constantFrom('sgt', 'o2'),
    }),
  },
  {
    weight: 3,
    arbitrary: one('access.authorised', {
      recording,
      person: fc.oneof(person, fc.constantFrom('ia', 'ipr', 'doj')),
      by: fc.constantFrom('chief', 'doj', 'attorney', 'sgt'),
      expiresAt: fc.constantFrom(EARLIER, LATER),
    }),
  },
  { weight: 1, arbitrary: one('access.revoked', { recording, person }) },
  { weight: 1, arbitrary: one('recording.linked', { recording, incident }) },
  { weight: 1, arbitrary: one('recording.unlinked', { recording, incident }) },
  { weight: 1, arbitrary: one('recording.sealed', { recording }) },
  { weight: 1, arbitrary: one('recording.unsealed', { recording }) },
);

/** What people would ask: mostly their own purpose, sometimes any. */
export const anyQuestion = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        recording,
        fc.constantFrom(
          ['o1', 'supplement_report'],
          ['o2', 'write_report'],
          ['o1', 'interview_preparation'],
          ['sgt', 'interview_preparation'],
          ['ia', 'investigation'],
          ['ipr', 'oversight'],
          ['doj', 'oversight'],
        ),
      )
      .map(([where, [who = '', purpose = '']]) => ({ person: who, recording: where, purpose })),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      person,
      recording,
      purpose: fc.constantFrom(
        'write_report',
        'supplement_report',
        'interview_preparation',
        'investigation',
        'oversight',
        'disclosure',
      ),
    }),
  },
);
