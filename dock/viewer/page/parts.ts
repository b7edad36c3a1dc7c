import type { Part } from './part.ts';

/** The part that plays, and the one before or after it: looking back a little costs no new opening. */
const KEPT_MAX = 2;

/** The parts of one recording that are open now; the keys of what is no longer needed are gone. */
export class Parts {
  readonly #open: (from: number) => Promise<Part>;
  /** The one that was used last comes last. */
  #kept: readonly Part[];

  constructor(first: Part, open: (from: number) => Promise<Part>) {
    this.#kept = [first];
    this.#open = open;
  }

  /** The open part that holds this chunk. */
  find(index: number): Part | undefined {
    const found = this.#kept.find(({ range: [start, end] }) => start <= index && index < end);
    if (found !== undefined) this.#kept = [...this.#kept.filter((part) => part !== found), found];
    return found;
  }

  /** Opens the part that begins at this chunk, or a little before it. Rejects as the opening does. */
  async open(from: number): Promise<Part> {
    const part = await this.#open(from);
    this.#kept = [...this.#kept, part];
    for (const old of this.#kept.slice(0, -KEPT_MAX)) this.drop(old);
    return part;
  }

  drop(part: Part): void {
    part.forget();
    this.#kept = this.#kept.filter((kept) => kept !== part);
  }

  forget(): void {
    for (const part of this.#kept) part.forget();
    this.#kept = [];
  }
}
