import type { Change } from './changes.ts';
import type { HoldingIndex } from './holding-index.ts';

interface Waiting {
  readonly changes: readonly Change[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: changes handed in while the event loop serves one round of finished disk writes, or while the group
 * before is being synced, share one SQLite transaction, so eight bays pay for one sync of the index, not eight.
 */
export class Commits {
  readonly #index: HoldingIndex;
  #waiting: Waiting[] = [];
  #isBusy = false;
  #transactions = 0;

  constructor(index: HoldingIndex) {
    this.#index = index;
  }

  /** Since the store was opened. */
  get transactions(): number {
    return this.#transactions;
  }

  /** Resolves once the changes are durable, all of them; rejects with none of them made. */
  add(...changes: readonly Change[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ changes, resolve, reject });
      if (this.#isBusy) return;
      this.#isBusy = true;
      // The check phase comes after every disk write that has finished by now has been heard of.
      setImmediate(() => void this.#flush());
    });
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        await this.#index.commitLater(group.flatMap((waiting) => waiting.changes));
        this.#transactions += 1;
      } catch (error) {
        for (const waiting of group) waiting.reject(error);
        continue;
      }
      for (const waiting of group) waiting.resolve();
    }
    this.#isBusy = false;
  }
}
