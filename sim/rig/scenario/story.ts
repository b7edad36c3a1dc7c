import type { WantedEvent } from '../../scenario/step-schema.ts';
import type { ProgramEvent } from '../program.ts';

// A timer that is set for longer goes off at once.
const TIMER_MS_MAX = 3_600_000;

/** Something that a program said, and when it was heard. */
export interface Heard {
  readonly atMs: number;
  /** Id of a camera or dock, or `policy`. */
  readonly of: string;
  readonly event: ProgramEvent;
}

/** Everything that the programs of one run have said, in the order in which it was heard; a program that is started again goes on. */
export class Story {
  readonly heard: Heard[] = [];
  readonly #watching: ((one: Heard) => void)[] = [];
  #waiting: (() => void)[] = [];
  #ended: Error | undefined;
  #over: (why: Error) => void = () => undefined;
  /** Rejects when the run ends, for whoever waits for something else. */
  readonly over: Promise<never>;

  constructor() {
    this.over = new Promise((_, reject) => {
      this.#over = reject;
    });
    // Nobody may be waiting by then.
    this.over.catch(() => undefined);
  }

  get isOver(): boolean {
    return this.#ended !== undefined;
  }

  add(of: string, event: ProgramEvent): void {
    const heard = { atMs: performance.now(), of, event };
    this.heard.push(heard);
    for (const watch of this.#watching) watch(heard);
    this.#wake();
  }

  /** Hears of everything from now on, as it is said. */
  watch(heard: (one: Heard) => void): void {
    this.#watching.push(heard);
  }

  /** Nobody waits any more: whoever does, or tries to, gets this error. */
  end(why: Error): void {
    this.#ended ??= why;
    this.#over(this.#ended);
    this.#wake();
  }

  /** All that fit, so far. */
  all(wanted: WantedEvent): readonly Heard[] {
    return this.heard.filter((one) => fits(one, wanted));
  }

  /** The `nth` that fits, from 1 on, past or future. Rejects when the run ends before. */
  async until(wanted: WantedEvent, nth = 1): Promise<Heard> {
    for (;;) {
      const found = this.all(wanted)[nth - 1];
      if (found !== undefined) return found;
      if (this.#ended !== undefined) throw this.#ended;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Comes back after so long. Rejects when the run ends before. */
  async pause(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const untilMs = performance.now() + ms;
    while (this.#ended === undefined && performance.now() < untilMs) {
      await new Promise<void>((resolve) => {
        timer = setTimeout(resolve, Math.min(untilMs - performance.now(), TIMER_MS_MAX));
        this.#waiting.push(resolve);
      });
      clearTimeout(timer);
    }
    if (this.#ended !== undefined) throw this.#ended;
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

function fits({ of, event }: Heard, wanted: WantedEvent): boolean {
  return (
    of === wanted.of &&
    event.event === wanted.event &&
    Object.entries(wanted.having).every(([key, value]) => event[key] === value)
  );
}
