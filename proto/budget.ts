/**
 * Bytes that several queues may hold together. Each queue has a bound of its own as well; this one keeps their sum
 * what the process was promised to use, however many of them there are.
 */
export class ByteBudget {
  readonly #bytesMax: number;
  #taken = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Bytes that are held now. */
  get taken(): number {
    return this.#taken;
  }

  /** False, and nothing taken, when they do not fit. Whoever took bytes gives the same number back. */
  take(bytes: number): boolean {
    if (this.#taken + bytes > this.#bytesMax) return false;
    this.#taken += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#taken -= bytes;
  }
}
