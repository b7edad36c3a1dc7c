import type { PairCell } from './roster.ts';
import type { Outcome } from './status.ts';

/** What was answered about a pair, on its way to the ledger. */
export interface Answered {
  readonly pair: PairCell;
  readonly outcome: Outcome;
}

/**
 * Answers about one pair go to the ledger one after the other and in their order, however slow it is; those about another pair
 * do not wait for them. What waits is bounded: a newer answer takes the place of an older one, but a deny stays until it is written.
 */
export class Applying {
  readonly #apply: (answered: Answered, isNewest: () => boolean) => Promise<void>;
  readonly #waiting = new Map<string, readonly Answered[]>();
  readonly #running = new Map<string, Promise<void>>();

  /** `apply` must not reject. */
  constructor(apply: (answered: Answered, isNewest: () => boolean) => Promise<void>) {
    this.#apply = apply;
  }

  add(answered: Answered): void {
    const { key } = answered.pair;
    this.#waiting.set(key, queued(this.#waiting.get(key) ?? [], answered));
    if (this.#running.has(key)) return;
    const running = this.#run(key).finally(() => this.#running.delete(key));
    this.#running.set(key, running);
  }

  /** Resolves when nothing about this pair is on its way. */
  async settled(key: string): Promise<void> {
    await this.#running.get(key);
  }

  async allSettled(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  async #run(key: string): Promise<void> {
    for (;;) {
      const [next, ...rest] = this.#waiting.get(key) ?? [];
      this.#waiting.delete(key);
      if (next === undefined) return;
      if (rest.length > 0) this.#waiting.set(key, rest);
      await this.#apply(next, () => !this.#waiting.has(key));
    }
  }
}

/** A release that never reached the ledger needs no end there; one that did must have it, also when another follows. */
function queued(waiting: readonly Answered[], newest: Answered): readonly Answered[] {
  if (newest.outcome.outcome === 'denied') return [newest];
  return [...waiting.filter(({ outcome }) => outcome.outcome === 'denied'), newest];
}
