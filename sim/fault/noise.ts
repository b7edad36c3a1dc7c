import type { Chance } from './chance.ts';

/** What passes along a line: the bytes that come out for the bytes that went in. */
export type Line = (bytes: Uint8Array) => Uint8Array;

/** How a line hurts what passes, as probabilities for each byte. */
export interface Noise {
  /** One bit of it is turned over. */
  readonly flip: number;
  /** It vanishes, as a framing error does in a UART. */
  readonly drop: number;
}

/** A noisy line: independent errors, drawn from `chance`. */
export function noisyLine(chance: Chance, { flip, drop }: Noise): Line {
  return (bytes) => {
    const out = new Uint8Array(bytes.length);
    let length = 0;
    for (const byte of bytes) {
      if (chance.happens(drop)) continue;
      out[length++] = chance.happens(flip) ? byte ^ (1 << chance.below(8)) : byte;
    }
    return out.subarray(0, length);
  };
}
