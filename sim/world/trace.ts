import { createHash, type Hash } from 'node:crypto';

/** Everything that happened in a run, as lines, and one hash over them: two runs with the same hash were the same run. */
export class Trace {
  readonly #hash: Hash = createHash('sha256');
  readonly #sink: ((line: string) => void) | undefined;
  #lines = 0;

  /** `sink` is given every line as it comes, without its end. */
  constructor(sink?: (line: string) => void) {
    this.#sink = sink;
  }

  /** A line has no line break in it. */
  line(text: string): void {
    this.#lines += 1;
    this.#hash.update(`${text}\n`);
    this.#sink?.(text);
  }

  get lines(): number {
    return this.#lines;
  }

  /** SHA-256 over all lines so far, as hex. More lines may follow. */
  get hash(): string {
    return this.#hash.copy().digest('hex');
  }
}
