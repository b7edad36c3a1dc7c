import type { Change, HoldingIndex } from './holding-index.ts';

interface Waiting {
  readonly changes: readonly Change[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: changes handed in while the event loop serves one round of finished disk writes share one
 * SQLite transaction, so eight bays pay for one sync of the index, not eight.
 */
export class Commits {
  readonly #index: HoldingIndex;
  #waiting: Waiting[] = [];

  constructor(index: HoldingIndex) {
    this.#index = index;
  }

  /** Resolves once the changes are durable, all of them; rejects with none of them made. */
  add(...changes: readonly Change[]): Promise<void> {
    return new Promise((resolve, reject) => {
      // The check phase comes after every disk write that has finished by now has been heard of.
      if (this.#waiting.length === 0) setImmediate(() => this.#flush());
      this.#waiting.push({ changes, resolve, reject });
    });
  }

  #flush(): void {
    const group = this.#waiting;
    this.#waiting = [];
    try {
      this.#index.commit(group.flatMap((waiting) => waiting.changes));
    } catch (error) {
      for (const waiting of group) waiting.reject(error);
      return;
    }
    for (const waiting of group) waiting.resolve();
  }
}
