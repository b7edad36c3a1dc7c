import { decodeEntry, type CustodyEntry, type UnknownEntry } from '../../proto/custody-entry.ts';
import type { Ledger } from '../ports.ts';
import { detailOf, type Recorded } from './status.ts';

export interface IndexedEntry {
  readonly index: number;
  readonly entry: CustodyEntry | UnknownEntry;
}

// Large enough to make a long ledger quick to read, small enough to hold in memory at 64 KiB an entry.
const ENTRIES_PER_READ = 256;

/** Every published entry from `start` on, in order. Throws ProofError BAD_ENTRY when one cannot be read. */
export async function* entriesFrom(
  ledger: Pick<Ledger, 'checkpoint' | 'read'>,
  start: number,
): AsyncGenerator<IndexedEntry, void, void> {
  const { size } = await ledger.checkpoint();
  for (let next = start; next < size; ) {
    const bundle = await ledger.read(next, Math.min(next + ENTRIES_PER_READ, size));
    if (bundle.length === 0) return;
    for (const bytes of bundle) {
      yield { index: next, entry: decodeEntry(bytes) };
      next += 1;
    }
  }
}

/** The key of a pair in the ledger's own terms, which name nobody. */
export function recordKey(recording: string, pseudonym: string): string {
  return `${recording}/${pseudonym}`;
}

/** What a dock remembers of its ledger, by {@link recordKey}. */
export interface History {
  readonly recorded: Map<string, Recorded>;
  /** The pairs of whom bytes have left. */
  readonly viewed: Set<string>;
}

/**
 * What the ledger says last about every pair. Read once at start, so that a restart neither repeats a release
 * nor forgets to end one: the first deny after a recorded release becomes a `revoked` entry.
 */
export async function lastRecorded(ledger: Ledger): Promise<History> {
  const viewed = new Set<string>();
  const recorded = new Map<string, Recorded>();
  for await (const { index, entry } of entriesFrom(ledger, 0)) {
    if (entry.type === 'released' || entry.type === 'revoked') {
      recorded.set(recordKey(entry.recording, entry.person), { says: entry.type, index });
    } else if (entry.type === 'withheld') {
      const detail = detailOf(entry.reason, entry.missing, entry.regime);
      recorded.set(recordKey(entry.recording, entry.person), { says: 'withheld', index, detail });
    } else if (entry.type === 'viewed') {
      viewed.add(recordKey(entry.recording, entry.person));
    }
  }
  return { recorded, viewed };
}
