import type { PersonId, RecordingId } from '../../proto/ids.ts';
import type { Cancel, Clock } from '../ports.ts';

/** Refused openings of one pair, counted. */
export interface Denial {
  readonly recordingId: RecordingId;
  readonly person: PersonId;
  readonly purpose: string;
  readonly reason: string;
  readonly count: number;
}

interface Window {
  /** The newest refusal that is not written yet, with how many there were. */
  waiting: Denial | undefined;
  cancel: Cancel;
}

const WINDOW_MS = 60_000;

/**
 * Refused attempts on their way to the ledger: the first is written at once, those of the next minute together,
 * so that hammering a recording is on record without filling the log.
 */
export class Denials {
  readonly #clock: Clock;
  readonly #write: (denial: Denial) => Promise<void>;
  readonly #windows = new Map<string, Window>();
  readonly #writing = new Set<Promise<void>>();

  /** `write` must not reject. */
  constructor(clock: Clock, write: (denial: Denial) => Promise<void>) {
    this.#clock = clock;
    this.#write = write;
  }

  /** Resolves once the attempt is written, or counted and due within a minute. */
  async note(denial: Omit<Denial, 'count'>): Promise<void> {
    const key = `${denial.recordingId}/${denial.person}`;
    const window = this.#windows.get(key);
    if (window !== undefined) {
      window.waiting = { ...denial, count: (window.waiting?.count ?? 0) + 1 };
      return;
    }
    this.#open(key);
    await this.#writeDown({ ...denial, count: 1 });
  }

  /** Writes what still waits, and resolves when all is written; the dock is shutting down. */
  async flush(): Promise<void> {
    const windows = [...this.#windows.values()];
    this.#windows.clear();
    for (const { cancel } of windows) cancel();
    for (const { waiting } of windows) if (waiting !== undefined) void this.#writeDown(waiting);
    await Promise.all(this.#writing);
  }

  #open(key: string): void {
    this.#windows.set(key, {
      waiting: undefined,
      cancel: this.#clock.after(WINDOW_MS, () => this.#close(key)),
    });
  }

  #close(key: string): void {
    const waiting = this.#windows.get(key)?.waiting;
    this.#windows.delete(key);
    if (waiting === undefined) return;
    this.#open(key);
    void this.#writeDown(waiting);
  }

  async #writeDown(denial: Denial): Promise<void> {
    const writing = this.#write(denial);
    this.#writing.add(writing);
    await writing.finally(() => this.#writing.delete(writing));
  }
}
