/** Line rates worth trying, bit/s, the fastest first: those that common USB bridges make exactly. */
export const BAUD_RATES: readonly number[] = [
  3_000_000, 2_000_000, 1_500_000, 921_600, 460_800, 230_400, 115_200,
];

/** The fastest rate worth trying that is at most `max`; undefined when all are faster. */
export function baudUpTo(max: number): number | undefined {
  return BAUD_RATES.find((rate) => rate <= max);
}
