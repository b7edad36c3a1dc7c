/**
 * Hands results over in the order in which they were asked for, however long each took: a flash answers as it likes, and
 * a dock that takes bytes in order should get them so.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Resolves with what the work gives, once all that was asked for before has been handed over; rejects as the work does. */
  take<Result>(work: Promise<Result>): Promise<Result> {
    const turn = Promise.all([work, this.#last]).then(([result]) => result);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
