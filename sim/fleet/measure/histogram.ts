import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from 'hdr-histogram-js';
import type { Percentiles } from '../result.ts';

// An hour in microseconds. What took longer is counted as an hour: it is the worst either way.
const HIGHEST_US = 3_600_000_000;
// Three digits: a percentile is within a thousandth of what was recorded.
const DIGITS = 3;
const US_PER_MS = 1_000;

/** Times in microseconds, by HdrHistogram in plain JavaScript: its WebAssembly would be one more thing to load in every worker. */
export class TimeHistogram {
  readonly #counts: Histogram = build({
    bitBucketSize: 32,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: DIGITS,
    useWebAssembly: false,
  });

  record(us: number): void {
    this.#counts.recordValue(Math.min(HIGHEST_US, Math.max(0, Math.round(us))));
  }

  /** What was recorded so far, as text that `addEncoded` takes; and starts again with nothing. */
  takeEncoded(): string {
    const text = encodeIntoCompressedBase64(this.#counts);
    this.#counts.reset();
    return text;
  }

  addEncoded(text: string): void {
    const other = decodeFromCompressedBase64(text, 32, false);
    // Adding nothing is not free: the whole table would be walked.
    if (other.totalCount > 0) this.#counts.add(other);
  }

  reset(): void {
    this.#counts.reset();
  }

  percentiles(): Percentiles {
    const counts = this.#counts;
    const count = counts.totalCount;
    const at = (percent: number): number | null =>
      count === 0 ? null : counts.getValueAtPercentile(percent) / US_PER_MS;
    return { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: at(100), count };
  }
}
