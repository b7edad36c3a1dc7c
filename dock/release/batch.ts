import type { Cancel, Clock, PolicyEvent } from '../ports.ts';

// Facts come in bursts (report, statement, classification); one round of questions answers them all.
const BATCH_MS = 100;
const EVENTS_MAX = 1_000;

/** Gathers policy events for a moment and hands them on together. */
export class EventBatch {
  readonly #clock: Clock;
  readonly #onBatch: (events: readonly PolicyEvent[]) => void;
  #events: PolicyEvent[] = [];
  #timer: Cancel | undefined;

  constructor(clock: Clock, onBatch: (events: readonly PolicyEvent[]) => void) {
    this.#clock = clock;
    this.#onBatch = onBatch;
  }

  add(event: PolicyEvent): void {
    // Too many to look at one by one: ask about everything instead.
    if (this.#events.length >= EVENTS_MAX) this.#events = [{ event: 'reconnected' }];
    this.#events.push(event);
    this.#timer ??= this.#clock.after(BATCH_MS, () => {
      this.#timer = undefined;
      this.#onBatch(this.#events.splice(0));
    });
  }

  close(): void {
    this.#timer?.();
    this.#events = [];
  }
}
