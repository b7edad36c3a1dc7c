/**
 * Seeded pseudo-random numbers (sfc32): the same seed gives the same numbers on every machine. Not for secrets.
 * Each concern splits its own, so that one more draw here changes nothing there.
 */
export class Chance {
  readonly #seed: string;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: string) {
    this.#seed = seed;
    this.#a = mix(seed, 0x9e3779b9);
    this.#b = mix(seed, 0x243f6a88);
    this.#c = mix(seed, 0xb7e15162);
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** A stream of its own, given by this one's seed and `concern`, whatever was drawn before. */
  split(concern: string): Chance {
    return new Chance(`${this.#seed}/${concern}`);
  }

  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A whole number from 0 to `count - 1`. */
  below(count: number): number {
    return Math.floor((this.uint32() / 2 ** 32) * count);
  }

  /** From 0 to just under 1, in steps of 2^-53. */
  fraction(): number {
    return (this.uint32() * 2 ** 21 + (this.uint32() >>> 11)) / 2 ** 53;
  }

  /** So many bytes that nothing compresses. */
  bytes(count: number): Uint8Array {
    const words = new Uint32Array(Math.ceil(count / 4));
    for (let i = 0; i < words.length; i++) words[i] = this.uint32();
    return new Uint8Array(words.buffer, 0, count);
  }

  /** True with this probability, 0 to 1. */
  happens(probability: number): boolean {
    return this.uint32() < probability * 2 ** 32;
  }
}

/** FNV-1a with its own start for each word of state, and the finish of MurmurHash3. */
function mix(text: string, start: number): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}
