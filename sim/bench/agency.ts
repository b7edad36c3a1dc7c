import type { Fact, Purpose, Role } from '../../dock/policy/facts/fact.ts';
import type { Question } from '../../dock/policy/facts/situation.ts';
import type { Chance } from '../fault/chance.ts';

/** How much an agency has on file. */
export interface AgencySize {
  readonly facts: number;
  readonly recordings: number;
  readonly people: number;
}

type Told = Readonly<Record<string, unknown>> & { readonly type: Fact['type'] };

/** Every 50 people, as an agency is made up. */
const STAFF: readonly (readonly [role: Role, of50: number])[] = [
  ['officer', 38],
  ['supervisor', 4],
  ['internal_affairs', 2],
  ['independent_review', 2],
  ['doj_monitor', 1],
  ['chief_designee', 1],
  ['city_attorney', 1],
  ['custodian', 1],
];
/** One incident for so many recordings. */
const PER_INCIDENT = 3;
const AT = '2026-11-21T08:00:00Z';
const EXPIRES = '2099-01-01T00:00:00Z';

interface Incident {
  readonly id: string;
  readonly officers: readonly string[];
  readonly reviewer: string;
}

interface Recording {
  readonly id: string;
  readonly officer: string;
  readonly incident: Incident;
}

/** A made-up agency: everything that its records system says, in the order in which it came to pass, and what people then ask. */
export class Agency {
  readonly facts: readonly Fact[];
  readonly #chance: Chance;
  readonly #people: ReadonlyMap<Role, readonly string[]>;
  readonly #recordings: readonly Recording[];

