import { FactError } from '../errors.ts';
import {
  OWN_FACTS,
  OWN_SOURCE,
  type CaseFact,
  type Fact,
  type Force,
  type ForceClassified,
  type Injury,
  type OrderFact,
  type RecordingDestroyed,
  type RecordingRegistered,
  type Source,
  type StatementWithdrawn,
} from './fact.ts';
import type { Classification, Knowledge } from './knowledge.ts';
import { tookPart } from './situation.ts';

/** What admission must ask of the outside: who is enrolled as what. */
export interface Enrolled {
  /** Is there a dock of this name? Docks hold footage, so they may not say what decides about it. */
  isDock(name: string): boolean;
  /** Throws FactError BAD_MANIFEST unless the manifest is that camera's own word and says the same as the fact. */
  checkManifest(fact: RecordingRegistered & { readonly manifest: string }): void;
}

/** What admission must ask of the decisions given so far. */
export interface Decided {
  /** Was this dock ever allowed to destroy the recording? */
  mayDestroy(recording: string, dock: string): boolean;
}

/** Whoever holds the footage must not decide about it, not even a dock that was given every right by mistake. */
const DOCKS_SAY: ReadonlySet<Fact['type']> = new Set(['recording.registered', 'recording.destroyed']);

const FORCE_RANK: Readonly<Record<Force, number>> = { none: 0, non_deadly: 1, deadly: 2, unclassified: 3 };
const INJURY_RANK: Readonly<Record<Injury, number>> = { none: 0, non_serious: 1, serious: 2 };

/** Throws FactError when this source may not say this now. Changes nothing. */
export function admit(
  known: Knowledge,
  fact: Fact,
  from: { readonly source: Source; readonly enrolled: Enrolled; readonly decided: Decided },
): void {
  const { source, enrolled } = from;
  const isOwn = OWN_FACTS.has(fact.type) && source.name !== OWN_SOURCE;
  if (isOwn || (!source.may.has(fact.type) && !source.may.has('*'))) {
    throw refused('MAY_NOT_ASSERT', `source ${source.name} may not assert ${fact.type}`);
  }
  if (enrolled.isDock(source.name) && !DOCKS_SAY.has(fact.type)) {
    throw refused(
      'NOT_RECORDS_SOURCE',
      `${source.name} is a dock: it says what it holds, and only a records source says who may see it and why`,
    );
  }
  switch (fact.type) {
    case 'force.classified':
      return admitClassification(known, fact);
    case 'recording.registered':
      return admitRegistration(known, fact, enrolled);
    case 'recording.destroyed':
      return admitDestruction(known, fact, from);
    case 'recording.unsealed':
      return admitUnsealing(known, fact);
    case 'case.unassigned':
      return admitUnassignment(known, fact);
    case 'statement.withdrawn':
      return admitWithdrawal(known, fact);
    case 'hold.lifted':
      if (known.recording(fact.recording).holds.has(fact.by)) return;
      throw refused(
        'NO_SUCH_HOLD',
        `no hold by ${fact.by} on ${fact.recording} is in force: ${standing(known, fact.recording)}`,
      );
    default:
      return;
  }
}

function admitClassification(known: Knowledge, fact: ForceClassified): void {
  if (tookPart(known, fact.incident, fact.by)) {
    throw refused('SELF_CLASSIFICATION', `${fact.by} took part in ${fact.incident} and may not classify it`);
  }
  const { classifications } = known.incident(fact.incident);
  // A detour over `unclassified` must not launder a downgrade, so the last real class is compared with as well.
  const standing = classifications.findLast(({ force }) => force !== 'unclassified');
  const newest = classifications.at(-1);
  const lowered = [standing, newest].filter((one) => one !== undefined && lowers(fact, one));
  const [first] = lowered;
  if (first === undefined || lowered.some((one) => one?.id === fact.supersedes)) return;
  throw refused(
    'QUIET_DOWNGRADE',
    `this lowers the classification of ${fact.incident}: name the fact it replaces, supersedes: "${first.id}"`,
  );
}

function lowers(next: ForceClassified, standing: Classification): boolean {
  if (next.force === 'unclassified') return false;
  return (
    forceRank(next) < standingRank(standing) ||
    INJURY_RANK[next.injury] < INJURY_RANK[standing.injury] ||
    (standing.vulnerable && !next.vulnerable)
  );
}

