/** 0: somebody may be waiting for this answer, or watching what they no longer may. 2: probably no news. */
export type Level = 0 | 1 | 2;

interface Waiting {
  readonly asked: Promise<void>;
  readonly resolve: () => void;
}

interface Next {
  readonly key: string;
  readonly waiting: Waiting;
  readonly level: Level;
}

const LEVELS: readonly Level[] = [0, 1, 2];
// What is probably no news must not take the service's time from somebody who waits.
const IDLE_RUNNING_MAX = 2;

/**
 * Work by key with a bound on how much runs at once. One key never runs twice at the same time, so a later
 * answer cannot be overtaken by an earlier one; adding a key that waits already only raises its level.
 */
export class AskQueue {
  readonly #ask: (key: string) => Promise<void>;
  readonly #runningMax: number;
  readonly #waiting = {
    0: new Map<string, Waiting>(),
    1: new Map<string, Waiting>(),
    2: new Map<string, Waiting>(),
  };
  readonly #running = new Map<string, Level>();
  #closed = false;

  /** `ask` must not reject: it has the words for every failure. */
  constructor(ask: (key: string) => Promise<void>, runningMax: number) {
    this.#ask = ask;
    this.#runningMax = runningMax;
  }

  /** Resolves once an `ask` for this key that began after this call has ended, or the queue was closed. */
  add(key: string, level: Level): Promise<void> {
    if (this.#closed) return Promise.resolve();
    const found = LEVELS.find((candidate) => this.#waiting[candidate].has(key));
    const waiting = (found === undefined ? undefined : this.#waiting[found].get(key)) ?? newWaiting();
    if (found === undefined || level < found) {
      if (found !== undefined) this.#waiting[found].delete(key);
      this.#waiting[level].set(key, waiting);
    }
    this.#start();
    return waiting.asked;
  }

  close(): void {
    this.#closed = true;
    for (const level of LEVELS) {
      for (const { resolve } of this.#waiting[level].values()) resolve();
      this.#waiting[level].clear();
    }
  }

  #start(): void {
    while (this.#running.size < this.#runningMax) {
      const next = this.#take();
      if (next === undefined) return;
      void this.#run(next);
    }
  }

  #take(): Next | undefined {
    for (const level of LEVELS) {
      if (level === 2 && [...this.#running.values()].filter((one) => one === 2).length >= IDLE_RUNNING_MAX)
        return undefined;
      for (const [key, waiting] of this.#waiting[level]) {
        if (this.#running.has(key)) continue;
        this.#waiting[level].delete(key);
        return { key, waiting, level };
      }
    }
    return undefined;
  }

  async #run({ key, waiting: { resolve }, level }: Next): Promise<void> {
    this.#running.set(key, level);
    try {
      await this.#ask(key);
    } finally {
      this.#running.delete(key);
      resolve();
      this.#start();
    }
  }
}

function newWaiting(): Waiting {
  let resolve = (): void => undefined;
  const asked = new Promise<void>((done) => {
    resolve = done;
  });
  return { asked, resolve };
}
