import type { CustodyEntry, UnknownEntry } from '../../proto/custody-entry.ts';
import type { EntryOf, HexDigest } from '../../proto/custody-fields.ts';
import type { RecordingId } from '../../proto/ids.ts';
import { parseInstant } from '../../proto/instant.ts';
import type { Ledger } from '../ports.ts';
import { entriesFrom } from '../release/history.ts';

/** One recording in custody, as the ledger has it. */
export interface InCustody {
  readonly recording: RecordingId;
  /** By the dock's clock at that time, microseconds since 1970. */
  readonly acceptedUs: number;
  /** How far the dock's clock had been set by then, all its known jumps together. */
  readonly steppedUs: number;
  readonly manifest: HexDigest;
  /** Empty when it is not sealed. */
  readonly wraps: HexDigest;
  readonly bytes: number;
}

/** Until when a recording is kept, as the ledger says last. */
export interface Term {
  readonly untilUs: number;
  readonly rule: string;
}

export interface Ended {
  readonly index: number;
  readonly entry: EntryOf<'destroyed'>;
}

const US_PER_DAY = 86_400_000_000;

/** What the ledger says about the end of each recording: since when it is in custody, until when it is kept, who holds it. */
export class RetentionBook {
  readonly #ledger: Pick<Ledger, 'checkpoint' | 'read'>;
  readonly #custody = new Map<RecordingId, InCustody>();
  readonly #terms = new Map<RecordingId, Term>();
  readonly #ended = new Map<RecordingId, Ended>();
  /** Holds in force: how many by whom; a hold of an unknown origin is by nobody. */
  readonly #holds = new Map<RecordingId, Map<string, number>>();
  readonly #heldSince = new Map<RecordingId, string>();
  /** Facts of the policy service that are in the ledger. */
  readonly #facts = new Set<HexDigest>();
  #steppedUs = 0;
  #next = 0;

  constructor(ledger: Pick<Ledger, 'checkpoint' | 'read'>) {
    this.#ledger = ledger;
  }

  /** Reads what is new in the ledger. Rejects with what it throws. */
  async readOn(): Promise<void> {
    for await (const { index, entry } of entriesFrom(this.#ledger, this.#next)) {
      // Two readers may come side by side: every entry counts once.
      if (index !== this.#next) continue;
      this.#next = index + 1;
      this.#take(entry, index);
    }
  }

  /** What was accepted and not destroyed. */
  inCustody(): readonly InCustody[] {
    return [...this.#custody.values()];
  }

  isKnown(recording: string): boolean {
    return [this.#custody, this.#ended].some((map: ReadonlyMap<string, unknown>) => map.has(recording));
  }

  ended(): readonly Ended[] {
    return [...this.#ended.values()];
  }

  term(recording: RecordingId): Term | undefined {
    return this.#terms.get(recording);
  }

  /** When a recording that is kept for so many days may end, by today's reading of the dock's clock. */
  endUs({ acceptedUs, steppedUs }: InCustody, days: number): number {
    // A clock that was set since then makes nothing older or younger.
    return acceptedUs + days * US_PER_DAY + (this.#steppedUs - steppedUs);
  }

  isHeld(recording: RecordingId): boolean {
    return (this.#holds.get(recording)?.size ?? 0) > 0;
  }

  /** Recordings under a hold, and since when the oldest one that was never lifted is in the ledger. */
  held(): readonly { readonly recording: RecordingId; readonly since: string }[] {
    return [...this.#heldSince].map(([recording, since]) => ({ recording, since }));
  }

  hasFact(digest: HexDigest): boolean {
    return this.#facts.has(digest);
  }

  #take(entry: CustodyEntry | UnknownEntry, index: number): void {
    if (entry.type === 'accepted') this.#accepted(entry);
    else if (entry.type === 'clock.stepped') this.#steppedUs += entry.stepUs;
    else if (entry.type === 'retained')
      this.#terms.set(entry.recording, { untilUs: parseInstant(entry.until) ?? 0, rule: entry.rule });
    else if (entry.type === 'hold.placed' || entry.type === 'hold.lifted') this.#ordered(entry);
    else if (entry.type === 'destroyed') this.#destroyed({ index, entry });
  }

  #destroyed(ended: Ended): void {
    const { recording, manifest } = ended.entry;
    // What was refused under the same id is another recording, whatever became of it.
    if (this.#custody.get(recording)?.manifest !== manifest) return;
    this.#ended.set(recording, ended);
    this.#custody.delete(recording);
    this.#terms.delete(recording);
  }

  #accepted({ recording, at, manifest, wraps = '', bytes }: EntryOf<'accepted'>): void {
    const acceptedUs = parseInstant(at) ?? 0;
    if (this.#ended.has(recording)) return;
    this.#custody.set(recording, {
      recording,
      acceptedUs,
      steppedUs: this.#steppedUs,
      manifest,
      wraps,
      bytes,
    });
  }

  #ordered({ type, recording, by = '', fact, at }: EntryOf<'hold.placed' | 'hold.lifted'>): void {
    if (fact !== undefined && this.#facts.has(fact)) return;
    if (fact !== undefined) this.#facts.add(fact);
    const holds = this.#holds.get(recording) ?? new Map<string, number>();
    this.#holds.set(recording, holds);
    const count = Math.max(0, (holds.get(by) ?? 0) + (type === 'hold.placed' ? 1 : -1));
    if (count === 0) holds.delete(by);
    else holds.set(by, count);
    if (holds.size === 0) this.#heldSince.delete(recording);
    else if (!this.#heldSince.has(recording)) this.#heldSince.set(recording, at);
  }
}
