import { ROLES, SWORN, type Fact, type Purpose, type Role, type StatementKind } from '../facts/fact.ts';
import type { Knowledge } from '../facts/knowledge.ts';
import {
  classificationOf,
  hasCase,
  tookPart,
  whoTookPart,
  withoutPerceptualStatement,
  type Question,
} from '../facts/situation.ts';

/** One fact that is not on file and would help if it arrived. */
export interface MissingFact {
  readonly fact: Fact['type'];
  readonly incident?: string;
  readonly person?: string;
  readonly recording?: string;
  /** For people: `initial report of Officer 4411 on 24-118842, not yet filed`. */
  readonly text: string;
}

/** Missing facts that help only together, mostly a single one, with what is known once they have arrived. */
export interface Candidate {
  readonly missing: readonly MissingFact[];
  readonly facts: readonly Fact[];
  /** Attributes of a situation it can change; when no loaded policy reads one of them it cannot matter. */
  readonly touches: readonly string[];
  /** A candidate that asks for less. Where that one does, this one is too much. */
  readonly lesser?: Candidate;
}

// Ids with a space belong to nobody: they pass no schema at the edge.
const SOMEBODY = 'somebody else';
/** Stands for the incident nobody has linked the recording to yet. */
export const SOME_INCIDENT = 'some incident';

const NOT_YET = 'not yet';
const REVIEWERS: readonly Role[] = ['internal_affairs', 'independent_review', 'doj_monitor'];
const REVIEW: readonly Purpose[] = ['investigation', 'oversight'];

const TITLE: Readonly<Record<Role, string>> = {
  officer: 'Officer',
  supervisor: 'Supervisor',
  chief: 'Chief',
  chief_designee: "Chief's designee",
  internal_affairs: 'Investigator',
  independent_review: 'Reviewer',
  doj_monitor: 'Monitor',
  city_attorney: 'City attorney',
  custodian: 'Custodian',
  dock_operator: 'Dock operator',
};

/** `Officer 4411`. Somebody nobody has enrolled is called an officer, since only cameras bring such people up. */
export function titled(known: Knowledge, person: string): string {
  const roles = known.person(person)?.roles ?? [];
  const first = ROLES.find((role) => roles.includes(role));
  return `${TITLE[first ?? 'officer']} ${person}`;
}

/** What could still arrive about one incident, in the order in which it usually does. */
export function incidentCandidates(
  known: Knowledge,
  question: Question & { readonly purpose: Purpose },
  incident: string,
): readonly Candidate[] {
  const { person, recording, purpose } = question;
  const roles = known.person(person)?.roles ?? [];
  const recorder = known.recording(recording).registration?.officer ?? '';
  const isSworn = roles.some((role) => SWORN.includes(role));
  const isReviewer = roles.some((role) => REVIEWERS.includes(role));
  const hasPart = tookPart(known, incident, person);
  const about = { known, incident, person };
  return [
    ...(recorder === '' || recorder === person
      ? []
      : report({ ...about, person: recorder }, 'recorderReportFiled')),
    ...(isSworn ? report(about, recorder === person ? 'recorderReportFiled' : 'reportFiled') : []),
    ...(isSworn ? statements(about) : []),
    ...classification(about, purpose),
    ...(isReviewer ? oversight(about) : []),
    ...(roles.includes('internal_affairs') && !hasPart ? everybodysStatement(about) : []),
    ...(isSworn && !hasPart ? [involvement(about)] : []),
  ];
}

/** What could still arrive about the person or the recording as a whole. */
export function generalCandidates(known: Knowledge, { person, recording }: Question): readonly Candidate[] {
  const courts = [...known.recording(recording).sealedBy];
  return [
    ...(known.person(person) === undefined ? [enrolled(person)] : []),
    ...(courts.length > 0 ? [unsealed(recording, courts)] : []),
    authorisation(known, { person, recording }, { role: 'chief', by: "the chief or the chief's designee" }),
    authorisation(
      known,
      { person, recording },
      { role: 'city_attorney', by: 'the city attorney or the DOJ monitor' },
    ),
  ];
}

function enrolled(person: string): Candidate {
  return {
    missing: [{ fact: 'person.enrolled', person, text: `enrolment of ${person}, not on file` }],
    facts: [{ id: NOT_YET, at: '', type: 'person.enrolled', person, roles: ['officer'] }],
    touches: [],
  };
}

function unsealed(recording: string, courts: readonly string[]): Candidate {
  return {
    missing: courts.map((by) => ({
      fact: 'recording.unsealed',
      recording,
      text: `lifting of the court's seal on this recording, placed by ${by}`,
    })),
    facts: courts.map((by) => ({
      id: NOT_YET,
      at: '',
      type: 'recording.unsealed',
      recording,
      by,
      reason: '',
    })),
    touches: ['sealed'],
  };
}

