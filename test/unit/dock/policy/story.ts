import { decide, type Decision } from '../../../../dock/policy/decide/decide.ts';
import { loadRules } from '../../../../dock/policy/decide/load.ts';
import type { Rules } from '../../../../dock/policy/decide/rules.ts';
import type { Fact, FactType, Role } from '../../../../dock/policy/facts/fact.ts';
import { Knowledge } from '../../../../dock/policy/facts/knowledge.ts';

export const AT = '2026-11-21T08:00:00Z';
export const NOW_MS = Date.parse(AT);
export const LATER = '2026-11-21T09:00:00Z';
export const EARLIER = '2026-11-21T07:00:00Z';
export const RECORDING = '0123456789abcdef0123456789abcdef';
export const INCIDENT = '24-118842';

type Members = Readonly<Record<string, unknown>>;

/** What each type of fact says unless told otherwise; an incident about 4411, who made the recording. */
const USUAL: Readonly<Record<FactType, Members>> = {
  'person.enrolled': { person: '4411', roles: ['officer'] },
  'incident.opened': { incident: INCIDENT },
  'force.classified': {
    incident: INCIDENT,
    force: 'none',
    deathInCustody: false,
    injury: 'none',
    vulnerable: false,
    by: 'sgt-1',
  },
  'misconduct.alleged': { incident: INCIDENT },
  'officer.involved': { incident: INCIDENT, person: '4411' },
  'recording.registered': {
    recording: RECORDING,
    camera: 'cam-1',
    officer: '4411',
    startedAt: EARLIER,
    endedAt: EARLIER,
    manifestHash: 'a'.repeat(64),
  },
  'recording.destroyed': { recording: RECORDING, manifestHash: 'a'.repeat(64), entry: 9 },
  'recording.linked': { recording: RECORDING, incident: INCIDENT },
  'recording.unlinked': { recording: RECORDING, incident: INCIDENT },
  'report.filed': { incident: INCIDENT, person: '4411', reportHash: 'hash' },
  'report.supplemented': { incident: INCIDENT, person: '4411', reportHash: 'hash' },
  'report.withdrawn': { incident: INCIDENT, person: '4411' },
  'statement.given': { incident: INCIDENT, person: '4411', kind: 'candid', recorded: true },
  'statement.withdrawn': { incident: INCIDENT, person: '4411', kind: 'candid' },
  'interview.scheduled': { incident: INCIDENT, person: '4411' },
  'interview.held': { incident: INCIDENT, person: '4411' },
  'access.authorised': { recording: RECORDING, person: '4411', by: 'chief-1', expiresAt: LATER },
  'access.revoked': { recording: RECORDING, person: '4411', by: 'chief-1' },
  'case.assigned': { case: 'case-1', incident: INCIDENT, person: '4411' },
  'case.unassigned': { case: 'case-1', incident: INCIDENT, person: '4411' },
  'recording.sealed': { recording: RECORDING, by: 'court', reason: 'order' },
  'recording.unsealed': { recording: RECORDING, by: 'court', reason: 'order' },
  'hold.placed': { recording: RECORDING, by: 'court', reason: 'order' },
  'hold.lifted': { recording: RECORDING, by: 'court', reason: 'order' },
  'regime.adopted': { agency: '', regime: 'doj', policySet: 'd'.repeat(64), from: EARLIER },
};

/** One fact of that type, with these members changed. */
export function fact(
  type: FactType,
  changes: Members = {},
  id: string = `${type}/${JSON.stringify(changes).replaceAll(' ', '_')}`,
): Fact {
  return { id, at: AT, type, ...USUAL[type], ...changes } as Fact;
}

/** Facts as they come in, and what the rules then say. */
export class Story {
  readonly known = new Knowledge();
  readonly rules: Rules;

  constructor(rules: Rules) {
    this.rules = rules;
  }

  tell(type: FactType, changes: Members = {}): this {
    return this.take(fact(type, changes));
  }

  take(one: Fact): this {
    this.known.apply({ index: this.known.newest + 1, source: 'records', receivedAt: AT, fact: one });
    return this;
  }

  enrol(person: string, ...roles: readonly Role[]): this {
    return this.tell('person.enrolled', { person, roles });
  }

  ask(
    person: string,
    purpose: string,
    {
      action = 'view',
      recording = RECORDING,
      nowMs = NOW_MS,
    }: { action?: string; recording?: string; nowMs?: number } = {},
  ): Decision {
    return decide(this.rules, this.known, { question: { person, action, recording, purpose }, nowMs });
  }
}

/**
 * A shift's usual start: officer 4411 made the recording, partner 5522 was there, 6633 was not; a sergeant, chiefs
 * and reviewers exist; the recording is in custody and linked.
 */
export function shift(rules: Rules): Story {
  return new Story(rules)
    .enrol('4411', 'officer')
    .enrol('5522', 'officer')
    .enrol('6633', 'officer')
    .enrol('sgt-1', 'supervisor')
    .enrol('chief-1', 'chief')
    .enrol('designee-1', 'chief_designee')
    .enrol('ia-1', 'internal_affairs')
    .enrol('ipr-1', 'independent_review')
    .enrol('doj-1', 'doj_monitor')
    .enrol('city-1', 'city_attorney')
    .enrol('key-1', 'custodian')
    .enrol('dock-op-1', 'dock_operator')
    .tell('incident.opened')
    .tell('officer.involved', { person: '4411' })
    .tell('officer.involved', { person: '5522' })
    .tell('recording.registered')
    .tell('recording.linked');
}

export const doj: Rules = loadRules('doj');
export const city: Rules = loadRules('city');

/** The types of the missing facts, with whom they are about. */
export function lacks({ missing }: Decision): readonly string[] {
  return missing.map(({ fact: type, person }) => (person === undefined ? type : `${type} ${person}`));
}
