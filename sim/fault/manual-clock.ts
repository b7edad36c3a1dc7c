import type { Cancel, Clock } from '../../device/ports.ts';

interface Timer {
  readonly dueUs: number;
  /** Timers of one moment ring in the order in which they were asked for. */
  readonly number: number;
  readonly wake: () => void;
  state: 'waiting' | 'done';
}

/** A clock that stands still until it is told to go on; fits the `Clock` of camera and dock. */
export class ManualClock implements Clock {
  /** A binary heap, the next timer on top; those cancelled stay until they come up, or are too many. */
  #timers: Timer[] = [];
  #wallAtZeroUs: number;
  #nowUs = 0;
  #asked = 0;
  #pending = 0;

  /** `startUs`: wall time at the start, microseconds since 1970. */
  constructor(startUs = 1_800_000_000_000_000) {
    this.#wallAtZeroUs = startUs;
  }

  wallUs(): number {
    return this.#wallAtZeroUs + this.#nowUs;
  }

  monoUs(): number {
    return this.#nowUs;
  }

  /** Sets the wall clock forward or back, as somebody does who sets it, or a sleep of the whole machine. No timer minds. */
  step(byUs: number): void {
    this.#wallAtZeroUs += byUs;
  }

  after(delayMs: number, wake: () => void): Cancel {
    this.#asked += 1;
    const dueUs = this.#nowUs + wholeUs(delayMs);
    const timer: Timer = { dueUs, number: this.#asked, wake, state: 'waiting' };
    this.#pending += 1;
    this.#rise(timer);
    return () => this.#finish(timer);
  }

  /** Timers still to ring. */
  get pending(): number {
    return this.#pending;
  }

  /** When the next timer rings, microseconds as `monoUs` counts them; Infinity when there is none. */
  get nextUs(): number {
    return this.#top()?.dueUs ?? Number.POSITIVE_INFINITY;
  }

  /** Goes on by `delayMs` and wakes what is due, in order of time and then of asking, with time standing at each. */
  advance(delayMs: number): void {
    this.advanceTo(this.#nowUs + wholeUs(delayMs));
  }

  /** The same, to a moment as `monoUs` counts them. */
  advanceTo(untilUs: number): void {
    for (let next = this.#top(); next !== undefined && next.dueUs <= untilUs; next = this.#top()) {
      this.#finish(next);
      this.#nowUs = Math.max(this.#nowUs, next.dueUs);
      next.wake();
    }
    this.#nowUs = Math.max(this.#nowUs, untilUs);
  }

  #finish(timer: Timer): void {
    if (timer.state === 'done') return;
    timer.state = 'done';
    this.#pending -= 1;
    if (this.#timers.length < 64 || this.#pending * 2 > this.#timers.length) return;
    const waiting = this.#timers.filter(({ state }) => state === 'waiting');
    this.#timers = [];
    for (const one of waiting) this.#rise(one);
  }

  /** The next one that still waits. */
  #top(): Timer | undefined {
    for (;;) {
      const top = this.#timers[0];
      if (top === undefined || top.state === 'waiting') return top;
      const last = this.#timers.pop();
      if (last !== undefined && last !== top) this.#sink(last);
    }
  }

  #rise(timer: Timer): void {
    const heap = this.#timers;
    let at = heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || isBefore(parent, timer)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = timer;
  }

  #sink(timer: Timer): void {
    const heap = this.#timers;
    let at = 0;
    for (;;) {
      const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
      if (left === undefined) break;
      const isRight = right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (isBefore(timer, child)) break;
      heap[at] = child;
      at = 2 * at + (isRight ? 2 : 1);
    }
    heap[at] = timer;
  }
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.dueUs < other.dueUs || (one.dueUs === other.dueUs && one.number < other.number);
}

/** Time is whole microseconds, as on the wire, and no timer rings early; a delay that is whole but for rounding stays. */
function wholeUs(delayMs: number): number {
  return Math.ceil(Math.max(0, delayMs) * 1_000 - 1e-3);
}