/** Any class may follow `unclassified`, but a death in custody that was said with it stands. */
function standingRank({ force, deathInCustody }: Classification): number {
  return forceRank({ force: force === 'unclassified' ? 'none' : force, deathInCustody });
}

/** A death in custody counts as deadly force, whatever force was used. */
function forceRank({ force, deathInCustody }: Pick<ForceClassified, 'force' | 'deathInCustody'>): number {
  return deathInCustody ? Math.max(FORCE_RANK[force], FORCE_RANK.deadly) : FORCE_RANK[force];
}

function admitRegistration(known: Knowledge, fact: RecordingRegistered, enrolled: Enrolled): void {
  const { manifest } = fact;
  if (manifest !== undefined) enrolled.checkManifest({ ...fact, manifest });
  else if (fact.wrapsHash !== undefined) {
    throw refused(
      'BAD_WRAPS',
      'the wraps are not taken: only the manifest that names them makes them believable',
    );
  }
  const before = known.recording(fact.recording).registration;
  // What the camera signed stands against what somebody merely said, or a false word said first would shut a
  // recording for ever.
  if (before === undefined || (!before.verified && manifest !== undefined)) return;
  const same =
    before.camera === fact.camera &&
    before.manifestHash === fact.manifestHash &&
    before.officer === fact.officer;
  if (same) return;
  throw refused(
    'ALREADY_REGISTERED',
    `recording ${fact.recording} is already registered for camera ${before.camera}, officer ${before.officer}, with another manifest or another attribution`,
  );
}

/**
 * The keys of what a dock says it destroyed are destroyed here too, so it is believed only of what it held and was allowed to
 * destroy, and not while somebody has a hold on it.
 */
function admitDestruction(
  known: Knowledge,
  { recording, manifestHash }: RecordingDestroyed,
  { source, decided }: { readonly source: Source; readonly decided: Decided },
): void {
  const { registration, holds } = known.recording(recording);
  if (registration?.docks.has(source.name) !== true || registration.manifestHash !== manifestHash)
    throw refused('NOT_DECIDED', `${source.name} has not registered ${recording} under that manifest`);
  if (!decided.mayDestroy(recording, source.name))
    throw refused('NOT_DECIDED', `${source.name} was never allowed to destroy ${recording}`);
  if (holds.size > 0) throw refused('HELD', `the keys of ${recording} stay: ${standing(known, recording)}`);
}

/** A lifting that would lift nothing must not look as if it had. */
function admitUnsealing(known: Knowledge, { recording, by }: OrderFact): void {
  const { sealedBy } = known.recording(recording);
  if (sealedBy.size === 0 || sealedBy.has(by)) return;
  throw refused(
    'NO_SUCH_SEAL',
    `no seal by ${by} on ${recording} is in force: it is sealed by ${[...sealedBy].join(', ')}, who must lift it`,
  );
}

/** A wrong case here would leave the one that was meant open, and look as if it had ended. */
function admitUnassignment(known: Knowledge, { incident, person, case: name }: CaseFact): void {
  const { cases } = known.part(incident, person);
  const open = [...cases].filter(([, state]) => state === 'assigned').map(([one]) => one);
  if (open.length === 0 || open.includes(name)) return;
  throw refused(
    'NO_SUCH_CASE',
    `${person} does not have case ${name} on ${incident}: what ends is one of ${open.join(', ')}`,
  );
}

/** As with cases: of statements on file, one that is must be named. */
function admitWithdrawal(known: Knowledge, { incident, person, kind }: StatementWithdrawn): void {
  const { statements } = known.part(incident, person);
  if (statements.size === 0 || statements.has(kind)) return;
  throw refused(
    'NO_SUCH_STATEMENT',
    `no ${kind} statement of ${person} on ${incident} is on file: there is ${[...statements].join(', ')}`,
  );
}

function standing(known: Knowledge, recording: string): string {
  const holders = [...known.recording(recording).holds.keys()];
  return holders.length === 0 ? 'there is none' : `it is held by ${holders.join(', ')}`;
}

function refused(code: FactError['code'], message: string): FactError {
  return new FactError(code, message, { retry: 'never' });
}
