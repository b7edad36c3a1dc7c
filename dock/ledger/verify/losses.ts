import type { CustodyEntry } from '../../../proto/custody-entry.ts';
import type { EntryOf } from '../../../proto/custody-fields.ts';
import type { Findings } from './finding.ts';
import type { Placed } from './placed.ts';

type Missing = Placed<EntryOf<'missing'>>;
type Damaged = Placed<EntryOf<'damaged'>>;

/** What the dock itself says is missing or damaged, until it says otherwise. Entries must be given in log order. */
export class Losses {
  /** By what it is: a loss that grew or shrank is another one, as the dock writes them. */
  readonly #missing = new Map<string, Missing>();
  readonly #damaged = new Map<string, Damaged>();

  read(entry: CustodyEntry, index: number): void {
    switch (entry.type) {
      case 'missing':
        this.#missing.set(absence(entry), { index, entry });
        return;
      case 'found':
        this.#missing.delete(absence(entry));
        return;
      case 'damaged':
        this.#damaged.set(piece(entry), { index, entry });
        return;
      case 'repaired':
        this.#damaged.delete(piece(entry));
        return;
      case 'destroyed':
        // What is to be gone needs no repair.
        for (const [key, { entry: lost }] of this.#damaged)
          if (lost.recording === entry.recording) this.#damaged.delete(key);
        return;
      default:
        return;
    }
  }

  /** Notes what is still missing or damaged where the log ends. */
  report(findings: Findings): void {
    for (const { index, entry } of this.#missing.values()) {
      const message = `of ${entry.camera} since ${entry.at}: ${entry.kind}${whatOf(entry)}`;
      findings.add({ code: 'missing-footage', file: 'tile/entries', index, message });
    }
    for (const { index, entry } of this.#damaged.values()) {
      const which = entry.chunk === undefined ? entry.what : `chunk ${entry.chunk}`;
      const copy = entry.copyIn === undefined ? '' : `; ${entry.copyIn} may still have a copy`;
      const message = `the dock found ${which} of ${entry.recording} damaged at ${entry.at}${copy}`;
      findings.add({ code: 'damaged', file: 'tile/entries', index, message });
    }
  }
}

const absence = (entry: EntryOf<'missing'> | EntryOf<'found'>): string =>
  [entry.camera, entry.kind, entry.counterFrom, entry.counterTo, entry.recording].join(' ');
const piece = ({ recording, what, chunk }: EntryOf<'damaged'> | EntryOf<'repaired'>): string =>
  `${recording} ${what} ${chunk ?? ''}`;

function whatOf({ counterFrom, counterTo, recording }: EntryOf<'missing'>): string {
  const numbers =
    counterFrom === counterTo ? `${counterFrom ?? ''}` : `${counterFrom ?? ''} to ${counterTo ?? ''}`;
  const counters = counterFrom === undefined ? '' : `, recording ${numbers}`;
  return recording === undefined ? counters : `${counters}, ${recording}`;
}
