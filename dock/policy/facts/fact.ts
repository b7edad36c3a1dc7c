/** Every role a person may hold; the same list stands in regimes/policy.cedarschema, where a typo in a policy is an error. */
export const ROLES = [
  'officer',
  'supervisor',
  'chief',
  'chief_designee',
  'internal_affairs',
  'independent_review',
  'doj_monitor',
  'city_attorney',
  'custodian',
  'dock_operator',
] as const;
export type Role = (typeof ROLES)[number];

/** Those held by people who serve in the bureau. */
export const SWORN: readonly Role[] = [
  'officer',
  'supervisor',
  'chief',
  'chief_designee',
  'internal_affairs',
];

export const PURPOSES = [
  'write_report',
  'supplement_report',
  'interview_preparation',
  'investigation',
  'oversight',
  'disclosure',
] as const;
export type Purpose = (typeof PURPOSES)[number];

export const FORCES = ['unclassified', 'none', 'non_deadly', 'deadly'] as const;
export type Force = (typeof FORCES)[number];

export const INJURIES = ['none', 'non_serious', 'serious'] as const;
export type Injury = (typeof INJURIES)[number];

export const STATEMENTS = ['candid', 'perceptual', 'supervisor_interview'] as const;
export type StatementKind = (typeof STATEMENTS)[number];

interface Stated {
  /** Chosen by the source; unique within it. */
  readonly id: string;
  /** When it happened, as the source says; RFC 3339. For people: no rule reads it. */
  readonly at: string;
}

export interface PersonEnrolled extends Stated {
  readonly type: 'person.enrolled';
  readonly person: string;
  readonly roles: readonly Role[];
  readonly org?: string;
}

export interface ForceClassified extends Stated {
  readonly type: 'force.classified';
  readonly incident: string;
  readonly force: Force;
  readonly deathInCustody: boolean;
  readonly injury: Injury;
  /** Somebody was handcuffed or in a mental-health crisis. */
  readonly vulnerable: boolean;
  /** The person who classified. */
  readonly by: string;
  /** Id of the classification that this one lowers. */
  readonly supersedes?: string;
}

export interface IncidentFact extends Stated {
  readonly type: 'incident.opened' | 'misconduct.alleged';
  readonly incident: string;
}

export interface InvolvementFact extends Stated {
  readonly type: 'officer.involved' | 'interview.scheduled' | 'interview.held';
  readonly incident: string;
  readonly person: string;
}

export interface ReportFact extends Stated {
  readonly type: 'report.filed' | 'report.supplemented' | 'report.withdrawn';
  readonly incident: string;
  readonly person: string;
  /** Hash of the locked report. A draft has none and is not filed. */
  readonly reportHash?: string;
}

export interface StatementGiven extends Stated {
  readonly type: 'statement.given';
  readonly incident: string;
  readonly person: string;
  readonly kind: StatementKind;
  readonly recorded: boolean;
}

/** Takes back every statement of that kind that was on file, recorded or not: it was entered wrongly. */
export interface StatementWithdrawn extends Stated {
  readonly type: 'statement.withdrawn';
  readonly incident: string;
  readonly person: string;
  readonly kind: StatementKind;
}

export interface CaseFact extends Stated {
  readonly type: 'case.assigned' | 'case.unassigned';
  readonly case: string;
  readonly incident: string;
  readonly person: string;
}

export interface RecordingRegistered extends Stated {
  readonly type: 'recording.registered';
  readonly recording: string;
  readonly camera: string;
  /** Who held the camera when it recorded; empty when nobody was assigned to it. */
  readonly officer: string;
  readonly startedAt: string;
  readonly endedAt: string;
  /** SHA-256 of the encoded SignedManifest, hex. */
  readonly manifestHash: string;
  /**
   * Encoded Wraps of a sealed recording in base64. Only as sent: facts are kept for ever and wraps must not be, so the
   * stored fact holds `wrapsHash` instead.
   */
  readonly wraps?: string;
  /** SHA-256 of the encoded Wraps, hex. */
  readonly wrapsHash?: string;
  /** Who the wraps are for: RFC 7638 thumbprints in base64url, in the order of the wraps. Only in stored facts. */
  readonly recipients?: readonly string[];
  /** Those of them whom this service did not know when it took the fact. Only in stored facts, and only when there are some. */
  readonly unknownRecipients?: readonly string[];
  /** The encoded SignedManifest in base64; checked against the camera's enrolled key before the fact is taken. */
  readonly manifest?: string;
}

