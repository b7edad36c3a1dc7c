const BITS_PER_BYTE = 10;

/** What one transfer cost. All are ratios. */
export interface WireFigures {
  /** Bytes on the wire in the direction of the data, for each byte of payload. */
  readonly wireRatio: number;
  /** Bytes on the wire the other way, for each byte of payload. */
  readonly ackRatio: number;
  /** Payload rate as a share of what the line carries at 8N1, a tenth of its bit rate. */
  readonly goodput: number;
}

export function goodputOf(
  payloadBytes: number,
  { tookMs, baud }: { readonly tookMs: number; readonly baud: number },
): number {
  return payloadBytes / (tookMs / 1_000) / (baud / BITS_PER_BYTE);
}

/** The middle one; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = low] = sorted.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1);
  return (low + high) / 2;
}

/** The smallest of the values that at least this share of them do not exceed; NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Each figure's median by itself. */
export function medians(runs: readonly WireFigures[]): WireFigures {
  return {
    wireRatio: median(runs.map(({ wireRatio }) => wireRatio)),
    ackRatio: median(runs.map(({ ackRatio }) => ackRatio)),
    goodput: median(runs.map(({ goodput }) => goodput)),
  };
}

/** For people and JSON: enough digits to compare, none that change with the weather. */
export function rounded(figures: WireFigures): WireFigures {
  const round = (value: number): number => Math.round(value * 1e5) / 1e5;
  return {
    wireRatio: round(figures.wireRatio),
    ackRatio: round(figures.ackRatio),
    goodput: round(figures.goodput),
  };
}
