import { TrustError } from '../errors.ts';

const WINDOW_MS = 60_000;
const QUESTIONS_MAX = 60;
const PEOPLE_MAX = 10_000;
/** At work at one moment: each holds the facts of its incident. */
const COMPARISONS_MAX = 4;

interface Asker {
  questions: number;
  sinceMs: number;
}

/** Bounds how often one person may ask, and how much is compared at once. A person is who their token says, so nobody uses up another's share. */
export class Pace {
  readonly #askers = new Map<string, Asker>();
  readonly #comparing = new Set<string>();

  /** Counts one question. Throws TrustError TOO_MANY_TRIES. */
  take(person: string, nowMs: number): void {
    const before = this.#askers.get(person);
    // A clock that was set back must not shut anybody out for longer than a window.
    const asker =
      before === undefined || Math.abs(nowMs - before.sinceMs) > WINDOW_MS
        ? { questions: 0, sinceMs: nowMs }
        : before;
    if (asker.questions >= QUESTIONS_MAX) throw tooMany('that were too many questions in a minute');
    asker.questions += 1;
    const [oldest] = this.#askers.keys();
    if (before === undefined && oldest !== undefined && this.#askers.size >= PEOPLE_MAX)
      this.#askers.delete(oldest);
    this.#askers.set(person, asker);
  }

  /** Runs a comparison: one at a time for each person. Throws TrustError TOO_MANY_TRIES and what the comparison throws. */
  async compare<Result>(person: string, run: () => Promise<Result>): Promise<Result> {
    if (this.#comparing.has(person)) throw tooMany('your last comparison is still being made');
    if (this.#comparing.size >= COMPARISONS_MAX) throw tooMany('other comparisons are being made');
    this.#comparing.add(person);
    try {
      return await run();
    } finally {
      this.#comparing.delete(person);
    }
  }
}

function tooMany(why: string): TrustError {
  return new TrustError('TOO_MANY_TRIES', `not now: ${why}; wait a moment and ask again`, { retry: 'later' });
}
