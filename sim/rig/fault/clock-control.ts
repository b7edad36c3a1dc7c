/** The control file of a troubled wall clock: what is added to the true one. */
export interface ClockControl {
  /** Milliseconds at `fromNs`. */
  readonly offsetMs: number;
  /** Parts per million by which it runs fast since then. */
  readonly driftPpm: number;
  /** By `process.hrtime`, which is one clock for all programs of this machine; decimal digits. */
  readonly fromNs: string;
}

/** The same control as read back from JSON. */
export function readClockControl(read: object | undefined): ClockControl | undefined {
  // Written by this rig alone, through `writeControl`.
  return read === undefined ? undefined : (read as ClockControl);
}

/** How far the wall clock is off at `nowNs`, in milliseconds. */
export function offsetAt({ offsetMs, driftPpm, fromNs }: ClockControl, nowNs: bigint): number {
  const sinceMs = Number(nowNs - BigInt(fromNs)) / 1e6;
  return offsetMs + (sinceMs * driftPpm) / 1e6;
}
