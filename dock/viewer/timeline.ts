import { decodeEntry, type CustodyEntry, type UnknownEntry } from '../../proto/custody-entry.ts';
import type { RecordingId } from '../../proto/ids.ts';
import type { Ledger } from '../ports.ts';
import { entriesFrom, type IndexedEntry } from '../release/history.ts';
import { actor, reasonsOf, receivedIn } from './entry-details.ts';
import { type Cast, inWords } from './entry-words.ts';
import type { Custody, CustodyEvent } from './schema/custody.ts';
import type { Event } from './schema/recordings.ts';

const EVENTS_MAX = 500;

type Denied = Extract<CustodyEntry, { type: 'denied' }>;

/** Entries about refused attempts, newest first. */
export interface DeniedPage {
  readonly entries: readonly { readonly index: number; readonly entry: Denied }[];
  /** Of all that were asked about. */
  readonly total: number;
  /** Where the entries in front of these end; absent when there are none. */
  readonly earlier?: number;
}

interface Epoch {
  readonly index: number;
  readonly epoch: number;
}

/** Which ledger entries are about which recording. Reads each entry of the ledger once. */
export class Timelines {
  readonly #ledger: Ledger;
  readonly #indices = new Map<string, number[]>();
  readonly #epochs: Epoch[] = [];
  readonly #denied: { readonly index: number; readonly recording: string }[] = [];
  #next = 0;
  #reading: Promise<void> | undefined;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** The newest events of one recording, oldest first. Throws ProofError BAD_ENTRY or the ledger's error. */
  async of(recordingId: RecordingId, cast: Cast): Promise<readonly Event[]> {
    const indices = (await this.#indicesOf(recordingId)).slice(-EVENTS_MAX);
    const entries = await Promise.all(indices.map((index) => this.#entry(index)));
    return entries.map((one) => eventOf(one, cast));
  }

  /** At most `limit` events, the newest of those in front of the entry `before`. Throws as {@link of}. */
  async page(
    recordingId: RecordingId,
    cast: Cast,
    { before, limit }: { readonly before?: number | undefined; readonly limit: number },
  ): Promise<Custody> {
    const all = await this.#indicesOf(recordingId);
    const upTo = before === undefined ? all : all.slice(0, all.findLastIndex((index) => index < before) + 1);
    const indices = upTo.slice(-limit);
    const entries = await Promise.all(indices.map((index) => this.#entry(index)));
    const [first] = indices;
    return {
      events: entries.map((one) => this.#eventOf(one, cast)),
      total: all.length,
      ...(first === undefined || upTo.length === indices.length ? {} : { earlier: first }),
    };
  }

  /** At most `limit` refused attempts on recordings that `of` holds of, the newest of those in front of the entry `before`. Throws as {@link of}. */
  async denials({
    of,
    before = Number.POSITIVE_INFINITY,
    limit,
  }: {
    readonly of: (recording: string) => boolean;
    readonly before?: number | undefined;
    readonly limit: number;
  }): Promise<DeniedPage> {
    await this.#upToNow();
    const all = this.#denied.filter(({ recording }) => of(recording));
    const upTo = all.filter(({ index }) => index < before);
    const shown = upTo.slice(-limit);
    const entries = await Promise.all(shown.map(({ index }) => this.#entry(index)));
    const [first] = shown;
    return {
      entries: entries
        .toReversed()
        .flatMap(({ index, entry }) => (entry.type === 'denied' ? [{ index, entry }] : [])),
      total: all.length,
      ...(first === undefined || upTo.length === shown.length ? {} : { earlier: first.index }),
    };
  }

  async #upToNow(): Promise<void> {
    this.#reading ??= this.#readOn().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  async #indicesOf(recordingId: RecordingId): Promise<readonly number[]> {
    await this.#upToNow();
    return this.#indices.get(recordingId) ?? [];
  }

  async #entry(index: number): Promise<IndexedEntry> {
    const [bytes] = await this.#ledger.read(index, index + 1);
    if (bytes === undefined) throw new TypeError(`entry ${index} was in the ledger and is not`);
    return { index, entry: decodeEntry(bytes) };
  }

  #eventOf(one: IndexedEntry, cast: Cast): CustodyEvent {
    const epoch = this.#epochs.findLast(({ index }) => index < one.index)?.epoch;
    const received = receivedIn(one.entry);
    return {
      ...eventOf(one, cast),
      who: actor(one.entry, cast),
      reasons: reasonsOf(one.entry, cast),
      ...(epoch === undefined ? {} : { epoch }),
      ...(received === undefined ? {} : { received }),
    };
  }

  async #readOn(): Promise<void> {
    for await (const { index, entry } of entriesFrom(this.#ledger, this.#next)) {
      this.#next = index + 1;
      if (entry.type === 'started' || entry.type === 'clock.stepped')
        this.#epochs.push({ index, epoch: entry.epoch });
      const recording = recordingOf(entry);
      if (recording === undefined) continue;
      if (entry.type === 'denied') this.#denied.push({ index, recording });
      const indices = this.#indices.get(recording);
      if (indices === undefined) this.#indices.set(recording, [index]);
      else indices.push(index);
    }
  }
}

/** The recording that an entry names. */
export function recordingOf(entry: CustodyEntry | UnknownEntry): string | undefined {
  if (entry.type === 'unknown') {
    const { recording } = entry.fields;
    return typeof recording === 'string' ? recording : undefined;
  }
  return 'recording' in entry ? entry.recording : undefined;
}

/** An entry in plain words, with the place in the ledger where it can be checked. */
export function eventOf({ index, entry }: IndexedEntry, cast: Cast): Event {
  const type = entry.type === 'unknown' ? entry.named : entry.type;
  return { index, type, at: entry.at, text: inWords(entry, cast) };
}
