import type {
  AccessAuthorised,
  AccessRevoked,
  CaseFact,
  Entry,
  ForceClassified,
  LinkFact,
  OrderFact,
  RegimeAdopted,
  RecordingRegistered,
  StatementGiven,
  StatementWithdrawn,
} from './fact.ts';
import type { Knowledge } from './knowledge.ts';

/** Adds one fact to what is known. Facts come in index order; what a later one says replaces an earlier one. */
export function applyFact(known: Knowledge, entry: Entry): void {
  const { fact, index } = entry;
  switch (fact.type) {
    case 'person.enrolled':
      return known.setPerson(fact.person, { roles: [...new Set(fact.roles)].sort(), org: fact.org ?? '' });
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
    case 'statement.withdrawn':
      return withdrawStatement(known, fact);
    case 'case.assigned':
    case 'case.unassigned':
      return setCase(known, fact);
    case 'recording.registered':
      return register(known, fact, entry);
    case 'recording.destroyed':
      return known.setRecording(fact.recording, { destroyed: true });
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
      return seal(known, fact);
    case 'hold.placed':
      return hold(known, fact, 1);
    case 'hold.lifted':
      return hold(known, fact, -1);
    case 'regime.adopted':
      return adopt(known, fact, index);
    default:
      fact satisfies never;
  }
}

function adopt(known: Knowledge, { agency, regime, policySet, from }: RegimeAdopted, index: number): void {
  known.addAdoption({ agency, regime, policySet, fromMs: Date.parse(from), index });
}

function classify(known: Knowledge, fact: ForceClassified, index: number): void {
  const { id, force, deathInCustody, injury, vulnerable, by } = fact;
  const { classifications } = known.incident(fact.incident);
  known.setIncident(fact.incident, {
    classifications: [...classifications, { index, id, force, deathInCustody, injury, vulnerable, by }],
  });
}

function addStatement(known: Knowledge, { incident, person, kind, recorded }: StatementGiven): void {
  const { statements, recordedStatements, withdrawnStatements } = known.part(incident, person);
  known.setPart(incident, person, {
    statements: new Set([...statements, kind]),
    recordedStatements: recorded ? new Set([...recordedStatements, kind]) : recordedStatements,
    withdrawnStatements: without(withdrawnStatements, kind),
  });
}

/** What was recorded goes too: which of several statements was meant nobody can tell, so in doubt none counts. */
function withdrawStatement(known: Knowledge, { incident, person, kind }: StatementWithdrawn): void {
  const { statements, recordedStatements, withdrawnStatements } = known.part(incident, person);
  known.setPart(incident, person, {
    statements: without(statements, kind),
    recordedStatements: without(recordedStatements, kind),
    withdrawnStatements: new Set([...withdrawnStatements, kind]),
  });
}

function without<Item>(set: ReadonlySet<Item>, item: Item): ReadonlySet<Item> {
  return new Set([...set].filter((one) => one !== item));
}

function setCase(known: Knowledge, { type, incident, person, case: name }: CaseFact): void {
  const { cases } = known.part(incident, person);
  const state = type === 'case.assigned' ? 'assigned' : 'ended';
  known.setPart(incident, person, { cases: new Map([...cases, [name, state]]) });
}

/** The first registration that its camera signed stands; until then the newest that admission let through. */
function register(
  known: Knowledge,
  fact: RecordingRegistered,
  { index, source, receivedAt }: Omit<Entry, 'fact'>,
): void {
  const before = known.recording(fact.recording).registration;
  const { camera, officer, manifestHash } = fact;
  const stands = before !== undefined && (before.verified || fact.manifest === undefined);
  const isSame = before?.manifestHash === manifestHash;
  if (stands && !isSame) return;
  const registration = stands
    ? before
    : { index, camera, officer, manifestHash, verified: fact.manifest !== undefined };
  const docks = new Map(isSame ? before.docks : []);
  if (!docks.has(source)) docks.set(source, Date.parse(receivedAt));
  known.setRecording(fact.recording, { registration: { ...registration, docks } });
}

/** What was lifted before it was placed is in force: in doubt nothing is destroyed. */
function hold(known: Knowledge, { recording, by }: OrderFact, change: 1 | -1): void {
  const holds = new Map(known.recording(recording).holds);
  const count = Math.max(0, (holds.get(by) ?? 0) + change);
  if (count === 0) holds.delete(by);
  else holds.set(by, count);
  known.setRecording(recording, { holds });
}

function seal(known: Knowledge, { type, recording, by }: OrderFact): void {
  const sealedBy = new Set(known.recording(recording).sealedBy);
  if (type === 'recording.sealed') sealedBy.add(by);
  else sealedBy.delete(by);
  known.setRecording(recording, { sealedBy });
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
  const { roles = [] } = known.person(by) ?? {};
  const added = { person, by, roles, expiresAtMs: Date.parse(expiresAt) };
  known.setRecording(recording, { authorisations: [...authorisations, added] });
}

/** Whoever revokes ends every authorisation given so far to that person for that recording. */
function revoke(known: Knowledge, { recording, person }: AccessRevoked): void {
  const { authorisations } = known.recording(recording);
  known.setRecording(recording, { authorisations: authorisations.filter((one) => one.person !== person) });
}
