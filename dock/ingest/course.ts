/** What a conversation has done for it, in the order in which it asks. */
export class Course {
  /** Resolves when all that was asked for is done. */
  #done: Promise<void> = Promise.resolve();
  /** Resolves when the next may begin. */
  #turn: Promise<void> = Promise.resolve();

  /** Begins once all before is done. `failed` gets what it throws; when that throws too it is a bug, and ends the process. */
  alone(work: () => Promise<void> | void, failed: (error: unknown) => void): void {
    this.#done = this.#done.then(work).catch(failed);
    this.#turn = this.#done;
  }

  /** Begins once all before has begun and `ready` has resolved, so that those that wait together can be done together. */
  beside(
    { ready, work }: { readonly ready: () => Promise<void>; readonly work: () => Promise<void> },
    failed: (error: unknown) => void,
  ): void {
    const turn = this.#turn.then(ready);
    this.#turn = turn.catch(() => undefined);
    const done = turn.then(work).catch(failed);
    this.#done = Promise.all([this.#done, done]).then(() => undefined);
  }

  idle(): Promise<void> {
    return this.#done;
  }
}
