import type { Film } from './recovery.ts';

/** Films in the order in which they were closed, for one reader who waits for them. */
export class Roll {
  readonly #films: Film[] = [];
  #ended: { readonly error: Error | undefined } | undefined;
  #wake: (() => void) | undefined;

  push(film: Film): void {
    this.#films.push(film);
    this.#wake?.();
  }

  /** No more films; with an error the reader is thrown it after the last one. */
  end(error?: Error): void {
    this.#ended ??= { error };
    this.#wake?.();
  }

  async *read(): AsyncGenerator<Film> {
    for (;;) {
      const film = this.#films.shift();
      if (film) yield film;
      else if (this.#ended) break;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    if (this.#ended.error) throw this.#ended.error;
  }
}
