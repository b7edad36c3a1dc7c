import { equal, fromBase64 } from '../../../proto/bytes.ts';
import { type Checkpoint, openCheckpoint } from '../../../proto/checkpoint.ts';
import { verifyConsistency } from '../../../proto/merkle.ts';
import { checker } from './checker.ts';

/** A checkpoint whose signature was checked. */
interface Head {
  readonly size: number;
  readonly root: Uint8Array;
  /** The signed note. */
  readonly checkpoint: string;
}

/** The ledger is not the one that this browser saw before. `seen` and `shown` are both signed by the dock: that is the evidence. */
export class SplitError extends Error {
  readonly seen: string;
  readonly shown: string;

  constructor(message: string, notes: { readonly seen: string; readonly shown: string }) {
    super(message);
    ({ seen: this.seen, shown: this.shown } = notes);
  }
}

/** Where checkpoints are kept from one visit to the next. */
export interface Kept {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
}

/** Hashes, in base64, that prove growth between two sizes; undefined when the dock answers and gives none. Rejects when nobody answers. */
export type AskGrowth = (from: number, to: number) => Promise<readonly string[] | undefined>;

/**
 * Remembers the newest checkpoint of a dock that this browser has seen, for good, and holds every later one against it. A dock that
 * shows this person another history than before is found out here, without anybody else.
 */
export class LedgerWatch {
  readonly #ask: AskGrowth;
  readonly #vkey: string;
  readonly #kept: Kept;
  readonly #held = new Map<number, Uint8Array>();
  #turn: Promise<unknown> = Promise.resolve();
  #split: SplitError | undefined;

  constructor(ask: AskGrowth, vkey: string, kept: Kept) {
    this.#ask = ask;
    this.#vkey = vkey;
    this.#kept = kept;
  }

  /** Throws SplitError when the log did not only grow, and what asking throws. One at a time, in order. */
  async see(head: Head): Promise<void> {
    const turn = this.#turn.then(() => this.#see(head));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #see(head: Head): Promise<void> {
    // Two histories do not become one because the next answer fits.
    if (this.#split !== undefined) throw this.#split;
    const known = this.#held.get(head.size);
    if (known !== undefined && equal(known, head.root)) return;
    const seen = this.#load();
    if (seen !== undefined) await this.#compare(seen, head);
    this.#held.set(head.size, head.root);
    if (seen === undefined || head.size > seen.size) this.#save(head.checkpoint);
  }

  async #compare(seen: Checkpoint & { readonly note: string }, head: Head): Promise<void> {
    const [old, now] = head.size < seen.size ? [head, seen] : [seen, head];
    const holds = old.size === now.size ? equal(old.root, now.root) : await this.#hasGrown(old, now);
    if (holds) return;
    const message = `The ledger that this dock shows now, of ${head.size} entries, is not the one of ${seen.size} entries that it showed to this browser before.`;
    this.#split = new SplitError(message, { seen: seen.note, shown: head.checkpoint });
    throw this.#split;
  }

  async #hasGrown(old: Pick<Head, 'size' | 'root'>, now: Pick<Head, 'size' | 'root'>): Promise<boolean> {
    const hashes = await this.#ask(old.size, now.size);
    if (hashes === undefined) return false;
    const claim = { oldSize: old.size, newSize: now.size, oldRoot: old.root, newRoot: now.root };
    try {
      return verifyConsistency(checker.sha256, { ...claim, proof: hashes.map(fromBase64) });
    } catch {
      // What is no base64 proves nothing.
      return false;
    }
  }

  /** What was kept; nothing when there is none, or it is none that this dock signed. */
  #load(): (Checkpoint & { readonly note: string }) | undefined {
    try {
      const note = this.#kept.getItem(this.#name());
      return note === null ? undefined : { ...openCheckpoint(note, this.#vkey, checker), note };
    } catch {
      return undefined;
    }
  }

  #save(note: string): void {
    try {
      this.#kept.setItem(this.#name(), note);
    } catch {
      // A browser that keeps nothing can still check what it is shown now.
    }
  }

  #name(): string {
    return `holdfast.checkpoint ${this.#vkey}`;
  }
}
