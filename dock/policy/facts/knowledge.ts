import { applyFact } from './apply.ts';
import type { Entry, Force, Injury, Role, StatementKind } from './fact.ts';

export interface PersonState {
  readonly roles: readonly Role[];
  /** The agency; empty when nobody said. */
  readonly org: string;
}

/** One `regime.adopted` fact. */
export interface Adoption {
  readonly agency: string;
  readonly regime: string;
  /** SHA-256 of the policies, hex. */
  readonly policySet: string;
  readonly fromMs: number;
  /** Index of the fact. */
  readonly index: number;
}

/** One `force.classified` fact, kept with enough to say whether a later one lowers it. */
export interface Classification {
  readonly index: number;
  readonly id: string;
  readonly force: Force;
  readonly deathInCustody: boolean;
  readonly injury: Injury;
  readonly vulnerable: boolean;
  readonly by: string;
}

/** What one person has done about one incident. */
export interface PartState {
  readonly involved: boolean;
  /** `withdrawn` counts as not filed; it is kept apart only to say so. */
  readonly report: 'none' | 'filed' | 'withdrawn';
  readonly statements: ReadonlySet<StatementKind>;
  /** Those of them that were recorded at least once. */
  readonly recordedStatements: ReadonlySet<StatementKind>;
  /** Taken back and not given again; kept apart only to say so. */
  readonly withdrawnStatements: ReadonlySet<StatementKind>;
  readonly interviewScheduled: boolean;
  /** Every case on the incident that this person was ever said to have, or to have no more. */
  readonly cases: ReadonlyMap<string, 'assigned' | 'ended'>;
}

export interface IncidentState {
  readonly classifications: readonly Classification[];
  readonly misconduct: boolean;
  readonly parts: ReadonlyMap<string, PartState>;
  /** Recordings linked to this incident now. */
  readonly recordings: ReadonlySet<string>;
}

export interface Registration {
  readonly index: number;
  readonly camera: string;
  /** Empty when nobody was assigned to the camera. */
  readonly officer: string;
  readonly manifestHash: string;
  /** A manifest came with it and held against the camera's enrolled key. */
  readonly verified: boolean;
  /** Who has said that it holds the recording, and when this service first heard it, milliseconds since 1970 by its clock. */
  readonly docks: ReadonlyMap<string, number>;
}

export interface Authorisation {
  readonly person: string;
  readonly by: string;
  /** What the giver was enrolled as when it came. */
  readonly roles: readonly Role[];
  readonly expiresAtMs: number;
}

export interface RecordingState {
  readonly registration?: Registration;
  /** Incidents it is linked to now, in the order of linking. */
  readonly incidents: readonly string[];
  /** Courts whose seal is in force. Each is lifted by whoever placed it. */
  readonly sealedBy: ReadonlySet<string>;
  /** Legal holds in force: how many by whom. Each is lifted by whoever placed it, one at a time. */
  readonly holds: ReadonlyMap<string, number>;
  /** A dock has destroyed what it held of it. */
  readonly destroyed: boolean;
  /** Not revoked; may have expired. */
  readonly authorisations: readonly Authorisation[];
}

const NO_INCIDENT: IncidentState = {
  classifications: [],
  misconduct: false,
  parts: new Map(),
  recordings: new Set(),
};
const NO_PART: PartState = {
  involved: false,
  report: 'none',
  statements: new Set(),
  recordedStatements: new Set(),
  withdrawnStatements: new Set(),
  interviewScheduled: false,
  cases: new Map(),
};
const NO_RECORDING: RecordingState = {
  incidents: [],
  sealedBy: new Set(),
  holds: new Map(),
  destroyed: false,
  authorisations: [],
};

/**
 * What the facts say so far. A draft sees its base and keeps its own changes to itself, so that a batch can be
 * checked before any of it counts, and so that "what if this report were filed?" runs through the very same code.
 */
export class Knowledge {
  readonly #base: Knowledge | undefined;
  readonly #people = new Map<string, PersonState>();
  readonly #incidents = new Map<string, IncidentState>();
  readonly #recordings = new Map<string, RecordingState>();
  readonly #adoptions: Adoption[] = [];
  #newest: number;

  constructor(base?: Knowledge) {
    this.#base = base;
    this.#newest = base?.newest ?? 0;
  }

  /** Index of the newest fact applied; 0 when there is none. */
  get newest(): number {
    return this.#newest;
  }

  /** Undefined when nobody enrolled this person. */
  person(id: string): PersonState | undefined {
    return this.#people.get(id) ?? this.#base?.person(id);
  }

  incident(id: string): IncidentState {
    return this.#incidents.get(id) ?? this.#base?.incident(id) ?? NO_INCIDENT;
  }

  part(incident: string, person: string): PartState {
    return this.incident(incident).parts.get(person) ?? NO_PART;
  }

  recording(id: string): RecordingState {
    return this.#recordings.get(id) ?? this.#base?.recording(id) ?? NO_RECORDING;
  }

  /** Every adoption of a regime so far, in the order of the facts. */
  adoptions(): readonly Adoption[] {
    return [...(this.#base?.adoptions() ?? []), ...this.#adoptions];
  }

  /** Ids, sorted, for lists made for people. Only of what this layer itself holds. */
  listed(): { people: readonly string[]; incidents: readonly string[]; recordings: readonly string[] } {
    const sorted = (map: ReadonlyMap<string, unknown>): readonly string[] => [...map.keys()].sort();
    return {
      people: sorted(this.#people),
      incidents: sorted(this.#incidents),
      recordings: sorted(this.#recordings),
    };
  }

  setPerson(id: string, state: PersonState): void {
    this.#people.set(id, state);
  }

  setIncident(id: string, change: Partial<IncidentState>): void {
    this.#incidents.set(id, { ...this.incident(id), ...change });
  }

  setPart(incident: string, person: string, change: Partial<PartState>): void {
    const parts = new Map(this.incident(incident).parts);
    parts.set(person, { ...this.part(incident, person), ...change });
    this.setIncident(incident, { parts });
  }

  setRecording(id: string, change: Partial<RecordingState>): void {
    this.#recordings.set(id, { ...this.recording(id), ...change });
  }

  addAdoption(adoption: Adoption): void {
    this.#adoptions.push(adoption);
  }

  /** Takes in the next fact. */
  apply(entry: Entry): void {
    applyFact(this, entry);
    this.#newest = entry.index;
  }

  draft(): Knowledge {
    return new Knowledge(this);
  }

  /** Makes a draft of this knowledge part of it. */
  absorb(draft: Knowledge): void {
    for (const [id, state] of draft.#people) this.#people.set(id, state);
    for (const [id, state] of draft.#incidents) this.#incidents.set(id, state);
    for (const [id, state] of draft.#recordings) this.#recordings.set(id, state);
    this.#adoptions.push(...draft.#adoptions);
    this.#newest = draft.#newest;
  }
}
