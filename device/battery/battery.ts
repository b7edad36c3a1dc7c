import type { Battery, BatteryLoad, Cancel, Clock } from '../ports.ts';
import { chargeAfter, hoursUntil, voltsAt } from './charge.ts';

/** What a camera is given that was told nothing else: most of a shift is still in it. */
export const BATTERY_PERCENT_DEFAULT = 80;

export type BatteryLevel = 'good' | 'low' | 'critical' | 'empty';

/** A battery that empties and charges by the monotonic clock, and says when it gets to a level. */
export interface ModelBattery extends Battery {
  /** The level that was told last, or that it began with. */
  readonly level: BatteryLevel;
  /** Of the cell at rest. */
  volts(): number;
  /** Charges or empties it at once, as a test engineer does; 0 to 100. */
  set(percent: number): void;
  /** Calls `tell` with each new level at the moment when it is reached. Nothing is told of the level at the start. */
  onLevel(tell: (level: BatteryLevel) => void): Cancel;
}

// Charge at which a level begins, percent. Upwards it takes two more, so that a load that comes and goes does not make it flicker.
const BEGINS: readonly (readonly [BatteryLevel, number])[] = [
  ['empty', 0],
  ['critical', 5],
  ['low', 15],
];
const HYSTERESIS = 2;
const HOUR_MS = 3_600_000;
const HOUR_US = HOUR_MS * 1000;
// Charge is a sum of fractions: a timer that rings on time may find it this much short.
const ROUNDING = 1e-6;

/** The level at that charge, coming from another; pure. `good` as what was before gives the level without a history. */
export function levelAt(percent: number, before: BatteryLevel): BatteryLevel {
  const reached = (margin: number): BatteryLevel =>
    BEGINS.find(([, begins]) => percent <= begins + margin + ROUNDING)?.[0] ?? 'good';
  const falling = reached(0);
  const rising = reached(HYSTERESIS);
  if (rank(falling) < rank(before)) return falling;
  return rank(rising) > rank(before) ? rising : before;
}

function rank(level: BatteryLevel): number {
  return ['empty', 'critical', 'low', 'good'].indexOf(level);
}

/** `percent`: 0 to 100, at the start, when nothing but standby is asked of it. */
export function openBattery(
  clock: Pick<Clock, 'monoUs' | 'after'>,
  { percent }: { readonly percent: number },
): ModelBattery {
  return new SimulatedBattery(clock, percent);
}

class SimulatedBattery implements ModelBattery {
  readonly #clock: Pick<Clock, 'monoUs' | 'after'>;
  readonly #listeners = new Set<(level: BatteryLevel) => void>();
  #load: BatteryLoad = 'idle';
  #known: { readonly percent: number; readonly atUs: number };
  #level: BatteryLevel;
  #cancel: Cancel | undefined;

  constructor(clock: Pick<Clock, 'monoUs' | 'after'>, percent: number) {
    this.#clock = clock;
    this.#known = { percent, atUs: clock.monoUs() };
    this.#level = levelAt(percent, 'good');
  }

  get level(): BatteryLevel {
    return this.#level;
  }

  percent(): number {
    return Math.round(this.#charge());
  }

  volts(): number {
    return voltsAt(this.#charge());
  }

  use(load: BatteryLoad): void {
    this.#settle(this.#charge());
    this.#load = load;
    this.#look();
  }

  set(percent: number): void {
    this.#settle(Math.min(100, Math.max(0, percent)));
    this.#look();
  }

  onLevel(tell: (level: BatteryLevel) => void): Cancel {
    this.#listeners.add(tell);
    this.#look();
    return () => {
      this.#listeners.delete(tell);
      if (this.#listeners.size === 0) this.#cancel?.();
    };
  }

  #charge(): number {
    const hours = (this.#clock.monoUs() - this.#known.atUs) / HOUR_US;
    return chargeAfter(this.#known.percent, this.#load, hours);
  }

  #settle(percent: number): void {
    this.#known = { percent, atUs: this.#clock.monoUs() };
  }

  /** Tells of a level that has been reached by now, and wakes at the next. */
  #look(): void {
    this.#cancel?.();
    const charge = this.#charge();
    const level = levelAt(charge, this.#level);
    if (level !== this.#level) {
      this.#level = level;
      for (const tell of this.#listeners) tell(level);
      // Whoever was told may have changed the load, and then has looked already.
      return this.#look();
    }
    if (this.#listeners.size === 0) return;
    const delayMs =
      Math.min(...this.#crossings().map((target) => hoursUntil(charge, this.#load, target))) * HOUR_MS;
    if (Number.isFinite(delayMs)) this.#cancel = this.#clock.after(Math.ceil(delayMs), () => this.#look());
  }

  /** Charges at which another level begins than the one there is. */
  #crossings(): readonly number[] {
    const mine = rank(this.#level);
    return BEGINS.map(([level, begins]) =>
      rank(level) < mine ? begins : begins + HYSTERESIS + 2 * ROUNDING,
    );
  }
}
