import type { CustodyEntry, UnknownEntry } from '../../proto/custody-entry.ts';

/** How to name the people of a timeline, whom the ledger knows by pseudonym only. */
export interface Cast {
  readonly you: string;
  readonly officer: string;
}

const PURPOSES: Readonly<Record<string, string>> = {
  write_report: 'to write a report',
  supplement_report: 'to supplement a report',
  interview_preparation: 'to prepare for an interview',
  investigation: 'to investigate',
  oversight: 'to review a case',
  disclosure: 'for disclosure',
};

const REPAIRS = {
  mirror: 'a second copy',
  camera: 'a camera',
  index: "the dock's index",
  disk: 'the disk itself, which gives it back again',
} as const;

/** Fact types in plain words, as something that one can wait for. */
const FACTS: Readonly<Record<string, string>> = {
  'report.filed': 'an initial report',
  'statement.given': 'a statement',
  'recording.registered': 'its registration',
  'recording.linked': 'the link to its incident',
  'recording.unsealed': 'the court’s seal to be lifted',
  'access.authorised': 'an authorisation',
  'case.assigned': 'a case assignment',
  'force.classified': 'the classification of force',
  'interview.scheduled': 'an interview to be scheduled',
  'interview.held': 'an interview to be held',
  'officer.involved': 'the involvement to be recorded',
  'person.enrolled': 'the person’s enrolment',
};

const REASONS: Readonly<Record<string, string>> = {
  'missing-facts': 'a fact it rests on is missing',
  'not-allowed': 'the rules do not allow it',
  withheld: 'the rules do not allow it',
  'package-withheld': 'the rules do not allow it',
  'policy-unreachable': 'the policy service could not be asked',
  'ledger-fault': 'this dock could not record a decision',
};

/** A custody entry as one sentence for people. */
export function inWords(entry: CustodyEntry | UnknownEntry, cast: Cast): string {
  switch (entry.type) {
    case 'unknown':
      return `An event of a kind this dock does not know: ${entry.named}.`;
    case 'device.enrolled':
      return `Camera ${entry.camera} was enrolled.`;
    case 'accepted':
      return `Taken into custody from camera ${entry.camera} over ${wire(entry.transport)}: ${entry.chunks} chunks, ${megabytes(entry.bytes)}. Every chunk matched the camera's signed manifest.`;
    case 'refused':
      return `Refused and quarantined: ${entry.reason}.`;
    case 'erased':
      return `Camera ${entry.camera} checked the receipt and erased its copy.`;
    case 'released':
      return `Released to ${who(entry.person, cast)} (regime ${entry.regime})${exception(entry.authorisedUntil)}.`;
    case 'withheld':
      return `Withheld from ${who(entry.person, cast)}: ${withheld(entry.reason, entry.missing)}.`;
    case 'revoked':
      return `The release to ${who(entry.person, cast)} ended: ${withheld(entry.reason, [])}.`;
    case 'granted':
      return `Opened by ${who(entry.person, cast)} ${forWhat(entry.purpose)}${exception(entry.authorisedUntil)}.`;
    case 'denied':
      return `${entry.count === 1 ? 'An attempt' : `${entry.count} attempts`} by ${who(entry.person, cast)} to ${entry.reason === 'package-withheld' ? 'take its evidence package' : 'open it'} ${entry.count === 1 ? 'was' : 'were'} refused.`;
    case 'viewed':
      return `Viewed by ${who(entry.person, cast)}.`;
    default:
      return keepingInWords(entry, cast);
  }
}

type Keeping = Exclude<
  CustodyEntry,
  {
    type:
      | 'device.enrolled'
      | 'accepted'
      | 'refused'
      | 'erased'
      | 'released'
      | 'withheld'
      | 'revoked'
      | 'granted'
      | 'denied'
      | 'viewed';
  }
>;

