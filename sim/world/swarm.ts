import type { Chance } from '../fault/chance.ts';
import { FAULT_KINDS, type FaultKind } from './coverage.ts';

/** Which kinds of trouble a world has at all, and how much of each: some worlds see one kind alone, some see most at once. */
export interface Swarm {
  has(kind: FaultKind): boolean;
  /** How often something of that kind happens, 0 where there is none of it: from 1 to `most`. */
  times(kind: FaultKind, most: number): number;
  /** A rate from `least` to `most`, by orders of magnitude; 0 where there is none of it. */
  rate(kind: FaultKind, least: number, most: number): number;
}

const SHARES = [0.15, 0.35, 0.6] as const;

/** Draws them. A kind that all worlds had would hide what shows only without it. */
export function drawSwarm(chance: Chance): Swarm {
  const share = SHARES[chance.below(SHARES.length)] ?? 0;
  const kinds = new Set(FAULT_KINDS.filter(() => chance.happens(share)));
  return {
    has: (kind) => kinds.has(kind),
    times: (kind, most) => (kinds.has(kind) ? 1 + chance.split(`times ${kind}`).below(most) : 0),
    rate: (kind, least, most) => (kinds.has(kind) ? between(chance.split(`rate ${kind}`), least, most) : 0),
  };
}

const HALVINGS = 8;

/** Halves the stretch by its geometric mean, again and again. A square root is the same to the last bit everywhere; a power is not. */
function between(chance: Chance, least: number, most: number): number {
  let [low, high] = [least, most];
  for (let n = 0; n < HALVINGS; n++) {
    const middle = Math.sqrt(low * high);
    if (chance.happens(0.5)) low = middle;
    else high = middle;
  }
  return Math.sqrt(low * high);
}