/** What must arrive before anybody can say whose report a recording waits for. */
export function groundwork(known: Knowledge, { person, recording }: Question): readonly Candidate[] {
  const { registration, incidents } = known.recording(recording);
  return [
    ...(registration === undefined ? [registered(recording, person)] : []),
    ...(incidents.length === 0 ? [linked(recording)] : []),
  ];
}

function registered(recording: string, officer: string): Candidate {
  const text = `custody of recording ${recording} by a dock, not on file`;
  const unsaid = { camera: '', startedAt: '', endedAt: '', manifestHash: '' };
  return {
    missing: [{ fact: 'recording.registered', recording, text }],
    facts: [{ id: NOT_YET, at: '', type: 'recording.registered', recording, officer, ...unsaid }],
    touches: ['registered'],
  };
}

function linked(recording: string): Candidate {
  const text = 'link of this recording to its incident by the records system, not on file';
  return {
    missing: [{ fact: 'recording.linked', recording, text }],
    facts: [{ id: NOT_YET, at: '', type: 'recording.linked', recording, incident: SOME_INCIDENT }],
    touches: ['linked'],
  };
}

interface About {
  readonly known: Knowledge;
  readonly incident: string;
  readonly person: string;
}

function report({ known, incident, person }: About, touched: string): readonly Candidate[] {
  const { report: state } = known.part(incident, person);
  if (state === 'filed') return [];
  const lack = state === 'withdrawn' ? 'withdrawn and not filed again' : 'not yet filed';
  const text = `initial report of ${titled(known, person)} on ${incident}, ${lack}`;
  return [
    {
      missing: [{ fact: 'report.filed', incident, person, text }],
      facts: [{ id: NOT_YET, at: '', type: 'report.filed', incident, person, reportHash: '' }],
      touches: ['reportFiled', touched],
    },
  ];
}

function statements(about: About): readonly Candidate[] {
  const { known, incident, person } = about;
  const { statements: given, recordedStatements, interviewScheduled } = known.part(incident, person);
  return [
    ...(given.has('candid') ? [] : [candid(about)]),
    ...(recordedStatements.has('perceptual') ? [] : [perceptual(about)]),
    ...toSupervisor(about),
    ...(interviewScheduled ? [] : [scheduled(about)]),
  ];
}

function candid({ known, incident, person }: About): Candidate {
  const lack = notGiven({ known, incident, person }, 'candid');
  const text = `full and candid statement of ${titled(known, person)} on ${incident}, ${lack}`;
  return {
    missing: [{ fact: 'statement.given', incident, person, text }],
    facts: [
      { id: NOT_YET, at: '', type: 'statement.given', incident, person, kind: 'candid', recorded: false },
    ],
    touches: ['candidStatement'],
  };
}

function scheduled({ known, incident, person }: About): Candidate {
  const text = `interview of ${titled(known, person)} on ${incident}, not yet scheduled`;
  return {
    missing: [{ fact: 'interview.scheduled', incident, person, text }],
    facts: [{ id: NOT_YET, at: '', type: 'interview.scheduled', incident, person }],
    touches: ['interviewScheduled'],
  };
}

function notGiven({ known, incident, person }: About, kind: StatementKind): string {
  const { withdrawnStatements } = known.part(incident, person);
  return withdrawnStatements.has(kind) ? 'taken back and not given again' : 'not yet given';
}

function perceptual({ known, incident, person }: About): Candidate {
  const lack = notGiven({ known, incident, person }, 'perceptual');
  const text = `audio-recorded perceptual statement of ${titled(known, person)} on ${incident}, ${lack}`;
  return {
    missing: [{ fact: 'statement.given', incident, person, text }],
    facts: [
      { id: NOT_YET, at: '', type: 'statement.given', incident, person, kind: 'perceptual', recorded: true },
    ],
    touches: ['perceptualStatementRecorded', 'everyPerceptualStatementRecorded'],
  };
}

function toSupervisor({ known, incident, person }: About): readonly Candidate[] {
  const { statements: given, recordedStatements } = known.part(incident, person);
  const lack = notGiven({ known, incident, person }, 'supervisor_interview');
  const whose = `${titled(known, person)} on ${incident}, ${lack}`;
  const said = {
    id: NOT_YET,
    at: '',
    type: 'statement.given',
    incident,
    person,
    kind: 'supervisor_interview',
  } as const;
  const interview: Candidate = {
    missing: [{ fact: 'statement.given', incident, person, text: `interview by a supervisor of ${whose}` }],
    facts: [{ ...said, recorded: false }],
    touches: ['supervisorInterview'],
  };
  const recorded: Candidate = {
    missing: [
      { fact: 'statement.given', incident, person, text: `recorded statement to a supervisor by ${whose}` },
    ],
    facts: [{ ...said, recorded: true }],
    touches: ['supervisorInterviewRecorded'],
    lesser: interview,
  };
  return [
    ...(given.has('supervisor_interview') ? [] : [interview]),
    ...(recordedStatements.has('supervisor_interview') ? [] : [recorded]),
  ];
}