/** What happens to a recording, and to the dock itself, after custody was taken. */
function keepingInWords(entry: Keeping, cast: Cast): string {
  switch (entry.type) {
    case 'exported':
      return exported(entry, cast);
    case 'started':
      return `The dock was started (holdfast ${entry.version}).`;
    case 'config.changed':
      return 'The configuration of the dock changed.';
    case 'clock.stepped':
      return `The clock of the dock jumped by ${(entry.stepUs / 1_000_000).toFixed(3)} s.`;
    case 'missing':
      return `Missing from camera ${entry.camera}: ${absence(entry)}.`;
    case 'found':
      return `No longer missing from camera ${entry.camera}: ${absence(entry)} (${entry.because}).`;
    case 'damaged':
      return `The disk no longer gives back ${piece(entry)} as it was accepted${entry.copyIn === undefined ? '' : `; camera ${entry.copyIn} may still hold a copy`}.`;
    case 'repaired':
      return `Repaired from ${REPAIRS[entry.from]}: ${piece(entry)}.`;
    case 'hold.placed':
      return 'A legal hold was placed: nothing of it may be destroyed.';
    case 'hold.lifted':
      return 'A legal hold was lifted.';
    case 'retained':
      return `To be kept until ${entry.until.slice(0, 10)} (rule ${entry.rule}).`;
    case 'destroyed':
      return `Its time was over (rule ${entry.rule}): the keys and ${megabytes(entry.bytes)} of content were destroyed. Manifest and ledger stay.`;
    default:
      return entry satisfies never;
  }
}

function exported({ form, person }: Extract<CustodyEntry, { type: 'exported' }>, cast: Cast): string {
  const by = person === undefined ? 'was made' : `was made by ${who(person, cast)}`;
  return form === 'sealed'
    ? `An evidence package with the sealed recording ${by}.`
    : `An evidence package with the opened recording ${by}, under a grant.`;
}

function absence({
  kind,
  counterFrom,
  counterTo,
}: Extract<CustodyEntry, { type: 'missing' | 'found' }>): string {
  const numbers =
    counterFrom === counterTo ? `${counterFrom ?? ''}` : `${counterFrom ?? ''} to ${counterTo ?? ''}`;
  switch (kind) {
    case 'gap':
      return `recording ${numbers}`;
    case 'broken-link':
      return 'the recording before this one is not the one it names';
    case 'overdue':
      return 'it left and has not come back';
    case 'partial':
      return 'an upload that stopped half-way';
    default:
      return kind satisfies never;
  }
}

function piece({ what, chunk }: Extract<CustodyEntry, { type: 'damaged' | 'repaired' }>): string {
  return chunk === undefined ? `its ${what}` : `${what} ${chunk}`;
}

function exception(until: string | undefined): string {
  return until === undefined
    ? ''
    : `, by an authorisation that ends at ${until.slice(0, 16).replace('T', ' ')} UTC`;
}

function megabytes(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function wire(transport: 'serial' | 'mqtt'): string {
  return transport === 'serial' ? 'a serial line' : 'MQTT';
}

/** A person by their part in it; the ledger names nobody. */
export function who(pseudonym: string, { you, officer }: Cast): string {
  if (pseudonym === you) return 'you';
  if (pseudonym === officer) return 'the recording officer';
  return `another person (${pseudonym.slice(0, 8)})`;
}

/** Why it is or was withheld. */
function withheld(reason: string, missing: readonly string[]): string {
  return missing.length > 0 ? `waiting for ${waitsFor(missing)}` : ofRules(reason);
}

/** Missing facts, as something that one can wait for. */
export function waitsFor(missing: readonly string[]): string {
  return missing.map((fact) => FACTS[fact] ?? fact).join(' and ');
}

/** The code of a refusal in words. */
export function ofRules(reason: string): string {
  return REASONS[reason] ?? reason;
}

/** What somebody said that they wanted it for. */
export function forWhat(purpose: string): string {
  return PURPOSES[purpose] ?? `for ${purpose}`;
}
