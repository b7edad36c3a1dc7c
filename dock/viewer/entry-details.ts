import type { CustodyEntry, UnknownEntry } from '../../proto/custody-entry.ts';
import { type Cast, forWhat, ofRules, waitsFor, who } from './entry-words.ts';
import type { CustodyEvent } from './schema/custody.ts';

type Received = NonNullable<CustodyEvent['received']>;
type Reason = CustodyEvent['reasons'][number];
type Entry = CustodyEntry | UnknownEntry;

/** The one entry whose time was measured with a bound. */
export function receivedIn(entry: Entry): Received | undefined {
  if (entry.type !== 'accepted') return undefined;
  const { receivedAt: at, uncertaintyUs, basis } = entry;
  return { at, uncertaintyUs, basis };
}

/** Who did it, as far as the ledger tells: a person by their part, a camera by its name, else the dock or the policy service. */
export function actor(entry: Entry, cast: Cast): string {
  switch (entry.type) {
    case 'unknown':
      return 'not known';
    case 'erased':
      return `camera ${entry.camera}`;
    case 'granted':
    case 'denied':
    case 'viewed':
      return who(entry.person, cast);
    case 'exported':
      return entry.person === undefined ? 'the dock’s operator' : who(entry.person, cast);
    case 'hold.placed':
    case 'hold.lifted':
      return entry.by === undefined ? 'the dock’s operator' : who(entry.by, cast);
    case 'released':
    case 'withheld':
    case 'revoked':
      return entryIsSilence(entry) ? 'the dock' : 'the policy service';
    default:
      return 'the dock';
  }
}

/** Silence withholds, and nobody decided it. */
function entryIsSilence(entry: CustodyEntry): boolean {
  return (
    (entry.type === 'withheld' || entry.type === 'revoked') &&
    (entry.reason === 'policy-unreachable' || entry.reason === 'ledger-fault')
  );
}

/** What a decision rests on, and what else an entry says that its sentence does not; in words where there are any. */
export function reasonsOf(entry: Entry, cast: Cast): readonly Reason[] {
  switch (entry.type) {
    case 'released':
      return [
        ['Rules', entry.regime],
        ['Rule set', entry.policySet],
        ['Decided on', entry.newestFact < 0 ? 'no fact on file' : `facts up to number ${entry.newestFact}`],
        ...until(entry.authorisedUntil),
        ['Grant', entry.grant],
      ].map(named);
    case 'withheld':
      return [
        ...(entry.regime === '' ? [] : [['Rules', entry.regime] as const]),
        ['Reason', ofRules(entry.reason)] as const,
        ...(entry.missing.length === 0 ? [] : [['Waits for', waitsFor(entry.missing)] as const]),
      ].map(named);
    case 'revoked':
      return [named(['Reason', ofRules(entry.reason)])];
    case 'granted':
      return [
        ['Purpose', forWhat(entry.purpose)] as const,
        ...until(entry.authorisedUntil),
        ['Grant', entry.grant] as const,
      ].map(named);
    case 'denied':
      return [
        ['Purpose', forWhat(entry.purpose)] as const,
        ['Reason', ofRules(entry.reason)] as const,
        ...(entry.count === 1 ? [] : [['Attempts', String(entry.count)] as const]),
      ].map(named);
    default:
      return ofCustody(entry, cast).map(named);
  }
}

type Pair = readonly [name: string, text: string];

function ofCustody(entry: Entry, cast: Cast): readonly Pair[] {
  switch (entry.type) {
    case 'accepted':
      return [
        ['Manifest', entry.manifest],
        ['Root of its chunks', entry.root],
        ['Recorded by', who(entry.officer, cast)],
        ...(entry.copies === undefined ? [] : [['Copies', String(entry.copies)] as const]),
      ];
    case 'exported':
      return [
        ['Manifest', entry.manifest],
        ...(entry.grant === undefined ? [] : [['Grant', entry.grant] as const]),
      ];
    case 'hold.placed':
    case 'hold.lifted':
      return [['Reason', entry.reason]];
    case 'damaged':
      return [
        ['Expected', entry.expected],
        ['Found', entry.found === '' ? 'nothing' : entry.found],
      ];
    case 'destroyed':
      return [['Decision', entry.decision]];
    default:
      return [];
  }
}

function until(instant: string | undefined): readonly Pair[] {
  return instant === undefined ? [] : [['Authorised until', `${instant.slice(0, 19).replace('T', ' ')} UTC`]];
}

function named([name = '', text = '']: readonly string[]): Reason {
  return { name, text };
}
