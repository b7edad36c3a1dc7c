import type { Cancel, Clock } from '../ports.ts';

// The wall clock has jumped when it parts from the monotonic one by more than slewing explains and this much besides.
// NTP steps a clock when it is off by 128 ms or more (RFC 5905, STEPT), so what anybody sets is above; what reading two
// clocks one after the other on a busy machine adds is far below, as each reading knows how long it took.
const STEP_US = 50_000;
// adjtime(3) and NTP's discipline (RFC 5905, MAXFREQ) slew by at most this. Linux slews both clocks alike, so there
// even a faster slew shows no difference at all; elsewhere whatever is faster than this is a jump in small pieces.
const SLEW_PPM_MAX = 500;
const WATCH_MS = 1_000;
// Whoever is interrupted between two clocks knows neither well; looking again costs a microsecond.
const SPREAD_US = 1_000;
const LOOKS_MAX = 4;

/** The wall clock jumped against the monotonic one. */
export interface ClockStep {
  /** The one that begins with the jump. */
  readonly epoch: number;
  /** Microseconds; negative when the clock was set back. */
  readonly stepUs: number;
  /** The last reading before and the first one after: the jump lies between. */
  readonly wallBeforeUs: number;
  readonly wallAfterUs: number;
}

/** Both clocks at one moment, and in which epoch of the wall clock that is. */
export interface EpochReading {
  readonly wallUs: number;
  readonly monoUs: number;
  readonly epoch: number;
}

export interface EpochOptions {
  readonly clock: Clock;
  /** The one that begins now; higher than every one before. */
  readonly epoch: number;
  /** Told of each jump before anybody reads the clock in the new epoch. Must not throw. */
  readonly onStep: (step: ClockStep) => void;
}

/** The wall clock read between two readings of the monotonic one. */
interface Look {
  readonly fromUs: number;
  readonly wallUs: number;
  readonly toUs: number;
}

/** How the wall clock has gone beside the monotonic one. */
interface Pace {
  /** Wall less monotonic when the epoch began. */
  readonly baseUs: number;
  /** How much of what they have parted since then slewing explains. Apart from `baseUs`, as it grows by less than a microsecond. */
  readonly slewedUs: number;
  readonly last: Look;
}

/**
 * The dock's clock, watched: every reading of its wall time, and one a second besides, first makes sure that it has not
 * jumped against monotonic time, and counts an epoch further when it has. A machine that slept has jumped too, as its
 * monotonic clock stood still. Within one epoch two readings are off by at most 100 ms and 500 ppm of the time between them.
 */
export class EpochClock implements Clock {
  readonly #clock: Clock;
  readonly #onStep: EpochOptions['onStep'];
  #epoch: number;
  #pace: Pace;

  constructor({ clock, epoch, onStep }: EpochOptions) {
    this.#clock = clock;
    this.#onStep = onStep;
    this.#epoch = epoch;
    this.#pace = paceFrom(this.#look());
  }

  wallUs(): number {
    return this.read().wallUs;
  }

  monoUs(): number {
    return this.#clock.monoUs();
  }

  after(delayMs: number, wake: () => void): Cancel {
    return this.#clock.after(delayMs, wake);
  }

  /** What the clocks say now. A jump is told to `onStep` before this returns, with the new epoch. */
  read(): EpochReading {
    const look = this.#look();
    const next = follow(this.#pace, look);
    if ('stepUs' in next) this.#stepped(next.stepUs, look);
    else this.#pace = next;
    return { wallUs: look.wallUs, monoUs: look.toUs, epoch: this.#epoch };
  }

  /** Looks every second until cancelled, so that a jump is noticed when nothing is stamped. */
  watch(): Cancel {
    let cancel: Cancel = () => undefined;
    const tick = (): void => {
      this.read();
      cancel = this.#clock.after(WATCH_MS, tick);
    };
    tick();
    return () => cancel();
  }

  #stepped(stepUs: number, look: Look): void {
    const wallBeforeUs = this.#pace.last.wallUs;
    this.#epoch += 1;
    this.#pace = paceFrom(look);
    this.#onStep({ epoch: this.#epoch, stepUs, wallBeforeUs, wallAfterUs: look.wallUs });
  }

  #look(): Look {
    let best = this.#lookOnce();
    for (let looks = 1; looks < LOOKS_MAX && spreadOf(best) > SPREAD_US; looks += 1) {
      const look = this.#lookOnce();
      if (spreadOf(look) < spreadOf(best)) best = look;
    }
    return best;
  }

  #lookOnce(): Look {
    const fromUs = this.#clock.monoUs();
    const wallUs = this.#clock.wallUs();
    return { fromUs, wallUs, toUs: this.#clock.monoUs() };
  }
}

function spreadOf({ fromUs, toUs }: Look): number {
  return toUs - fromUs;
}

function paceFrom(look: Look): Pace {
  return { baseUs: look.wallUs - (look.fromUs + look.toUs) / 2, slewedUs: 0, last: look };
}

/**
 * Slewing moves the pace along, at its own rate and no faster: many small jumps add up to one, however many looks they
 * are spread over. Of what a long look leaves open, the least is taken.
 */
function follow({ baseUs, slewedUs, last }: Pace, look: Look): Pace | { readonly stepUs: number } {
  const leastUs = look.wallUs - look.toUs - baseUs;
  const mostUs = look.wallUs - look.fromUs - baseUs;
  const partedUs = Math.min(Math.max(slewedUs, leastUs), mostUs) - slewedUs;
  const slewUsMax = ((look.toUs - last.toUs) * SLEW_PPM_MAX) / 1e6;
  if (Math.abs(partedUs) > STEP_US + slewUsMax)
    return { stepUs: Math.round((leastUs + mostUs) / 2 - slewedUs) };
  const slewed = Math.min(Math.max(partedUs, -slewUsMax), slewUsMax);
  return { baseUs, slewedUs: slewedUs + slewed, last: look };
}
