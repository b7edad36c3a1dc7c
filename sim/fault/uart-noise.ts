import type { Chance } from './chance.ts';

/** How a line hurts what passes. Absent means not at all. */
export interface UartNoise {
  /** Probability that one of the eight data bits of a byte is turned over, each bit by itself; asked anew for all that passes. */
  readonly bitErrorRate?: number;
  /** A contact is loose: nothing that passes now comes out. Asked anew for all that passes. */
  readonly isParted?: boolean;
  /** Probability that a byte vanishes, as a framing error makes it do. */
  readonly byteLoss?: number;
  /** Probability that a byte nobody sent comes in front of a byte. */
  readonly byteInsertion?: number;
  /** Every so often, for so long, only random bytes come out, whatever is sent and also when nothing is. */
  readonly burst?: { readonly everyMs: number; readonly lengthMs: number };
  /** Hears of each byte that was turned over in some bit, lost or made up; bytes within a burst are not told one by one. */
  readonly met?: () => void;
  /** Hears of bytes that a loose contact took. */
  readonly parted?: () => void;
}

const BITS = 8;
const NOTHING = new Uint8Array();

/**
 * Spoils one direction of a line. What it does depends on the seed, on how many bytes passed and, for bursts, on when:
 * not on how the stream was cut. Errors are found by drawing the distance to the next one, so a clean line costs nothing.
 */
export class LineNoise {
  readonly #noise: UartNoise;
  readonly #chance: Chance;
  readonly #flipChance: Chance;
  #flipRate: number;
  #flips: Gaps;
  readonly #losses: Gaps;
  readonly #insertions: Gaps;
  /** Where in a period bursts begin. */
  readonly #burstPhaseUs: number;

  constructor(noise: UartNoise, chance: Chance) {
    this.#noise = noise;
    this.#chance = chance.split('bytes');
    this.#flipChance = chance.split('flips');
    this.#flipRate = noise.bitErrorRate ?? 0;
    this.#flips = new Gaps(this.#flipRate, this.#flipChance);
    this.#losses = new Gaps(noise.byteLoss ?? 0, chance.split('losses'));
    this.#insertions = new Gaps(noise.byteInsertion ?? 0, chance.split('insertions'));
    const slackMs = noise.burst === undefined ? 0 : noise.burst.everyMs - noise.burst.lengthMs;
    this.#burstPhaseUs = slackMs * 1_000 * chance.split('bursts').fraction();
  }

  /** What comes out for bytes that went on the wire one after another from `startUs`; the same array when nothing happened. */
  pass(bytes: Uint8Array, startUs: number, byteUs: number): Uint8Array {
    if (this.#noise.isParted === true) {
      this.#noise.parted?.();
      return NOTHING;
    }
    this.#askRate();
    const inBurst = this.burstUs(startUs, startUs + bytes.length * byteUs) > 0;
    const isQuiet =
      this.#losses.left >= bytes.length &&
      this.#insertions.left >= bytes.length &&
      this.#flips.left >= bytes.length * BITS;
    if (!isQuiet || inBurst) return this.#spoil(bytes, startUs, byteUs);
    this.#losses.skip(bytes.length);
    this.#insertions.skip(bytes.length);
    this.#flips.skip(bytes.length * BITS);
    return bytes;
  }

  /** What comes out of a line on which nothing was sent from one moment to the other. */
  idle(fromUs: number, untilUs: number, byteUs: number): Uint8Array {
    const count = Math.floor(this.burstUs(fromUs, untilUs) / byteUs);
    return count === 0 ? NOTHING : this.#chance.bytes(count);
  }

  /** How long bursts lasted in that time, microseconds. */
  burstUs(fromUs: number, untilUs: number): number {
    const { burst } = this.#noise;
    if (burst === undefined || untilUs <= fromUs) return 0;
    const [everyUs, lengthUs] = [burst.everyMs * 1_000, burst.lengthMs * 1_000];
    const upTo = (us: number): number => {
      const whole = Math.floor((us - this.#burstPhaseUs) / everyUs);
      return whole * lengthUs + Math.min(lengthUs, us - this.#burstPhaseUs - whole * everyUs);
    };
    return upTo(untilUs) - upTo(fromUs);
  }

  /** The end of the first burst that ends after this moment; Infinity without bursts. */
  burstEndUs(afterUs: number): number {
    const { burst } = this.#noise;
    if (burst === undefined) return Number.POSITIVE_INFINITY;
    const firstUs = this.#burstPhaseUs + burst.lengthMs * 1_000;
    const everyUs = burst.everyMs * 1_000;
    return firstUs + everyUs * Math.max(0, Math.floor((afterUs - firstUs) / everyUs) + 1);
  }

  /** The gap to the next error has no memory, so another rate begins with a new one. */
  #askRate(): void {
    const rate = this.#noise.bitErrorRate ?? 0;
    if (rate === this.#flipRate) return;
    this.#flipRate = rate;
    this.#flips = new Gaps(rate, this.#flipChance);
  }

  #spoil(bytes: Uint8Array, startUs: number, byteUs: number): Uint8Array {
    const out = new Uint8Array(2 * bytes.length);
    let length = 0;
    for (const [index, byte] of bytes.entries()) {
      const isInserted = this.#insertions.hits();
      if (isInserted) out[length++] = this.#chance.below(256);
      const flipped = this.#flip(byte);
      const isLost = this.#losses.hits();
      if (isInserted || isLost || flipped !== byte) this.#noise.met?.();
      if (isLost) continue;
      const atUs = startUs + index * byteUs;
      const isNoise = this.burstUs(atUs, atUs + byteUs) > 0;
      out[length++] = isNoise ? this.#chance.below(256) : flipped;
    }
    return out.subarray(0, length);
  }

  #flip(byte: number): number {
    if (this.#flips.left >= BITS) {
      this.#flips.skip(BITS);
      return byte;
    }
    let flipped = byte;
    for (let bit = 0; bit < BITS; bit++) if (this.#flips.hits()) flipped ^= 1 << bit;
    return flipped;
  }
}

/** Independent trials, each of which hits with one probability, by the number of misses before the next hit. */
class Gaps {
  readonly #logMiss: number;
  readonly #chance: Chance;
  /** Trials that miss before the next one that hits. */
  left: number;

  constructor(probability: number, chance: Chance) {
    this.#logMiss = Math.log1p(-probability);
    this.#chance = chance;
    this.left = this.#draw();
  }

  skip(trials: number): void {
    this.left -= trials;
  }

  hits(): boolean {
    if (this.left > 0) {
      this.left -= 1;
      return false;
    }
    this.left = this.#draw();
    return true;
  }

  /** Geometric, by turning its distribution function around. */
  #draw(): number {
    if (this.#logMiss === 0) return Number.POSITIVE_INFINITY;
    return Math.floor(Math.log(1 - this.#chance.fraction()) / this.#logMiss);
  }
}
