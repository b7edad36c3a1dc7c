/** A quick look takes this share of long tables and of random runs. */
const SHARE = 4;
const PLANTED_SHARE = 3;

/**
 * HOLDFAST_QUICK=1, as `npm run check` sets it: a part of each long table and fewer random runs, so that the look before a commit
 * stays under a minute. `npm test` and CI do not set it and run them all.
 */
export function isQuick(): boolean {
  return process.env['HOLDFAST_QUICK'] === '1';
}

/** How often to try something random: as often as said, or a quarter of that in a quick look. */
export function runs(all: number): number {
  return isQuick() ? Math.ceil(all / SHARE) : all;
}

/**
 * The cases of a table that takes long: all, or every fourth in a quick look, from a place that chance picks each time, so
 * that looks that follow each other see different ones. Whoever loops says which case failed.
 */
export function* some<Case>(table: Iterable<Case>): Generator<Case, void, void> {
  const share = isQuick() ? SHARE : 1;
  let at = Math.floor(Math.random() * share);
  for (const one of table) if (at++ % share === 0) yield one;
}

/** HOLDFAST_WHOLE=1, as CI sets it: nothing is left to chance or to another day. */
export function isWhole(): boolean {
  return process.env['HOLDFAST_WHOLE'] === '1';
}

/**
 * The planted faults to try: each means a copy of the build and real programs on it, so `npm test` takes a third of each table, from a
 * place that chance picks each time, and HOLDFAST_WHOLE=1, as CI sets it, takes all.
 */
export function somePlanted<Fault>(table: readonly Fault[]): readonly Fault[] {
  if (isWhole()) return table;
  const from = Math.floor(Math.random() * PLANTED_SHARE);
  return table.filter((_, at) => at % PLANTED_SHARE === from);
}

/** Tries {@link some} cases one after the other; a failure says at which. */
export async function trySome<Case>(
  table: Iterable<Case>,
  attempt: (one: Case) => Promise<void>,
): Promise<void> {
  for (const one of some(table)) {
    try {
      await attempt(one);
    } catch (cause) {
      throw new Error(`fails at ${String(one)}`, { cause });
    }
  }
}
