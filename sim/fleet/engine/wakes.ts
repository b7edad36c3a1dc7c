const BUCKET_US = 1_000;

/**
 * Calls at planned times, for thousands of cameras by one timer. A call comes up to a millisecond late, and later when the thread was
 * busy: whoever measures sees that as the lag of the generator.
 */
export class Wakes {
  readonly #nowUs: () => number;
  readonly #buckets = new Map<number, (() => void)[]>();
  #next: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(nowUs: () => number) {
    this.#nowUs = nowUs;
    this.#next = Math.floor(nowUs() / BUCKET_US);
  }

  at(us: number, wake: () => void): void {
    const bucket = Math.max(this.#next, Math.ceil(us / BUCKET_US));
    const known = this.#buckets.get(bucket);
    if (known === undefined) this.#buckets.set(bucket, [wake]);
    else known.push(wake);
    this.#timer ??= setTimeout(() => this.#pass(), 1);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#buckets.clear();
  }

  #pass(): void {
    const now = Math.floor(this.#nowUs() / BUCKET_US);
    // After a long standstill there may be more empty buckets than full ones; both are few enough to walk.
    for (; this.#next <= now && this.#buckets.size > 0; this.#next += 1) {
      const due = this.#buckets.get(this.#next);
      if (due === undefined) continue;
      this.#buckets.delete(this.#next);
      for (const wake of due) wake();
    }
    this.#next = Math.max(this.#next, now);
    this.#timer = this.#buckets.size === 0 ? undefined : setTimeout(() => this.#pass(), 1);
  }
}
