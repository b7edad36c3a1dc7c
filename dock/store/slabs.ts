import { alignedMemory } from './aligned.ts';

/** Pieces of aligned memory, a fixed number, made when the first is wanted; who finds none waits for the next. */
export class Slabs {
  readonly #bytes: number;
  readonly #count: number;
  #free: Uint8Array[] | undefined;
  readonly #waiting: ((slab: Uint8Array) => void)[] = [];

  /** `bytes` of each, whole pages. */
  constructor(bytes: number, count: number) {
    this.#bytes = bytes;
    this.#count = count;
  }

  take(): Promise<Uint8Array> {
    this.#free ??= this.#make();
    const slab = this.#free.pop();
    if (slab !== undefined) return Promise.resolve(slab);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  give(slab: Uint8Array): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free?.push(slab);
    else next(slab);
  }

  #make(): Uint8Array[] {
    const buffer = alignedMemory(this.#bytes * this.#count);
    return Array.from(
      { length: this.#count },
      (_, index) => new Uint8Array(buffer, index * this.#bytes, this.#bytes),
    );
  }
}
