/** Rows that PageUp and PageDown pass over. */
const PAGE_ROWS = 10;
const KEYS = new Map<string, (at: number, last: number) => number>([
  ['ArrowDown', (at) => at + 1],
  ['ArrowUp', (at) => at - 1],
  ['PageDown', (at) => at + PAGE_ROWS],
  ['PageUp', (at) => at - PAGE_ROWS],
  ['Home', () => 0],
  // Past the last one, so that more are drawn where there are more.
  ['End', (at, last) => (at === last ? last + 1 : last)],
]);

/** Where a key leads from the row at this index; undefined for keys that lead nowhere. May be past the last. */
export function moved(key: string, at: number, last: number): number | undefined {
  const to = KEYS.get(key)?.(at, last);
  return to === undefined ? undefined : Math.max(0, to);
}
