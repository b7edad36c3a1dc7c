import type { Battery, BatteryLoad, Clock } from '../ports.ts';

/** What a camera is given that was told nothing else: most of a shift is still in it. */
export const BATTERY_PERCENT_DEFAULT = 80;

// Percent an hour. Ten hours of recording empty a full battery, two hours in a bay fill it, and it waits for two days.
const PERCENT_AN_HOUR: Readonly<Record<BatteryLoad, number>> = {
  recording: -10,
  docked: 50,
  idle: -2,
  sleep: -0.3,
  off: 0,
};
const HOUR_US = 3_600_000_000;

/**
 * A battery that charges and empties evenly by the monotonic clock, which is all that a display needs. It never runs the
 * camera down: at 0 the camera goes on. `percent`: 0 to 100, at the start.
 */
export function simulatedBattery(clock: Pick<Clock, 'monoUs'>, percent: number): Battery {
  let load: BatteryLoad = 'idle';
  let known = { percent, atUs: clock.monoUs() };
  const look = (): number => {
    const atUs = clock.monoUs();
    const change = (PERCENT_AN_HOUR[load] * (atUs - known.atUs)) / HOUR_US;
    known = { percent: Math.min(100, Math.max(0, known.percent + change)), atUs };
    return known.percent;
  };
  return {
    percent: () => Math.round(look()),
    use: (next) => {
      look();
      load = next;
    },
  };
}
