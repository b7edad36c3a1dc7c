/** Runs work under one name in the order it came, one at a time; work under different names runs side by side. */
export class Lanes {
  readonly #tails = new Map<string, Promise<unknown>>();

  run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(name) ?? Promise.resolve();
    const result = before.then(work);
    const tail = result
      .catch(() => undefined)
      .then(() => {
        if (this.#tails.get(name) === tail) this.#tails.delete(name);
      });
    this.#tails.set(name, tail);
    return result;
  }

  /** Resolves when all work handed in so far is done, well or badly. */
  async idle(): Promise<void> {
    await Promise.all(this.#tails.values());
  }
}
