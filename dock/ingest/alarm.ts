import type { Cancel, Clock } from '../ports.ts';

/**
 * One timer for whatever is due first, and none while nothing can become due. One that rings early is set again by whoever it wakes:
 * that is cheaper than moving it with every packet.
 */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #set: { readonly dueUs: number; readonly cancel: Cancel } | undefined;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at `dueUs` of the monotonic clock or before, once; never when that is undefined. */
  set(dueUs: number | undefined): void {
    if (dueUs !== undefined && this.#set !== undefined && this.#set.dueUs <= dueUs) return;
    this.#set?.cancel();
    this.#set = undefined;
    if (dueUs === undefined) return;
    const delayMs = Math.max(1, Math.ceil((dueUs - this.#clock.monoUs()) / 1000));
    const cancel = this.#clock.after(delayMs, () => {
      this.#set = undefined;
      this.#ring();
    });
    this.#set = { dueUs, cancel };
  }
}
