import { FieldError } from '../../proto/errors.ts';
import type { Cancel, Clock } from '../ports.ts';

/** Whoever was reading is to leave off; nothing is wrong. */
export class PaceError extends FieldError<'PACE_STOPPED'> {}

export interface PaceOptions {
  readonly clock: Pick<Clock, 'monoUs' | 'after'>;
  /** At most, over any longer time. */
  readonly bytesPerS: number;
  /** Is somebody waiting for the disk who is more important? */
  readonly isBusy: () => boolean;
}

// While cameras upload, reading for its own sake takes an eighth: a busy dock is looked after too, and not at their cost.
const BUSY_SHARE = 1 / 8;
const US_PER_S = 1_000_000;

/** Spreads reading over time: each read is paid for by waiting before the next one. */
export class Pace {
  readonly #options: PaceOptions;
  /** Until when everything read so far is paid for, by the monotonic clock. */
  #paidUs = 0;
  #cancel: Cancel = () => undefined;
  #wake: () => void = () => undefined;
  #paused: Promise<void> | undefined;
  #resume: () => void = () => undefined;
  #stopped = false;
  #isHurried = false;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** Resolves when `bytes` that were just read are paid for. Throws PaceError after {@link stop}. */
  async spend(bytes: number): Promise<void> {
    const { clock, bytesPerS, isBusy } = this.#options;
    const idle = this.#isHurried ? Number.POSITIVE_INFINITY : bytesPerS;
    const rate = isBusy() ? bytesPerS * BUSY_SHARE : idle;
    const nowUs = clock.monoUs();
    this.#paidUs = Math.max(this.#paidUs, nowUs) + (bytes / rate) * US_PER_S;
    await this.wait((this.#paidUs - nowUs) / 1_000);
    while (this.#paused !== undefined) await this.#paused;
    if (this.#stopped) throw new PaceError('PACE_STOPPED', 'reading was stopped', { retry: 'later' });
  }

  /** How long reading so much takes while nobody is more important. */
  msFor(bytes: number): number {
    return (bytes / this.#options.bytesPerS) * 1_000;
  }

  /** Resolves after `delayMs`, or at once when it is stopped. */
  async wait(delayMs: number): Promise<void> {
    if (this.#stopped || delayMs <= 0) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#cancel = this.#options.clock.after(delayMs, resolve);
    });
  }

  /** As fast as the disk gives it while nobody is more important: somebody waits for what is read. */
  hurry(isHurried: boolean): void {
    this.#isHurried = isHurried;
  }

  /** Nothing is read until {@link resume}. */
  pause(): void {
    this.#paused ??= new Promise<void>((resolve) => {
      this.#resume = resolve;
    });
  }

  resume(): void {
    this.#paused = undefined;
    this.#resume();
  }

  get isPaused(): boolean {
    return this.#paused !== undefined;
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Whoever waits goes on at once, for good. */
  stop(): void {
    this.#stopped = true;
    this.#cancel();
    this.#wake();
    this.resume();
  }
}
