import { type CustodyEntry, decodeEntry, type UnknownEntry } from '../../../proto/custody-entry.ts';
import type { EntryOf } from '../../../proto/custody-fields.ts';
import { ProofError } from '../../../proto/errors.ts';
import { TILE_WIDTH } from '../../../proto/tile.ts';
import { entriesOf, readBundleFile, widthOf } from './blocks.ts';
import type { Findings } from './finding.ts';
import { Sequence } from './sequence.ts';
import type { CheckedTree } from './tree.ts';

/** An entry and where it stands in the log. */
export interface Placed<Entry> {
  readonly index: number;
  readonly entry: Entry;
}

/** What the log says happened, as far as checking the store needs it. */
export interface History {
  readonly enrolled: readonly Placed<EntryOf<'device.enrolled'>>[];
  readonly accepted: readonly Placed<EntryOf<'accepted'>>[];
  readonly refused: readonly Placed<EntryOf<'refused'>>[];
  /** How many entries of each type. */
  readonly counts: ReadonlyMap<string, number>;
}

/**
 * Reads every entry in order, checks that it is one, and that the dock's own rules allow it where it stands. Entries
 * that are not what was signed are left out: nothing may be concluded from them, nor from their absence.
 */
export async function readHistory(
  dir: string,
  log: Pick<CheckedTree, 'readable' | 'distrusted' | 'whole'>,
  findings: Findings,
): Promise<History> {
  const reader = new HistoryReader(findings, log.whole ? new Sequence() : undefined);
  for (let start = 0; start < log.readable; start += TILE_WIDTH) {
    const index = start / TILE_WIDTH;
    const { path, bytes } = await readBundleFile(dir, { index, width: widthOf(log.readable, index) });
    const entries = bytes && entriesOf(bytes);
    entries?.slice(0, log.readable - start).forEach((entry, at) => {
      if (!log.distrusted.has(start + at)) reader.read(entry, { file: path, index: start + at });
    });
  }
  return reader.history();
}

class HistoryReader {
  readonly #findings: Findings;
  /** Undefined in a log with holes: what is missing would only seem to break a rule. */
  readonly #sequence: Sequence | undefined;
  readonly #enrolled: Placed<EntryOf<'device.enrolled'>>[] = [];
  readonly #accepted: Placed<EntryOf<'accepted'>>[] = [];
  readonly #refused: Placed<EntryOf<'refused'>>[] = [];
  readonly #counts = new Map<string, number>();

  constructor(findings: Findings, sequence: Sequence | undefined) {
    this.#findings = findings;
    this.#sequence = sequence;
  }

  read(bytes: Uint8Array, at: { readonly file: string; readonly index: number }): void {
    const entry = decoded(bytes);
    if (entry instanceof ProofError) {
      this.#findings.add({ code: 'entry-malformed', ...at, message: entry.message });
      return;
    }
    const name = entry.type === 'unknown' ? entry.named : entry.type;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    if (entry.type === 'unknown') {
      // Once a type: a log of another program has nothing else.
      if (this.#counts.get(name) !== 1) return;
      this.#findings.add({
        code: 'entry-unknown',
        ...at,
        message: `is of type "${name}", unknown to this version`,
      });
      return;
    }
    const broken = this.#sequence?.judge(entry);
    if (broken !== undefined) this.#findings.add({ code: 'sequence', ...at, message: broken });
    this.#keep(entry, at.index);
  }

  history(): History {
    return {
      enrolled: this.#enrolled,
      accepted: this.#accepted,
      refused: this.#refused,
      counts: this.#counts,
    };
  }

  #keep(entry: CustodyEntry, index: number): void {
    if (entry.type === 'device.enrolled') this.#enrolled.push({ index, entry });
    if (entry.type === 'accepted') this.#accepted.push({ index, entry });
    if (entry.type === 'refused') this.#refused.push({ index, entry });
  }
}

function decoded(bytes: Uint8Array): CustodyEntry | UnknownEntry | ProofError {
  try {
    return decodeEntry(bytes);
  } catch (error) {
    if (error instanceof ProofError) return error;
    throw error;
  }
}
