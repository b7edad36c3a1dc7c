import type { PersonId, RecordingId } from '../../proto/ids.ts';
import type { MissingFact, PolicyEvent } from '../ports.ts';
import type { Level } from './queue.ts';
import type { Known } from './status.ts';

type Fact = Extract<PolicyEvent, { readonly event: 'fact' }>;

/** What matters about a pair when deciding how soon to ask again. */
export interface Asked {
  readonly recordingId: RecordingId;
  readonly person: PersonId;
  readonly known: Known;
  readonly stake: boolean;
  /** It has a live session. */
  readonly live: boolean;
}

/**
 * How soon a pair should be asked about again after an event, or undefined for not at all. A released pair comes
 * first, since it may have to close, beside those that wait for just this fact.
 */
export function urgency(pair: Asked, event: PolicyEvent): Level | undefined {
  const watched = pair.live || pair.known.at === 'released';
  if (event.event !== 'fact') {
    if (watched) return 0;
    return pair.stake ? 1 : 2;
  }
  if (isOfAnother(pair, event) || isElsewhere(pair, event)) return undefined;
  if (watched) return 0;
  const left = stillMissing(pair.known, event);
  const waits = left.length < missingIn(pair.known).length;
  const named = event.recording === pair.recordingId || event.person === pair.person;
  if (pair.stake || named) return waits ? 0 : 1;
  // Nobody gets a stake by a fact that names neither them nor the recording, and fewer facts than are missing allow nothing.
  return waits && left.length === 0 ? 0 : undefined;
}

/** What is known of a pair that is not asked about after this fact: it waits for the others still. */
export function knownAfter(pair: Asked, event: PolicyEvent): Known {
  const { known } = pair;
  if (known.at !== 'withheld' || event.event !== 'fact') return known;
  if (isOfAnother(pair, event) || isElsewhere(pair, event)) return known;
  const missing = stillMissing(known, event);
  return missing.length < known.missing.length ? { ...known, missing } : known;
}

// Facts that say who made a recording and what it belongs to, and with that who took part in an incident: they can
// open and close every other recording of it.
const OF_INCIDENTS: ReadonlySet<string> = new Set([
  'recording.registered',
  'recording.linked',
  'recording.unlinked',
]);

/** A seal or an authorisation of one recording says nothing about the others. */
function isOfAnother({ recordingId }: Asked, { type, recording }: Fact): boolean {
  return recording !== undefined && recording !== recordingId && !OF_INCIDENTS.has(type);
}

/** The recordings that any of these can change, where the policy service has named them for each; otherwise undefined. */
export function namedBy(events: readonly PolicyEvent[]): readonly string[] | undefined {
  const named = events.map((event) => (event.event === 'fact' ? event.recordings : undefined));
  return named.includes(undefined) ? undefined : [...new Set(named.flatMap((ids) => ids ?? []))];
}

/** The policy service has named what the fact can change, and this is not among it. What it forgot, a sweep finds in its time. */
function isElsewhere({ recordingId }: Asked, { recordings }: Fact): boolean {
  return recordings !== undefined && !recordings.includes(recordingId);
}

function missingIn(known: Known): readonly MissingFact[] {
  return known.at === 'withheld' ? known.missing : [];
}

/** What a pair waits for once this fact has come. */
function stillMissing(known: Known, event: Fact): readonly MissingFact[] {
  const isSame = (one: string | undefined, other: string | undefined): boolean =>
    one === undefined || other === undefined || one === other;
  return missingIn(known).filter(
    ({ fact, incident, person }) =>
      fact !== event.type || !isSame(incident, event.incident) || !isSame(person, event.person),
  );
}