  /** The same chance makes the same agency. */
  constructor(size: AgencySize, chance: Chance) {
    this.#chance = chance;
    this.#people = staff(size.people);
    const incidents = this.#incidents(Math.ceil(size.recordings / PER_INCIDENT));
    this.#recordings = this.#recorded(size.recordings, incidents);
    const told = this.#told(incidents);
    const extra = Math.max(0, size.facts - told.length);
    const later = Array.from({ length: extra }, () => this.#later(pick(chance, incidents)));
    this.facts = [...told, ...later].slice(0, size.facts).map(asFact);
  }

  /** What somebody asks: mostly those who recorded, then who else was there, then those who review, and now and then somebody with no part in it. */
  question(): Question {
    const chance = this.#chance;
    const recording = pick(chance, this.#recordings);
    const { officers, reviewer } = recording.incident;
    const kind = chance.fraction();
    const asked = (person: string, purpose: Purpose): Question => ({
      person,
      action: 'view',
      recording: recording.id,
      purpose,
    });
    if (kind < 0.45) return asked(recording.officer, pick(chance, ['write_report', 'supplement_report']));
    if (kind < 0.7) return asked(pick(chance, officers), pick(chance, ['write_report', 'supplement_report']));
    if (kind < 0.8) return asked(reviewer, 'oversight');
    if (kind < 0.85) return asked(this.#of('internal_affairs'), 'investigation');
    if (kind < 0.9) return asked(this.#of('doj_monitor'), 'oversight');
    if (kind < 0.95) return asked(this.#of('officer'), 'interview_preparation');
    return asked(this.#of('city_attorney'), 'disclosure');
  }

  #of(role: Role): string {
    return pick(this.#chance, this.#people.get(role) ?? []);
  }

  #incidents(count: number): readonly Incident[] {
    return Array.from({ length: count }, (_, index) => ({
      id: `26-${index + 1}`,
      officers: Array.from({ length: 2 + this.#chance.below(3) }, () => this.#of('officer')),
      reviewer: this.#of('independent_review'),
    }));
  }

  #recorded(count: number, incidents: readonly Incident[]): readonly Recording[] {
    return Array.from({ length: count }, (_, index) => {
      const incident = pick(this.#chance, incidents);
      const id = (index + 1).toString(16).padStart(32, '0');
      return { id, officer: pick(this.#chance, incident.officers), incident };
    });
  }

  #told(incidents: readonly Incident[]): readonly Told[] {
    return [
      ...[...this.#people].flatMap(([role, people]) =>
        people.map((person): Told => ({ type: 'person.enrolled', person, roles: [role] })),
      ),
      ...incidents.flatMap((incident) => this.#ofIncident(incident)),
      ...this.#recordings.flatMap((recording) => this.#ofRecording(recording, incidents)),
    ];
  }

  /** Three in four reports are in; half the incidents are classified. */
  #ofIncident({ id: incident, officers, reviewer }: Incident): readonly Told[] {
    const chance = this.#chance;
    const force = pick(chance, ['none', 'none', 'non_deadly', 'deadly']);
    const injury = pick(chance, ['none', 'none', 'non_serious', 'serious']);
    const by = this.#of('supervisor');
    const classified = {
      incident,
      force,
      deathInCustody: false,
      injury,
      vulnerable: chance.happens(0.1),
      by,
    };
    return [
      { type: 'incident.opened', incident },
      ...officers.map((person): Told => ({ type: 'officer.involved', incident, person })),
      ...(chance.happens(0.5) ? [{ type: 'force.classified', ...classified } as const] : []),
      ...(chance.happens(0.2) ? [{ type: 'misconduct.alleged', incident } as const] : []),
      ...(chance.happens(0.7)
        ? [{ type: 'case.assigned', case: `c-${incident}`, incident, person: reviewer } as const]
        : []),
      ...officers
        .filter(() => chance.happens(0.75))
        .map((person): Told => ({ type: 'report.filed', incident, person, reportHash: 'ab'.repeat(32) })),
    ];
  }

  /** One in twenty is of two incidents, one in a hundred under a court's seal; some are held, or opened to the reviewer for a time. */
  #ofRecording(
    { id: recording, officer, incident }: Recording,
    incidents: readonly Incident[],
  ): readonly Told[] {
    const chance = this.#chance;
    const order = { recording, by: 'court', reason: 'order 26-77' };
    const registered = { recording, camera: 'cam-1', officer, startedAt: AT, endedAt: AT };
    const allowed = {
      recording,
      person: incident.reviewer,
      by: this.#of('city_attorney'),
      expiresAt: EXPIRES,
    };
    return [
      { type: 'recording.registered', ...registered, manifestHash: recording + recording },
      { type: 'recording.linked', recording, incident: incident.id },
      ...(chance.happens(0.05)
        ? [{ type: 'recording.linked', recording, incident: pick(chance, incidents).id } as const]
        : []),
      ...(chance.happens(0.01) ? [{ type: 'recording.sealed', ...order } as const] : []),
      ...(chance.happens(0.05) ? [{ type: 'hold.placed', ...order } as const] : []),
      ...(chance.happens(0.05) ? [{ type: 'access.authorised', ...allowed } as const] : []),
    ];
  }

  /** What goes on about an incident for years. */
  #later({ id: incident, officers }: Incident): Told {
    const chance = this.#chance;
    const person = pick(chance, officers);
    const kind = chance.fraction();
    if (kind < 0.6) return { type: 'report.supplemented', incident, person, reportHash: 'cd'.repeat(32) };
    if (kind < 0.75) return { type: 'interview.held', incident, person };
    const what = pick(chance, ['candid', 'perceptual', 'supervisor_interview']);
    return { type: 'statement.given', incident, person, kind: what, recorded: chance.happens(0.5) };
  }
}

function staff(people: number): ReadonlyMap<Role, readonly string[]> {
  const roles = STAFF.flatMap(([role, count]) => Array.from({ length: count }, () => role));
  const named = new Map<Role, string[]>(STAFF.map(([role]) => [role, []]));
  for (let index = 0; index < Math.max(people, roles.length); index++) {
    const role = roles[index % roles.length] ?? 'officer';
    named.get(role)?.push(`${role.replaceAll('_', '-')}-${index + 1}`);
  }
  return named;
}

/** As the schema of the HTTP edge would let it pass. */
function asFact(told: Told, index: number): Fact {
  return { id: `f${index + 1}`, at: AT, ...told } as Fact;
}

function pick<Item>(chance: Chance, items: readonly Item[]): Item {
  const item = items[chance.below(items.length)];
  if (item === undefined) throw new RangeError('there is nothing to pick from');
  return item;
}
