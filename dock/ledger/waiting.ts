import type { Cancel } from '../ports.ts';
import type { LedgerError } from './errors.ts';
import type { JournalEntry } from './journal.ts';

/** An entry that somebody waits for, from appendOnce until its promise settles. */
export interface Waiting extends JournalEntry {
  readonly settled: Promise<number>;
  readonly resolve: (index: number) => void;
  readonly reject: (error: LedgerError) => void;
}

/** Entries by key, in the order in which they came; each is told once and then forgotten. */
export class WaitingRoom {
  readonly #byKey = new Map<string, { readonly waiting: Waiting; readonly cancel: Cancel }>();
  readonly #queue = new Set<Waiting>();

  /** Entries that no batch has taken yet. */
  get queued(): number {
    return this.#queue.size;
  }

  find(key: string): Waiting | undefined {
    return this.#byKey.get(key)?.waiting;
  }

  /** `deadline` starts a timer that rejects the entry, and returns what stops it. */
  add(waiting: Waiting, deadline: () => Cancel): void {
    this.#queue.add(waiting);
    this.#byKey.set(waiting.key, { waiting, cancel: deadline() });
  }

  take(countMax: number): readonly Waiting[] {
    const taken = [...this.#queue].slice(0, countMax);
    for (const waiting of taken) this.#queue.delete(waiting);
    return taken;
  }

  resolve(waiting: Waiting, index: number): void {
    this.#forget(waiting);
    waiting.resolve(index);
  }

  /** Rejects it, and takes it out of the queue when no batch has it yet. */
  reject(waiting: Waiting, error: LedgerError): void {
    this.#forget(waiting);
    this.#queue.delete(waiting);
    waiting.reject(error);
  }

  #forget(waiting: Waiting): void {
    const kept = this.#byKey.get(waiting.key);
    // Whoever was told to come back may have come back before the batch was done.
    if (kept?.waiting !== waiting) return;
    kept.cancel();
    this.#byKey.delete(waiting.key);
  }
}

export function makeWaiting(key: string, entry: Uint8Array): Waiting {
  let resolve: (index: number) => void = () => undefined;
  let reject: (error: LedgerError) => void = () => undefined;
  const settled = new Promise<number>((fulfil, fail) => {
    resolve = fulfil;
    reject = fail;
  });
  return { key, entry, settled, resolve, reject };
}
