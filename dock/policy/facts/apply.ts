import type {
  AccessAuthorised,
  AccessRevoked,
  Entry,
  ForceClassified,
  LinkFact,
  RecordingRegistered,
  StatementGiven,
} from './fact.ts';
import type { Knowledge } from './knowledge.ts';

/** Adds one fact to what is known. Facts come in index order; what a later one says replaces an earlier one. */
export function applyFact(known: Knowledge, { index, fact }: Entry): void {
  switch (fact.type) {
    case 'person.enrolled':
      return known.setPerson(fact.person, { roles: [...new Set(fact.roles)].sort() });
    case 'incident.opened':
      return known.setIncident(fact.incident, {});
    case 'misconduct.alleged':
      return known.setIncident(fact.incident, { misconduct: true });
    case 'force.classified':
      return classify(known, fact, index);
    case 'officer.involved':
      return known.setPart(fact.incident, fact.person, { involved: true });
    case 'interview.scheduled':
    case 'interview.held':
      return known.setPart(fact.incident, fact.person, { interviewScheduled: true });
    case 'report.filed':
      return known.setPart(fact.incident, fact.person, { report: 'filed' });
    case 'report.withdrawn':
      return known.setPart(fact.incident, fact.person, { report: 'withdrawn' });
    case 'report.supplemented':
      // Supplements add to a filed report. They file nothing themselves.
      return known.setIncident(fact.incident, {});
    case 'statement.given':
      return addStatement(known, fact);
    case 'case.assigned':
      return known.setPart(fact.incident, fact.person, { caseAssigned: true });
    case 'recording.registered':
      return register(known, fact, index);
    case 'recording.linked':
      return link(known, fact);
    case 'recording.unlinked':
      return unlink(known, fact);
    case 'access.authorised':
      return authorise(known, fact);
    case 'access.revoked':
      return revoke(known, fact);
    case 'recording.sealed':
    case 'recording.unsealed':
      return known.setRecording(fact.recording, { sealed: fact.type === 'recording.sealed' });
    case 'hold.placed':
    case 'hold.lifted':
      return known.setRecording(fact.recording, { held: fact.type === 'hold.placed' });
    default:
      fact satisfies never;
  }
}

function classify(known: Knowledge, fact: ForceClassified, index: number): void {
  const { id, force, deathInCustody, injury, vulnerable, by } = fact;
  const { classifications } = known.incident(fact.incident);
  known.setIncident(fact.incident, {
    classifications: [...classifications, { index, id, force, deathInCustody, injury, vulnerable, by }],
  });
}

function addStatement(known: Knowledge, { incident, person, kind }: StatementGiven): void {
  const { statements } = known.part(incident, person);
  known.setPart(incident, person, { statements: new Set([...statements, kind]) });
}

/** The first registration that its camera signed stands; until then the newest that admission let through. */
function register(known: Knowledge, fact: RecordingRegistered, index: number): void {
  const before = known.recording(fact.recording).registration;
  if (before !== undefined && (before.verified || fact.manifest === undefined)) return;
  const { camera, officer, manifestHash } = fact;
  known.setRecording(fact.recording, {
    registration: { index, camera, officer, manifestHash, verified: fact.manifest !== undefined },
  });
}

function link(known: Knowledge, { recording, incident }: LinkFact): void {
  const incidents = known.recording(recording).incidents.filter((one) => one !== incident);
  known.setRecording(recording, { incidents: [...incidents, incident] });
  known.setIncident(incident, { recordings: new Set([...known.incident(incident).recordings, recording]) });
}

function unlink(known: Knowledge, { recording, incident }: LinkFact): void {
  const incidents = known.recording(recording).incidents.filter((one) => one !== incident);
  known.setRecording(recording, { incidents });
  const recordings = new Set(known.incident(incident).recordings);
  recordings.delete(recording);
  known.setIncident(incident, { recordings });
}

function authorise(known: Knowledge, { recording, person, by, expiresAt }: AccessAuthorised): void {
  const { authorisations } = known.recording(recording);
  const added = { person, by, expiresAtMs: Date.parse(expiresAt) };
  known.setRecording(recording, { authorisations: [...authorisations, added] });
}

/** Whoever revokes ends every authorisation given so far to that person for that recording. */
function revoke(known: Knowledge, { recording, person }: AccessRevoked): void {
  const { authorisations } = known.recording(recording);
  known.setRecording(recording, { authorisations: authorisations.filter((one) => one.person !== person) });
}
