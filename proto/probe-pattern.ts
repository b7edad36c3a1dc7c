import { PROBE_BYTES } from './limits.ts';

// Levels that stay and levels that change at every bit: what a slow line driver and a clock that is off get wrong first.
const HARD_BYTES = [0x00, 0xff, 0x55, 0xaa] as const;
const HARD_UP_TO = 64;

/** The pattern of probe `seq` of negotiation `id`: hard bytes, then the low bytes of xorshift32 (Marsaglia 2003, 13/17/5). */
export function probePattern(id: number, seq: number): Uint8Array {
  // A state of 0 would stay 0.
  let state = (id + seq + 1) >>> 0 || 1;
  return Uint8Array.from({ length: PROBE_BYTES }, (_, i) => {
    if (i < HARD_UP_TO) return HARD_BYTES[i % 4] ?? 0;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 0xff;
  });
}
