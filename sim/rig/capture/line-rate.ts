import { LINK_WATCHDOG_MS, SESSION_SILENCE_MS } from '../../../proto/limits.ts';
import type { Message } from '../../../proto/messages.ts';
import type { Direction } from './record.ts';

type Rate =
  | { readonly at: 'steady'; readonly baud: number }
  | { readonly at: 'trying'; readonly baud: number; readonly back: number; readonly untilMs: number };

/**
 * The rate of a line between two sides that negotiate it (docs/PROTOCOL.md, section 5), seen from the middle: what the
 * dock commits to, what the camera keeps, and where both go when neither is heard. Times are monotonic milliseconds.
 */
export class LineRate {
  /** Where both sides wait when they do not hear each other. */
  readonly #first: number;
  #rate: Rate;
  #heardMs: number;

  constructor(baud: number, nowMs: number) {
    this.#first = baud;
    this.#rate = { at: 'steady', baud };
    this.#heardMs = nowMs;
  }

  get baud(): number {
    return this.#rate.baud;
  }

  /** A good frame passed. Whoever carries it on compares `baud` afterwards: a new rate holds once this frame has left. */
  heard(direction: Direction, message: Message, nowMs: number): void {
    this.#heardMs = nowMs;
    const { type } = message;
    if (type === 'link-commit' && direction === 'down') return this.#commit(message.baud, nowMs);
    if (this.#rate.at !== 'trying' || type === 'link-probe' || type === 'link-propose') return;
    const { baud, back } = this.#rate;
    if (type !== 'link-report') this.#rate = { at: 'steady', baud };
    else if (direction === 'up') this.#rate = { at: 'steady', baud: message.keep ? baud : back };
  }

  /** Time passed: a rate that nobody confirmed is left, and so is one at which nobody is heard. */
  tick(nowMs: number): void {
    const rate = this.#rate;
    if (rate.at === 'trying') {
      if (nowMs >= rate.untilMs) this.#rate = { at: 'steady', baud: rate.back };
    } else if (rate.baud !== this.#first && nowMs - this.#heardMs >= SESSION_SILENCE_MS) {
      this.#rate = { at: 'steady', baud: this.#first };
    }
  }

  #commit(baud: number, nowMs: number): void {
    if (baud === this.#rate.baud) return;
    this.#rate = { at: 'trying', baud, back: this.#rate.baud, untilMs: nowMs + LINK_WATCHDOG_MS };
  }
}
