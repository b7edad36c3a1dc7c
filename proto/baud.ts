/** Slower than any port still in use, and the most that common USB bridges do; bit/s. */
export const BAUD_MIN = 300;
export const BAUD_MAX = 4_000_000;
// Every USB bridge and most cables in a dock carry it.
export const BAUD_MAX_DEFAULT = 921_600;

/** Line rates worth trying, bit/s, the fastest first: those that common USB bridges make exactly. */
export const BAUD_RATES: readonly number[] = [
  3_000_000, 2_000_000, 1_500_000, 921_600, 460_800, 230_400, 115_200,
];

/** The fastest rate worth trying that is at most `max`; undefined when all are faster. */
export function baudUpTo(max: number): number | undefined {
  return BAUD_RATES.find((rate) => rate <= max);
}
