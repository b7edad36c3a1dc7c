import type { CustodyEntry } from '../../../proto/custody-entry.ts';
import { parseInstant } from '../../../proto/instant.ts';
import type { Findings } from './finding.ts';

// Entries of one batch are written in the order in which they arrived, not in that of their times, and what was
// counted for a minute is written at its end. Further back than this, the clock was turned.
const BACKWARDS_US_MAX = 60_000_000;
// Two clocks are read one after the other, on a machine that may be busy.
const STEP_US_SLACK = 1_000_000;

type Step = Extract<CustodyEntry, { type: 'clock.stepped' }>;

interface Place {
  readonly file: string;
  readonly index: number;
}

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

  read(entry: CustodyEntry, at: Place): void {
    const now = parseInstant(entry.at) ?? 0;
    if (entry.type === 'started' || entry.type === 'clock.stepped') {
      if (entry.type === 'clock.stepped') this.#readStep(entry, at);
      else this.#readStart(now, at);
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

  /** Nobody watches the clock of a dock that is off; what it did meanwhile shows at the next start. */
  #readStart(now: number, at: Place): void {
    if (this.#newest - now <= BACKWARDS_US_MAX) return;
    const message = `the dock was started, and its clock was ${seconds(this.#newest - now)} behind what it had been`;
    this.#findings.add({ code: 'clock-stepped', ...at, message });
  }

  #readStep(step: Step, at: Place): void {
    const { stepUs, wallBefore, wallAfter } = step;
    const way = stepUs < 0 ? 'back' : 'forward';
    const message = `the clock of the dock was set ${way} by ${seconds(Math.abs(stepUs))}, from ${wallBefore} to ${wallAfter}`;
    this.#findings.add({ code: 'clock-stepped', ...at, message });
    const wrong = this.#wrongIn(step);
    if (wrong !== undefined) this.#findings.add({ code: 'clock-backwards', ...at, message: wrong });
  }

  /** A jump explains what it says and no more. */
  #wrongIn({ at, stepUs, wallBefore, wallAfter }: Step): string | undefined {
    const [before, after] = [parseInstant(wallBefore) ?? 0, parseInstant(wallAfter) ?? 0];
    if (at !== wallAfter) return `is of ${at}, and says that the clock jumped to ${wallAfter}`;
    // Time went on between the two readings, so that they are apart by the jump or more.
    if (after - before < stepUs - STEP_US_SLACK)
      return `says that the clock jumped by ${seconds(stepUs)}, and names times that are less apart`;
    if (this.#newest - before <= BACKWARDS_US_MAX) return undefined;
    return `says that the clock jumped from ${wallBefore}, and it had been ${seconds(this.#newest - before)} later`;
  }
}

const seconds = (us: number): string => `${(us / 1_000_000).toFixed(3)} s`;
