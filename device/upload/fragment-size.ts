import type { FragmentBytes } from '../ports.ts';

/** How a Data payload fared on the line. */
export interface Fate {
  readonly payloadBytes: number;
  readonly arrived: boolean;
}

/**
 * What is believed of a line, and the fragment that costs least if it is so. `beliefs` are probabilities of the bit
 * error rates of the grid; a link with one size has none.
 */
export interface FragmentSize {
  readonly bytes: number;
  readonly bounds: FragmentBytes;
  readonly beliefs: readonly number[] | undefined;
  readonly candidates: readonly Candidate[];
}

/** A size worth choosing: for each bit error rate the share of payload in all that is sent, repeats included. */
interface Candidate {
  readonly bytes: number;
  readonly shares: readonly number[];
}

// Data header, CRC, delimiters and the first code byte (docs/PROTOCOL.md, "Fragment size").
const AROUND_BYTES = 21;
// Byte stuffing adds one for each run of 254 bytes without a zero: in random bytes one for about so many.
const STUFFING_RUN = 430;
// From a line without errors, as far as anybody could tell in one upload, to one on which hardly a byte pair survives.
const RATE_MIN = 1e-8;
const RATE_MAX = 3e-3;
const RATES = 40;
// Good lines are more common than bad ones: a rate ten times worse is half as likely.
const GOOD_IS_COMMON = 0.3;
// How often a line changes its mind, in bytes on the wire: what came before such a change says nothing any more.
// Measured from none to 1e-3: the overhead is within two thousandths of the best, with 1 MiB as with 16.
const STEADY_BYTES = 4 * 1024 * 1024;
// Half a power of two apart: in between, the best size would save a sixtieth of the overhead.
const STEPS_PER_DOUBLING = 2;

const GRID: readonly number[] = Array.from(
  { length: RATES },
  (_, index) => RATE_MIN * (RATE_MAX / RATE_MIN) ** (index / (RATES - 1)),
);
const PRIOR: readonly number[] = normal(GRID.map((rate) => rate ** -GOOD_IS_COMMON));
const LOG_GOOD: readonly number[] = GRID.map((rate) => Math.log1p(-rate));

/** Bytes on the line for a payload of so many. */
export function wireBytesOf(payloadBytes: number): number {
  return payloadBytes + AROUND_BYTES + payloadBytes / STUFFING_RUN;
}

/** Knows nothing of the line yet, and begins as the link says. */
export function fragmentSizeFor(bounds: FragmentBytes): FragmentSize {
  const { start, min, max, isNoiseless = false } = bounds;
  if (min >= max || isNoiseless) return { bytes: start, bounds, beliefs: undefined, candidates: [] };
  const steps = Math.ceil(STEPS_PER_DOUBLING * Math.log2(max / min));
  const candidates = Array.from({ length: steps + 1 }, (_, step) =>
    candidateOf(Math.min(max, Math.round(min * 2 ** (step / STEPS_PER_DOUBLING)))),
  );
  return { bytes: start, bounds, beliefs: PRIOR, candidates };
}

function candidateOf(bytes: number): Candidate {
  const wireBytes = wireBytesOf(bytes);
  return { bytes, shares: LOG_GOOD.map((good) => (bytes / wireBytes) * Math.exp(8 * wireBytes * good)) };
}

/**
 * Learns from what arrived and what did not, by Bayes' rule over a grid of bit error rates. The line may have changed
 * before each of them, with a small probability and to any rate; so nothing is ever ruled out, and a few frames are
 * enough to turn a long history over.
 */
export function learnt(before: FragmentSize, fates: readonly Fate[]): FragmentSize {
  if (before.bounds.isNoiseless === true) return shortened(before, fates);
  if (before.beliefs === undefined || fates.length === 0) return before;
  const beliefs = fates.reduce(updated, before.beliefs);
  return { ...before, bytes: bestSize(before.candidates, beliefs), beliefs };
}

/** Where there is no noise, what did not arrive was too long: half of it may pass. */
function shortened(before: FragmentSize, fates: readonly Fate[]): FragmentSize {
  const lostBytes = fates.filter(({ arrived }) => !arrived).map(({ payloadBytes }) => payloadBytes);
  if (lostBytes.length === 0) return before;
  const half = Math.floor(Math.min(...lostBytes) / 2);
  return { ...before, bytes: Math.min(before.bytes, Math.max(before.bounds.min, half)) };
}

function updated(beliefs: readonly number[], { payloadBytes, arrived }: Fate): readonly number[] {
  const wireBytes = wireBytesOf(payloadBytes);
  const changed = 1 - Math.exp(-wireBytes / STEADY_BYTES);
  const weights = beliefs.map((belief, index) => {
    const good = Math.exp(8 * wireBytes * (LOG_GOOD[index] ?? 0));
    return ((1 - changed) * belief + changed * (PRIOR[index] ?? 0)) * (arrived ? good : 1 - good);
  });
  return normal(weights);
}

function normal(weights: readonly number[]): readonly number[] {
  let sum = 0;
  for (const weight of weights) sum += weight;
  return weights.map((weight) => weight / sum);
}

/** The size whose expected share of payload is largest. */
function bestSize(candidates: readonly Candidate[], beliefs: readonly number[]): number {
  let best = 0;
  let bestShare = -1;
  for (const { bytes, shares } of candidates) {
    let share = 0;
    for (let index = 0; index < RATES; index += 1) share += (beliefs[index] ?? 0) * (shares[index] ?? 0);
    if (share < bestShare) continue;
    best = bytes;
    bestShare = share;
  }
  return best;
}
