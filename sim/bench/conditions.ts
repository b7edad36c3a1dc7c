/** A serial line as the benchmark models it. */
export interface LineConditions {
  readonly baud: number;
  /** One way. */
  readonly latencyMs: number;
  readonly bitErrorRate: number;
}

export const BAUD = 921_600;
export const ROUND_TRIP_MS = 20;

/** The lines of every cell, from clean to hardly usable. */
export const BIT_ERROR_RATES = [0, 1e-6, 1e-5, 1e-4] as const;

export function lineOf(bitErrorRate: number): LineConditions {
  return { baud: BAUD, latencyMs: ROUND_TRIP_MS / 2, bitErrorRate };
}
