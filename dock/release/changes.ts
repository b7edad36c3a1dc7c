import type { RecordingId } from '../../proto/ids.ts';

export interface Change {
  readonly recordingId: RecordingId;
}

/**
 * Tells every listener which recordings changed. A slow listener hears of a recording once however often it
 * changed meanwhile, so what waits is bounded by the number of recordings.
 */
export class Changes {
  readonly #listeners = new Set<Listener>();

  tell(recordingId: RecordingId): void {
    for (const listener of this.#listeners) listener.tell(recordingId);
  }

  /** Listens from this call on, not from the first `next`. Ends, and says so, when the caller returns it or `close` is called. */
  listen(onEnd: () => void = () => undefined): AsyncIterableIterator<Change> {
    const listener = new Listener((ended) => {
      if (this.#listeners.delete(ended)) onEnd();
    });
    this.#listeners.add(listener);
    return listener;
  }

  close(): void {
    for (const listener of this.#listeners) listener.end();
  }
}

// Written by hand, as a generator that waits cannot be returned from: a page that goes away would never be let go.
class Listener implements AsyncIterableIterator<Change> {
  readonly #pending = new Set<RecordingId>();
  readonly #onEnd: (listener: Listener) => void;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(onEnd: (listener: Listener) => void) {
    this.#onEnd = onEnd;
  }

  tell(recordingId: RecordingId): void {
    this.#pending.add(recordingId);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#onEnd(this);
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<Change, undefined>> {
    while (!this.#ended && this.#pending.size === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const [recordingId] = this.#pending;
    if (this.#ended || recordingId === undefined) return { done: true, value: undefined };
    this.#pending.delete(recordingId);
    return { done: false, value: { recordingId } };
  }

  async return(): Promise<IteratorResult<Change, undefined>> {
    this.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Change> {
    return this;
  }
}
