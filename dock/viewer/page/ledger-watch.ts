import { equal, fromBase64 } from '../../../proto/bytes.ts';
import { type Checkpoint, openCheckpoint } from '../../../proto/checkpoint.ts';
import { verifyConsistency } from '../../../proto/merkle.ts';
import { ApiError, type Api } from './api.ts';
import type { EntryProof } from './entry-proof.ts';
import { checker, EvidenceError } from './evidence.ts';

type Head = Pick<EntryProof, 'size' | 'root' | 'checkpoint'>;

/** The ledger is not the one that this browser saw before. `seen` and `shown` are both signed by the dock: that is the evidence. */
export class SplitError extends EvidenceError {
  readonly seen: string;
  readonly shown: string;

  constructor(message: string, notes: { readonly seen: string; readonly shown: string }) {
    super(message);
    ({ seen: this.seen, shown: this.shown } = notes);
  }
}

/** Where checkpoints are kept from one visit to the next. */
export type Kept = Pick<Storage, 'getItem' | 'setItem'>;

/**
 * Remembers the newest checkpoint of a dock that this browser has seen, for good, and holds every later one against it. A dock that
 * shows this person another history than before is found out here, without anybody else.
 */
export class LedgerWatch {
  readonly #api: Pick<Api, 'consistency'>;
  readonly #vkey: string;
  readonly #kept: Kept;
  readonly #held = new Map<number, Uint8Array>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(api: Pick<Api, 'consistency'>, vkey: string, kept: Kept) {
    this.#api = api;
    this.#vkey = vkey;
    this.#kept = kept;
  }

  /** Throws SplitError when the log did not only grow, ApiError when nobody could be asked. One at a time, in order. */
  async see(head: Head): Promise<void> {
    const turn = this.#turn.then(() => this.#see(head));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #see(head: Head): Promise<void> {
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
    throw new SplitError(message, { seen: seen.note, shown: head.checkpoint });
  }

  async #hasGrown(old: Pick<Head, 'size' | 'root'>, now: Pick<Head, 'size' | 'root'>): Promise<boolean> {
    try {
      const { hashes } = await this.#api.consistency(old.size, now.size);
      return verifyConsistency(checker.sha256, {
        oldSize: old.size,
        newSize: now.size,
        oldRoot: old.root,
        newRoot: now.root,
        proof: hashes.map(fromBase64),
      });
    } catch (error) {
      // A dock that cannot be reached has said nothing; one that answers without a proof has.
      if (error instanceof ApiError && error.kind !== 'failed') throw error;
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