function classification({ known, incident }: About, purpose: Purpose): readonly Candidate[] {
  if (classificationOf(known, incident).force !== 'unclassified') return [];
  const text = `classification of the force used in ${incident}, not yet made (until then it counts as deadly)`;
  // The class that opens most stands for the fact: if even that does not help, no class does. For officers it is the
  // mildest; reviewers review force, so for them it is the mildest that is some.
  const force = REVIEW.includes(purpose) ? 'non_deadly' : 'none';
  const mildest = { force, deathInCustody: false, injury: 'none', vulnerable: false } as const;
  return [
    {
      missing: [{ fact: 'force.classified', incident, text }],
      facts: [{ id: NOT_YET, at: '', type: 'force.classified', incident, ...mildest, by: SOMEBODY }],
      touches: ['force', 'deathInCustody', 'injury', 'vulnerable'],
    },
  ];
}

/** All at once, since one statement less helps nobody who waits for everybody's. */
function everybodysStatement({ known, incident }: About): readonly Candidate[] {
  if (whoTookPart(known, incident).length === 0) return [somebodysStatement(incident)];
  const awaited = withoutPerceptualStatement(known, incident).map((person) =>
    perceptual({ known, incident, person }),
  );
  if (awaited.length === 0) return [];
  return [
    {
      missing: awaited.flatMap(({ missing }) => missing),
      facts: awaited.flatMap(({ facts }) => facts),
      touches: ['everyPerceptualStatementRecorded'],
    },
  ];
}

/** Nobody held the camera and nobody is listed, so nobody can be named: somebody must be, and speak. */
function somebodysStatement(incident: string): Candidate {
  const person = SOMEBODY;
  const said = { kind: 'perceptual', recorded: true } as const;
  return {
    missing: [
      {
        fact: 'officer.involved',
        incident,
        text: `record of who took part in ${incident}, nobody is on file`,
      },
      {
        fact: 'statement.given',
        incident,
        text: `audio-recorded perceptual statement of everybody who took part in ${incident}, not yet given`,
      },
    ],
    facts: [
      { id: NOT_YET, at: '', type: 'officer.involved', incident, person },
      { id: NOT_YET, at: '', type: 'statement.given', incident, person, ...said },
    ],
    touches: ['everyPerceptualStatementRecorded'],
  };
}

function oversight({ known, incident, person }: About): readonly Candidate[] {
  const { cases } = known.part(incident, person);
  const lack = cases.size > 0 ? 'ended and not made again' : 'not on file';
  const assigned: Candidate = {
    missing: [
      {
        fact: 'case.assigned',
        incident,
        person,
        text: `assignment of a case on ${incident} to ${titled(known, person)}, ${lack}`,
      },
    ],
    facts: [{ id: NOT_YET, at: '', type: 'case.assigned', case: '', incident, person }],
    touches: ['caseAssigned'],
  };
  const alleged: Candidate = {
    missing: [
      {
        fact: 'misconduct.alleged',
        incident,
        text: `allegation of misconduct in ${incident}, none on file`,
      },
    ],
    facts: [{ id: NOT_YET, at: '', type: 'misconduct.alleged', incident }],
    touches: ['misconduct'],
  };
  return [
    ...(hasCase(known, incident, person) ? [] : [assigned]),
    ...(known.incident(incident).misconduct ? [] : [alleged]),
  ];
}

function involvement({ known, incident, person }: About): Candidate {
  const text = `record that ${titled(known, person)} took part in ${incident}, not on file`;
  return {
    missing: [{ fact: 'officer.involved', incident, person, text }],
    facts: [{ id: NOT_YET, at: '', type: 'officer.involved', incident, person }],
    touches: ['tookPart'],
  };
}

function authorisation(
  known: Knowledge,
  { person, recording }: { readonly person: string; readonly recording: string },
  from: { readonly role: Role; readonly by: string },
): Candidate {
  const by = `${SOMEBODY}, ${from.role}`;
  const text = `authorisation by ${from.by} for ${titled(known, person)} to view this recording, none in force`;
  return {
    missing: [{ fact: 'access.authorised', person, recording, text }],
    facts: [
      { id: NOT_YET, at: '', type: 'person.enrolled', person: by, roles: [from.role] },
      {
        id: NOT_YET,
        at: '',
        type: 'access.authorised',
        recording,
        person,
        by,
        expiresAt: '9999-12-31T23:59:59Z',
      },
    ],
    touches: ['authorisedBy'],
  };
}
