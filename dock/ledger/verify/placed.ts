/** An entry and where it stands in the log. */
export interface Placed<Entry> {
  readonly index: number;
  readonly entry: Entry;
}
