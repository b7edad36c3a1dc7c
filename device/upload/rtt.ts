import { PROBE_MS_MAX, PROBE_MS_MIN } from '../../proto/limits.ts';

/** Round trip of a link, smoothed as TCP does it (RFC 6298); microseconds. Nothing is known before the first sample. */
export interface RoundTrip {
  readonly srttUs: number;
  readonly rttvarUs: number;
}

// Before the first sample: longer than a dock takes to check a manifest, shorter than anybody's patience.
const FIRST_PROBE_US = 500_000;
const GAIN = 1 / 8;
const VARIATION_GAIN = 1 / 4;

/** A new sample; its Data carried a tx_seq of its own, so it is never clear less than which copy was answered (Karn). */
export function sampled(before: RoundTrip | undefined, sampleUs: number): RoundTrip {
  if (before === undefined) return { srttUs: sampleUs, rttvarUs: sampleUs / 2 };
  const { srttUs, rttvarUs } = before;
  return {
    srttUs: srttUs + GAIN * (sampleUs - srttUs),
    rttvarUs: rttvarUs + VARIATION_GAIN * (Math.abs(sampleUs - srttUs) - rttvarUs),
  };
}

/**
 * How long to wait for an answer after so many probes without one, microseconds; PROBE_MS_MIN to PROBE_MS_MAX, or as long as answers are
 * known to take: to ask a busy dock before it can have answered only makes it busier.
 */
export function probeAfterUs(trip: RoundTrip | undefined, probes: number): number {
  const ptoUs = trip === undefined ? FIRST_PROBE_US : trip.srttUs + 4 * trip.rttvarUs;
  const bounded = Math.max(ptoUs, PROBE_MS_MIN * 1000);
  return Math.max(bounded, Math.min(bounded * 2 ** probes, PROBE_MS_MAX * 1000));
}
