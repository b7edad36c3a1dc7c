import { type CustodyEntry, decodeEntry, type UnknownEntry } from '../../../proto/custody-entry.ts';
import type { EntryOf } from '../../../proto/custody-fields.ts';
import { ProofError } from '../../../proto/errors.ts';
import { TILE_WIDTH } from '../../../proto/tile.ts';
import { entriesOf, readBundleFile, widthOf } from './blocks.ts';
import { ClockWatch } from './clock.ts';
import type { Findings } from './finding.ts';
import { Losses } from './losses.ts';
import type { Placed } from './placed.ts';
import { Sequence } from './sequence.ts';
import type { CheckedTree } from './tree.ts';

/** What the log says happened, as far as checking the store needs it. */
export interface History {
  readonly enrolled: readonly Placed<EntryOf<'device.enrolled'>>[];
  readonly accepted: readonly Placed<EntryOf<'accepted'>>[];
  readonly refused: readonly Placed<EntryOf<'refused'>>[];
  readonly missing: readonly Placed<EntryOf<'missing'>>[];
  /** By manifest: one recording id may have been accepted and refused. */
  readonly destroyed: ReadonlyMap<string, Placed<EntryOf<'destroyed'>>>;
  /** Where each epoch of the dock's clock begins. */
  readonly epochs: ReadonlyMap<number, Placed<EntryOf<'started'> | EntryOf<'clock.stepped'>>>;
  /** The last entry of the log that could be read. */
  readonly end: Placed<CustodyEntry> | undefined;
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
  const reader = new HistoryReader(findings, log.whole);
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

/** What an entry's bytes say, or why they say nothing. */
export function decoded(bytes: Uint8Array): CustodyEntry | UnknownEntry | ProofError {
  try {
    return decodeEntry(bytes);
  } catch (error) {
    if (error instanceof ProofError) return error;
    throw error;
  }
}

interface Place {
  readonly file: string;
  readonly index: number;
}

class HistoryReader {
  readonly #findings: Findings;
  /** In a log with holes what is missing would only seem to break a rule. */
  readonly #isWhole: boolean;
  readonly #sequence = new Sequence();
  readonly #clock: ClockWatch;
  readonly #losses = new Losses();
  readonly #enrolled: Placed<EntryOf<'device.enrolled'>>[] = [];
  readonly #accepted: Placed<EntryOf<'accepted'>>[] = [];
  readonly #refused: Placed<EntryOf<'refused'>>[] = [];
  readonly #missing: Placed<EntryOf<'missing'>>[] = [];
  readonly #destroyed = new Map<string, Placed<EntryOf<'destroyed'>>>();
  readonly #epochs = new Map<number, Placed<EntryOf<'started'> | EntryOf<'clock.stepped'>>>();
  readonly #counts = new Map<string, number>();
  #end: Placed<CustodyEntry> | undefined;

  constructor(findings: Findings, isWhole: boolean) {
    this.#findings = findings;
    this.#isWhole = isWhole;
    this.#clock = new ClockWatch(findings);
  }

  read(bytes: Uint8Array, at: Place): void {
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
    if (this.#isWhole) this.#judge(entry, at);
    this.#keep(entry, at.index);
  }

  history(): History {
    if (this.#isWhole) this.#losses.report(this.#findings);
    return {
      enrolled: this.#enrolled,
      accepted: this.#accepted,
      refused: this.#refused,
      missing: this.#missing,
      destroyed: this.#destroyed,
      epochs: this.#epochs,
      end: this.#end,
      counts: this.#counts,
    };
  }

  #judge(entry: CustodyEntry, at: Place): void {
    const broken = this.#sequence.judge(entry);
    if (broken !== undefined) this.#findings.add({ ...broken, ...at });
    this.#clock.read(entry, at);
    this.#losses.read(entry, at.index);
  }

  #keep(entry: CustodyEntry, index: number): void {
    this.#end = { index, entry };
    if (entry.type === 'device.enrolled') this.#enrolled.push({ index, entry });
    if (entry.type === 'accepted') this.#accepted.push({ index, entry });
    if (entry.type === 'refused') this.#refused.push({ index, entry });
    if (entry.type === 'missing') this.#missing.push({ index, entry });
    if (entry.type === 'destroyed') this.#destroyed.set(entry.manifest, { index, entry });
    const beginsEpoch = entry.type === 'started' || entry.type === 'clock.stepped';
    if (beginsEpoch && !this.#epochs.has(entry.epoch)) this.#epochs.set(entry.epoch, { index, entry });
  }
}
