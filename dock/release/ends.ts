import type { Cancel, Clock } from '../ports.ts';
import { SESSION_MS_MAX } from './session.ts';
import type { Outcome } from './status.ts';

const SECOND_MS = 1_000;

/** Releases that rest on somebody's authorisation are asked about again when it ends. */
export class Ends {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #onEnd: (key: string) => void;
  readonly #waiting = new Map<string, Cancel>();

  constructor(clock: Pick<Clock, 'after'>, onEnd: (key: string) => void) {
    this.#clock = clock;
    this.#onEnd = onEnd;
  }

  /** Takes the place of what was watched for this pair. */
  watch(key: string, outcome: Outcome): void {
    this.forget(key);
    if (outcome.outcome !== 'allowed' || outcome.grant.authorised === undefined) return;
    const { leftUs } = outcome.grant.authorised;
    const afterMs = Math.min(leftUs / 1_000 + SECOND_MS, SESSION_MS_MAX);
    const end = (): void => {
      this.#waiting.delete(key);
      this.#onEnd(key);
    };
    this.#waiting.set(key, this.#clock.after(afterMs, end));
  }

  forget(key: string): void {
    this.#waiting.get(key)?.();
    this.#waiting.delete(key);
  }

  close(): void {
    for (const cancel of this.#waiting.values()) cancel();
    this.#waiting.clear();
  }
}
