import type { PersonId } from '../../proto/ids.ts';
import type { Clock } from '../ports.ts';

/** Enough to jump about in a recording as fast as anybody looks, and for ten hours of footage asked for in one go. */
export const OPENINGS_AT_ONCE_MAX = 60;
/** After that, one each second. */
const REFILL_US = 1_000_000;
// Whoever has not opened anything for a minute is as good as new, and need not be remembered.
const PEOPLE_MAX = 1_000;

interface Spent {
  readonly openings: number;
  readonly atUs: number;
}

/** Bounds how often one person may open recordings here: each opening costs a decision, a grant and a ledger entry. */
export class OpeningThrottle {
  readonly #clock: Pick<Clock, 'monoUs'>;
  readonly #spent = new Map<PersonId, Spent>();

  constructor(clock: Pick<Clock, 'monoUs'>) {
    this.#clock = clock;
  }

  /** Counts one opening and answers 0, or answers how many seconds to wait and counts nothing. */
  take(person: PersonId): number {
    const nowUs = this.#clock.monoUs();
    const openings = this.#left(this.#spent.get(person), nowUs);
    if (openings + 1 > OPENINGS_AT_ONCE_MAX) return Math.ceil(openings + 1 - OPENINGS_AT_ONCE_MAX);
    this.#spent.set(person, { openings: openings + 1, atUs: nowUs });
    if (this.#spent.size > PEOPLE_MAX) this.#forget(nowUs);
    return 0;
  }

  #left(spent: Spent | undefined, nowUs: number): number {
    return spent === undefined ? 0 : Math.max(0, spent.openings - (nowUs - spent.atUs) / REFILL_US);
  }

  #forget(nowUs: number): void {
    for (const [person, spent] of this.#spent) if (this.#left(spent, nowUs) === 0) this.#spent.delete(person);
  }
}
