import type { BatteryLoad } from '../ports.ts';

/** A stretch of charge within which a load takes, or the dock gives, evenly. */
interface Piece {
  readonly low: number;
  readonly high: number;
  readonly percentAnHour: number;
}

// What a camera of this kind takes at the nominal voltage, percent of its battery an hour: ten hours of recording empty it, half a
// day on standby costs a quarter, and asleep it waits for two weeks. Off, it keeps what it has.
const TAKEN: Readonly<Record<Exclude<BatteryLoad, 'docked'>, number>> = {
  off: 0,
  sleep: 0.3,
  idle: 2,
  recording: 10,
};
const NOMINAL_VOLTS = 3.7;
// A lithium-ion cell by its charge. A camera takes the same power all the time, so the lower the voltage the more charge.
const VOLTS: readonly (readonly [low: number, high: number, volts: number])[] = [
  [80, 100, 4.1],
  [50, 80, 3.9],
  [20, 50, 3.7],
  [5, 20, 3.6],
  [0, 5, 3.4],
];
// Constant current first, then constant voltage, of which less and less flows: two hours to 95 percent, another for the rest.
const CHARGING: readonly Piece[] = [
  { low: 0, high: 80, percentAnHour: 55 },
  { low: 80, high: 90, percentAnHour: 30 },
  { low: 90, high: 95, percentAnHour: 15 },
  { low: 95, high: 100, percentAnHour: 5 },
];

/** What is left after `hours` of that load, 0 to 100. Percent are of charge; going on in steps comes to the same. */
export function chargeAfter(percent: number, load: BatteryLoad, hours: number): number {
  let [charge, left] = [percent, hours];
  for (const piece of ahead(percent, load)) {
    const needed = hoursThrough(piece, charge);
    if (needed >= left) return clamp(charge + piece.percentAnHour * left);
    charge = piece.percentAnHour > 0 ? piece.high : piece.low;
    left -= needed;
  }
  return charge;
}

/** How long that load takes to come from `percent` to `target`, hours; Infinity when it never does. */
export function hoursUntil(percent: number, load: BatteryLoad, target: number): number {
  let [charge, hours] = [percent, 0];
  if (charge === target) return 0;
  for (const piece of ahead(percent, load)) {
    const isWithin = piece.percentAnHour > 0 ? target <= piece.high : target >= piece.low;
    const towards = (target - charge) / piece.percentAnHour;
    if (towards < 0) break;
    if (isWithin) return hours + towards;
    hours += hoursThrough(piece, charge);
    charge = piece.percentAnHour > 0 ? piece.high : piece.low;
  }
  return Number.POSITIVE_INFINITY;
}

/** Voltage of the cell at rest, for displays. */
export function voltsAt(percent: number): number {
  return VOLTS.find(([low]) => percent >= low)?.[2] ?? NOMINAL_VOLTS;
}

/** The pieces that the charge goes through from here, in order; none when it does not change. */
function ahead(percent: number, load: BatteryLoad): readonly Piece[] {
  if (load === 'docked') return CHARGING.filter(({ high }) => high > percent);
  const taken = TAKEN[load];
  if (taken === 0) return [];
  return VOLTS.filter(([low]) => low < percent).map(([low, high, volts]) => ({
    low,
    high,
    percentAnHour: (-taken * NOMINAL_VOLTS) / volts,
  }));
}

function hoursThrough({ low, high, percentAnHour }: Piece, charge: number): number {
  return ((percentAnHour > 0 ? high : low) - charge) / percentAnHour;
}

function clamp(percent: number): number {
  return Math.min(100, Math.max(0, percent));
}
