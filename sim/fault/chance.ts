/** The next pseudo-random number, from 0 up to but not 1. */
export type Chance = () => number;

/**
 * Seeded pseudo-random numbers (mulberry32): the same seed gives the same numbers on every machine. Not for secrets.
 * Each concern takes its own, so that one more draw here changes nothing there.
 */
export function chance(seed: number): Chance {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
