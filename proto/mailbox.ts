/**
 * A bounded queue between one poster and one reader. Posting never waits: a full or closed mailbox
 * says false, and the poster decides what that means. Reading ends once it is closed and empty.
 */
export class Mailbox<Item> implements AsyncIterable<Item> {
  readonly #capacity: number;
  readonly #items: Item[] = [];
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#items.length;
  }

  post(item: Item): boolean {
    if (this.#closed || this.#items.length >= this.#capacity) return false;
    this.#items.push(item);
    this.#wake?.();
    return true;
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  /** Takes out all that waits. */
  clear(): readonly Item[] {
    return this.#items.splice(0);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, void> {
    for (;;) {
      const item = this.take() ?? (await this.next());
      if (item === undefined) return;
      yield item;
    }
  }

  /** What waits first; undefined when nothing does. */
  take(): Item | undefined {
    return this.#items.shift();
  }

  /** For the one reader: resolves to what comes next, or to undefined once it is closed and empty. */
  async next(): Promise<Item | undefined> {
    while (this.#items.length === 0) {
      if (this.#closed) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    return this.#items.shift();
  }
}
