import type { PersonId, RecordingId } from '../../proto/ids.ts';
import { isPersonId } from '../../proto/ids.ts';
import { peekManifest } from '../../proto/manifest.ts';
import type { Holding } from '../ports.ts';
import { UNASKED, type Known } from './status.ts';

/** One held recording, as far as release needs it. */
export interface Item {
  readonly recordingId: RecordingId;
  readonly manifestSha256: Uint8Array;
  /** Who recorded it, when the manifest names a possible person. */
  readonly officer: PersonId | undefined;
}

/** One person and one recording. The driver alone changes `known` and `stake`. */
export interface PairCell {
  readonly key: string;
  readonly item: Item;
  readonly person: PersonId;
  known: Known;
  stake: boolean;
  /** Monotonic time of the newest answer, microseconds; undefined while nobody has answered. */
  answeredAtUs: number | undefined;
}

// People who get live news besides those whose page is open. The one who has been away longest is asked about again on return.
const WATCHERS_MAX = 64;

/** Whose status is kept for which recordings: each recording's officer, and whoever asked lately for all of them. */
export class Roster {
  readonly #items = new Map<RecordingId, Item>();
  readonly #pairs = new Map<string, PairCell>();
  readonly #ofPerson = new Map<PersonId, Set<PairCell>>();
  readonly #ofRecording = new Map<string, Set<PairCell>>();
  /** In order of the last visit. */
  readonly #watchers = new Map<PersonId, readonly string[]>();
  /** How many pages each person has open. */
  readonly #pages = new Map<PersonId, number>();
  readonly #isOpen: (pair: PairCell) => boolean;

  /** `isOpen`: somebody has the recording open, or is about to. Such a pair stays, or its end would go unnoticed. */
  constructor(isOpen: (pair: PairCell) => boolean) {
    this.#isOpen = isOpen;
  }

  /** Brings the recordings up to date; returns those that are new, with their pairs. */
  hold(holdings: readonly Holding[]): {
    readonly items: readonly Item[];
    readonly pairs: readonly PairCell[];
  } {
    const items: Item[] = [];
    const pairs: PairCell[] = [];
    for (const holding of holdings) {
      if (holding.state !== 'held' || this.#items.has(holding.recordingId)) continue;
      const item = itemOf(holding);
      if (item === undefined) continue;
      this.#items.set(item.recordingId, item);
      items.push(item);
      const people = new Set(this.#watchers.keys());
      if (item.officer !== undefined) people.add(item.officer);
      for (const person of people) pairs.push(this.#pair(item, person));
    }
    return { items, pairs };
  }

  knows(recordingId: RecordingId): boolean {
    return this.#items.has(recordingId);
  }

  /** The recording is no longer held; returns the pairs there were. */
  drop(recordingId: RecordingId): readonly PairCell[] {
    this.#items.delete(recordingId);
    const dropped = this.ofRecording(recordingId);
    for (const pair of dropped) this.#remove(pair);
    this.#ofRecording.delete(recordingId);
    return dropped;
  }

  /** A person looks: they are kept informed from now on. Returns their pairs that were never asked about. */
  watch(person: PersonId, roles: readonly string[]): readonly PairCell[] {
    const changed = this.roles(person).join() !== roles.join();
    this.#watchers.delete(person);
    this.#watchers.set(person, roles);
    this.#dropOldest();
    // The newest first: they are what people ask for.
    for (const item of [...this.#items.values()].toReversed()) {
      const pair = this.#pair(item, person);
      if (changed && pair.known.at === 'withheld') pair.known = { at: 'unasked' };
    }
    return this.of(person).filter(({ known }) => known.at === 'unasked');
  }

  /** Nothing of this person's is let go until what this returns was called. */
  keep(person: PersonId): () => void {
    this.#pages.set(person, (this.#pages.get(person) ?? 0) + 1);
    return () => {
      const left = (this.#pages.get(person) ?? 1) - 1;
      if (left > 0) this.#pages.set(person, left);
      else this.#pages.delete(person);
    };
  }

  of(person: PersonId): readonly PairCell[] {
    return [...(this.#ofPerson.get(person) ?? [])];
  }

  ofRecording(recordingId: string): readonly PairCell[] {
    return [...(this.#ofRecording.get(recordingId) ?? [])];
  }

  all(): readonly PairCell[] {
    return [...this.#pairs.values()];
  }

  find(key: string): PairCell | undefined {
    return this.#pairs.get(key);
  }

  recordings(): readonly RecordingId[] {
    return [...this.#items.keys()];
  }

  /** Roles by the person's own token, or those of an officer for one who has not signed in. */
  roles(person: PersonId): readonly string[] {
    return this.#watchers.get(person) ?? ['officer'];
  }

  #pair(item: Item, person: PersonId): PairCell {
    const key = pairKey(item.recordingId, person);
    let pair = this.#pairs.get(key);
    if (pair === undefined) {
      pair = { key, item, person, known: UNASKED, stake: false, answeredAtUs: undefined };
      this.#pairs.set(key, pair);
      setOf(this.#ofPerson, person).add(pair);
      setOf(this.#ofRecording, item.recordingId).add(pair);
    }
    return pair;
  }

  #remove(pair: PairCell): void {
    this.#pairs.delete(pair.key);
    this.#ofPerson.get(pair.person)?.delete(pair);
    this.#ofRecording.get(pair.item.recordingId)?.delete(pair);
  }

  #dropOldest(): void {
    const away = [...this.#watchers.keys()].filter((person) => !this.#pages.has(person));
    // Many pages may have been closed at once.
    for (const oldest of away.slice(0, Math.max(0, away.length - WATCHERS_MAX))) {
      this.#watchers.delete(oldest);
      // The officer's own pairs stay: their release is what the dock exists for.
      for (const pair of this.of(oldest))
        if (pair.item.officer !== oldest && !this.#isOpen(pair)) this.#remove(pair);
    }
  }
}

export function pairKey(recordingId: RecordingId, person: PersonId): string {
  return `${recordingId}/${person}`;
}

function setOf<Key>(sets: Map<Key, Set<PairCell>>, key: Key): Set<PairCell> {
  const set = sets.get(key) ?? new Set();
  sets.set(key, set);
  return set;
}

function itemOf({ recordingId, manifestSha256, signedManifest }: Holding): Item | undefined {
  if (signedManifest === undefined) return undefined;
  const { officerId } = peekManifest(signedManifest);
  return { recordingId, manifestSha256, officer: isPersonId(officerId) ? officerId : undefined };
}