export interface LinkFact extends Stated {
  readonly type: 'recording.linked' | 'recording.unlinked';
  readonly recording: string;
  readonly incident: string;
}

export interface AccessAuthorised extends Stated {
  readonly type: 'access.authorised';
  readonly recording: string;
  readonly person: string;
  readonly by: string;
  /** RFC 3339. */
  readonly expiresAt: string;
}

export interface AccessRevoked extends Stated {
  readonly type: 'access.revoked';
  readonly recording: string;
  readonly person: string;
  readonly by: string;
}

export interface OrderFact extends Stated {
  /** A court's seal stops all viewing; a legal hold stops deletion and has no say in viewing. */
  readonly type: 'recording.sealed' | 'recording.unsealed' | 'hold.placed' | 'hold.lifted';
  readonly recording: string;
  readonly by: string;
  readonly reason: string;
}

/** A dock has destroyed what it held of a recording, as it was allowed to. */
export interface RecordingDestroyed extends Stated {
  readonly type: 'recording.destroyed';
  readonly recording: string;
  /** SHA-256 of the encoded SignedManifest, hex. */
  readonly manifestHash: string;
  /** Index of the entry that says so in the ledger of that dock. */
  readonly entry: number;
}

/** From `from` on, decisions about recordings of this agency's officers follow this regime. Only the service itself says so. */
export interface RegimeAdopted extends Stated {
  readonly type: 'regime.adopted';
  /** The `org` of the officer who recorded; empty for everybody whose agency has no adoption of its own. */
  readonly agency: string;
  readonly regime: string;
  /** SHA-256 of the policies, hex. */
  readonly policySet: string;
  /** RFC 3339. */
  readonly from: string;
}

/** One attested event. Corrections are new facts: an old one is never changed. */
export type Fact =
  | PersonEnrolled
  | ForceClassified
  | IncidentFact
  | InvolvementFact
  | ReportFact
  | StatementGiven
  | StatementWithdrawn
  | CaseFact
  | RecordingRegistered
  | RecordingDestroyed
  | LinkFact
  | AccessAuthorised
  | AccessRevoked
  | OrderFact
  | RegimeAdopted;

export type FactType = Fact['type'];

export const FACT_TYPES = [
  'person.enrolled',
  'incident.opened',
  'force.classified',
  'misconduct.alleged',
  'officer.involved',
  'recording.registered',
  'recording.destroyed',
  'recording.linked',
  'recording.unlinked',
  'report.filed',
  'report.supplemented',
  'report.withdrawn',
  'statement.given',
  'statement.withdrawn',
  'interview.scheduled',
  'interview.held',
  'access.authorised',
  'access.revoked',
  'case.assigned',
  'case.unassigned',
  'recording.sealed',
  'recording.unsealed',
  'hold.placed',
  'hold.lifted',
  'regime.adopted',
] as const satisfies readonly FactType[];

/** A fact as stored: who said it, when it arrived, and its place in the one order that decisions follow. */
export interface Entry {
  /** 1, 2, 3, … without gaps; 0 stands for "no fact yet". */
  readonly index: number;
  readonly source: string;
  /** RFC 3339, by this service's clock. */
  readonly receivedAt: string;
  readonly fact: Fact;
}

/** Somebody who may post facts; known by the bearer token. */
export interface Source {
  readonly name: string;
  /** Fact types this source may assert; `*` is all of them. */
  readonly may: ReadonlySet<string>;
}

/** The name under which the service itself asserts who is enrolled and which regime holds. No token has it. */
export const OWN_SOURCE = 'policy';

/** What the service alone may assert: not even a source that may assert everything. */
export const OWN_FACTS: ReadonlySet<FactType> = new Set(['regime.adopted']);

/** What a fact is about, for indexes and announcements. */
export function subjects(fact: Fact): {
  readonly incident?: string;
  readonly recording?: string;
  readonly person?: string;
} {
  return {
    ...('incident' in fact ? { incident: fact.incident } : {}),
    ...('recording' in fact ? { recording: fact.recording } : {}),
    ...('person' in fact ? { person: fact.person } : {}),
  };
}
