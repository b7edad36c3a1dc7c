import { clearLine, cursorTo } from 'node:readline';

/** Where the runs under way have come to: one line that changes on a terminal, a line a step everywhere else. */
export class Ticker {
  readonly #out: NodeJS.WriteStream;
  readonly #lines = new Map<string, string>();

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  /** A step of this scenario begins. */
  show(name: string, line: string): void {
    this.#lines.delete(name);
    this.#lines.set(name, line);
    if (this.#out.isTTY) this.#draw();
    else this.#out.write(`${line}\n`);
  }

  /** This scenario is over. */
  done(name: string): void {
    this.#lines.delete(name);
    this.#draw();
  }

  /** Leaves the terminal as it was. */
  end(): void {
    this.#lines.clear();
    this.#draw();
  }

  #draw(): void {
    if (!this.#out.isTTY) return;
    cursorTo(this.#out, 0);
    clearLine(this.#out, 0);
    const [newest] = [...this.#lines.values()].toReversed();
    this.#out.write((newest ?? '').slice(0, this.#out.columns - 1));
  }
}
