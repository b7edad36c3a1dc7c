import type { CustodyEntry } from '../../../proto/custody-entry.ts';
import { parseInstant } from '../../../proto/instant.ts';
import type { Findings } from './finding.ts';

// Entries of one batch are written in the order in which they arrived, not in that of their times, and what was
// counted for a minute is written at its end. Further back than this, the clock was turned.
const BACKWARDS_US_MAX = 60_000_000;

/**
 * The dock's clock, as the times of its entries show it: it may run on, and it may jump where an entry says so. Entries
 * must be given in log order.
 */
export class ClockWatch {
  readonly #findings: Findings;
  /** The latest time of the epoch, microseconds. */
  #newest = 0;
  /** The time that the last jump left. */
  #left: number | undefined;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  read(entry: CustodyEntry, at: { readonly file: string; readonly index: number }): void {
    const now = parseInstant(entry.at) ?? 0;
    if (entry.type === 'started' || entry.type === 'clock.stepped') {
      if (entry.type === 'clock.stepped') this.#noteStep(entry, at);
      this.#left = entry.type === 'clock.stepped' ? parseInstant(entry.wallBefore) : undefined;
      this.#newest = now;
      return;
    }
    const isFromBefore = this.#left !== undefined && Math.abs(now - this.#left) <= BACKWARDS_US_MAX;
    if (this.#newest - now > BACKWARDS_US_MAX && !isFromBefore) {
      const back = seconds(this.#newest - now);
      const message = `is ${back} earlier than an entry before it, and no entry says that the clock was changed`;
      this.#findings.add({ code: 'clock-backwards', ...at, message });
      this.#newest = now;
    }
    // What was on its way to the log when the clock jumped still carries the old time.
    if (!isFromBefore) this.#newest = Math.max(this.#newest, now);
  }

  #noteStep(
    { stepUs, wallBefore, wallAfter }: Extract<CustodyEntry, { type: 'clock.stepped' }>,
    at: { readonly file: string; readonly index: number },
  ): void {
    const way = stepUs < 0 ? 'back' : 'forward';
    const message = `the clock of the dock was set ${way} by ${seconds(Math.abs(stepUs))}, from ${wallBefore} to ${wallAfter}`;
    this.#findings.add({ code: 'clock-stepped', ...at, message });
  }
}

const seconds = (us: number): string => `${(us / 1_000_000).toFixed(3)} s`;
