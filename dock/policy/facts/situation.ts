import { PURPOSES, SWORN, type Force, type Injury, type Purpose, type Role } from './fact.ts';
import type { Classification, Knowledge } from './knowledge.ts';

/** Who wants to do what; all of it claims of the caller, of which only the purpose has a say in a rule. */
export interface Question {
  readonly person: string;
  readonly action: string;
  readonly recording: string;
  /** Empty when none was stated. */
  readonly purpose: string;
}

/**
 * Everything the rules may look at when one person asks about one recording on behalf of one incident. There are
 * no optional members: a rule can never fail on something that is not there.
 */
export interface Situation {
  readonly roles: readonly Role[];
  readonly recording: { readonly registered: boolean; readonly linked: boolean; readonly sealed: boolean };
  readonly incident: {
    readonly force: Force;
    readonly deathInCustody: boolean;
    readonly injury: Injury;
    readonly vulnerable: boolean;
    readonly misconduct: boolean;
    readonly everyPerceptualStatementRecorded: boolean;
  };
  readonly recorderReportFiled: boolean;
  readonly person: {
    readonly tookPart: boolean;
    readonly reportFiled: boolean;
    readonly candidStatement: boolean;
    readonly perceptualStatementRecorded: boolean;
    readonly supervisorInterview: boolean;
    readonly supervisorInterviewRecorded: boolean;
    readonly interviewScheduled: boolean;
    readonly caseAssigned: boolean;
  };
  /** Roles of those whose authorisation for this person and recording counts at this moment. */
  readonly authorisedBy: readonly Role[];
}

/** An incident nobody classified counts as the strictest class wherever a rule asks for force. */
const UNCLASSIFIED = {
  force: 'unclassified',
  deathInCustody: false,
  injury: 'none',
  vulnerable: false,
} as const;

/** Offices that count because they are held outside the bureau. */
const OUTSIDE: readonly Role[] = ['doj_monitor', 'city_attorney'];

export function isPurpose(text: string): text is Purpose {
  return PURPOSES.some((purpose) => purpose === text);
}

/**
 * Did this person take part in the incident? Yes when a records source says so, and also when they recorded
 * anything that is linked to it now: whoever held a camera there was there.
 */
export function tookPart(known: Knowledge, incident: string, person: string): boolean {
  if (known.part(incident, person).involved) return true;
  for (const recording of known.incident(incident).recordings) {
    if (known.recording(recording).registration?.officer === person) return true;
  }
  return false;
}

/** Does this person have a case on the incident now? */
export function hasCase(known: Knowledge, incident: string, person: string): boolean {
  return [...known.part(incident, person).cases.values()].includes('assigned');
}

/** Everybody who is known to have taken part in the incident, sorted. */
export function whoTookPart(known: Knowledge, incident: string): readonly string[] {
  const { parts, recordings } = known.incident(incident);
  const involved = [...parts].filter(([, part]) => part.involved).map(([person]) => person);
  const recorders = [...recordings].map(
    (recording) => known.recording(recording).registration?.officer ?? '',
  );
  return [...new Set([...involved, ...recorders])].filter((person) => person !== '').sort();
}

/** Those of them whose audio-recorded perceptual statement is not on file. */
export function withoutPerceptualStatement(known: Knowledge, incident: string): readonly string[] {
  return whoTookPart(known, incident).filter(
    (person) => !known.part(incident, person).recordedStatements.has('perceptual'),
  );
}

function everybodySpoke(known: Knowledge, incident: string): boolean {
  const everybody = whoTookPart(known, incident);
  return (
    everybody.length > 0 &&
    everybody.every((person) => known.part(incident, person).recordedStatements.has('perceptual'))
  );
}

/**
 * The classification in force. One made by somebody who, as it turns out, took part does not count, and neither
 * does what it replaced: the incident is unclassified until somebody else classifies it.
 */
export function classificationOf(known: Knowledge, incident: string): Classification | typeof UNCLASSIFIED {
  const newest = known.incident(incident).classifications.at(-1);
  if (newest === undefined || tookPart(known, incident, newest.by)) return UNCLASSIFIED;
  return newest;
}

/** Facts to situation, for one of the incidents the recording is linked to, or for none of them. */
export function situationOf(
  known: Knowledge,
  { person, recording }: Question,
  at: { readonly incident: string | undefined; readonly nowMs: number },
): Situation {
  const { registration, sealedBy } = known.recording(recording);
  const linked = at.incident !== undefined;
  const incident = at.incident ?? '';
  const { force, deathInCustody, injury, vulnerable } = classificationOf(known, incident);
  const part = known.part(incident, person);
  const recorder = registration?.officer ?? '';
  return {
    roles: known.person(person)?.roles ?? [],
    recording: { registered: registration !== undefined, linked, sealed: sealedBy.size > 0 },
    incident: {
      force,
      deathInCustody,
      injury,
      vulnerable,
      misconduct: known.incident(incident).misconduct,
      everyPerceptualStatementRecorded: everybodySpoke(known, incident),
    },
    recorderReportFiled: recorder !== '' && known.part(incident, recorder).report === 'filed',
    person: {
      tookPart: tookPart(known, incident, person),
      reportFiled: part.report === 'filed',
      candidStatement: part.statements.has('candid'),
      perceptualStatementRecorded: part.recordedStatements.has('perceptual'),
      supervisorInterview: part.statements.has('supervisor_interview'),
      supervisorInterviewRecorded: part.recordedStatements.has('supervisor_interview'),
      interviewScheduled: part.interviewScheduled,
      caseAssigned: hasCase(known, incident, person),
    },
    authorisedBy: authorisedBy(known, { person, recording, nowMs: at.nowMs }),
  };
}

/**
 * An authorisation counts until it expires or is revoked, in the office that its giver held when giving it and still holds, and never
 * when the person gave it to themselves.
 */
function authorisedBy(
  known: Knowledge,
  {
    person,
    recording,
    nowMs,
  }: { readonly person: string; readonly recording: string; readonly nowMs: number },
): readonly Role[] {
  const roles = known
    .recording(recording)
    .authorisations.filter((one) => one.person === person && one.by !== person && nowMs < one.expiresAtMs)
    .flatMap((one) => officesOf(one.roles, known.person(one.by)?.roles ?? []));
  return [...new Set(roles)].sort();
}

/** Whoever serves in the bureau is not outside it, whatever else they are. */
function officesOf(then: readonly Role[], now: readonly Role[]): readonly Role[] {
  const isInside = now.some((role) => SWORN.includes(role));
  return now.filter((role) => then.includes(role) && !(isInside && OUTSIDE.includes(role)));
}
