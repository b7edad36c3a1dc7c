import type { EntryOf } from '../../proto/custody-fields.ts';
import type { RecordingId } from '../../proto/ids.ts';
import type { Ledger } from '../ports.ts';
import { entriesFrom } from '../release/history.ts';

/** One piece of a recording, in the words of the ledger. */
export interface DamagedPiece {
  readonly what: EntryOf<'damaged'>['what'];
  readonly chunk?: number | undefined;
}

type Damaged = EntryOf<'damaged'>;

/** What the ledger says is damaged and not repaired, and which cameras have said that they erased their copy. */
export class DamageBook {
  readonly #ledger: Ledger;
  readonly #open = new Map<RecordingId, Map<string, Damaged>>();
  readonly #erased = new Set<RecordingId>();
  #next = 0;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Reads what is new in the ledger. Rejects with what it throws. */
  async readOn(): Promise<void> {
    for await (const { index, entry } of entriesFrom(this.#ledger, this.#next)) {
      // Two readers may come side by side: every entry counts once.
      if (index !== this.#next) continue;
      this.#next = index + 1;
      if (entry.type === 'erased') this.#erased.add(entry.recording);
      else if (entry.type === 'damaged') this.#of(entry.recording).set(pieceKey(entry), entry);
      else if (entry.type === 'repaired') this.#open.get(entry.recording)?.delete(pieceKey(entry));
      else if (entry.type === 'destroyed') this.#open.delete(entry.recording);
    }
  }

  /** What was named damaged and has not been repaired since. */
  open(recording: RecordingId): readonly Damaged[] {
    return [...(this.#open.get(recording)?.values() ?? [])];
  }

  isOpen(recording: RecordingId, piece: DamagedPiece): boolean {
    return this.#open.get(recording)?.has(pieceKey(piece)) ?? false;
  }

  /** The camera has said so. It says so only once it holds a receipt. */
  isErased(recording: RecordingId): boolean {
    return this.#erased.has(recording);
  }

  #of(recording: RecordingId): Map<string, Damaged> {
    const open = this.#open.get(recording) ?? new Map<string, Damaged>();
    this.#open.set(recording, open);
    return open;
  }
}

/** Tells the pieces of one recording apart. */
export function pieceKey({ what, chunk }: DamagedPiece): string {
  return `${what} ${chunk ?? ''}`;
}
