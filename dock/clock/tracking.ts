const US_PER_S = 1e6;
const FIELDS = 14;
// What chronyd calls itself when it follows no source but its own clock (directive `local`), and then says "Normal".
const OWN_CLOCK = '7F7F0101';
// RFC 5905 lets any clock wander by this much between measurements (PHI).
const WANDER_PPM = 15;

/** One answer of chronyd about the system's clock (`chronyc tracking`). */
export interface Tracking {
  /** Follows another clock than its own, and no leap second is near. */
  readonly isSynchronised: boolean;
  readonly isOwnClock: boolean;
  readonly leap: string;
  /** When the newest measurement was processed, UTC by this machine, microseconds since 1970. */
  readonly measuredAtUs: number;
  /** How far UTC may have been from the system's clock when chronyd answered, provided that its sources are right. */
  readonly boundUs: number;
  /** By how much that grows with time. */
  readonly growthPpm: number;
}

/**
 * Reads the line of `chronyc -c tracking`, whose fields are: reference id, its name, stratum, reference time, offset of
 * the system's clock, last offset, RMS offset, frequency, residual frequency, skew, root delay, root dispersion, update
 * interval, leap status; in seconds and parts per million. Undefined for anything else.
 *
 * The bound is chrony's own (`chronyc(1)`, tracking): |offset| + root dispersion + half the root delay. It grows by the
 * skew, and by the frequency too: where chronyd only watches (`-x`) that one is not made up for.
 */
export function parseTracking(line: string): Tracking | undefined {
  const fields = line.trim().split(',');
  if (fields.length !== FIELDS) return undefined;
  const [referenceId = '', leap = ''] = [fields[0], fields[13]];
  const seconds = (at: number): number => numberOf(fields[at]) * US_PER_S;
  const ppm = (at: number): number => Math.abs(numberOf(fields[at]));
  const tracking = {
    isSynchronised: leap === 'Normal',
    isOwnClock: referenceId === OWN_CLOCK,
    leap,
    measuredAtUs: seconds(3),
    boundUs: Math.abs(seconds(4)) + Math.abs(seconds(11)) + Math.abs(seconds(10)) / 2,
    growthPpm: WANDER_PPM + ppm(7) + ppm(8) + ppm(9),
  };
  const isWhole = [tracking.measuredAtUs, tracking.boundUs, tracking.growthPpm].every(Number.isFinite);
  return isWhole && /^[0-9A-F]{8}$/.test(referenceId) && leap !== '' ? tracking : undefined;
}

/** `Number` would take an empty field for 0. */
function numberOf(field: string | undefined): number {
  return field !== undefined && /^[+-]?\d+(\.\d+)?$/.test(field) ? Number(field) : Number.NaN;
}
