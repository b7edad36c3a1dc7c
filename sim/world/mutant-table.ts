import { MUTANTS, type Mutant } from './mutants.ts';

const BEGIN = '<!-- mutants: written by npm run world:mutants -- --hunt --write -->';
const END = '<!-- end of mutants -->';
const HEAD = '| mistake | what it does | seed | check |\n| --- | --- | ---: | --- |';
const ROW = /^\| `(?<name>[a-z-]+)` \| .* \| (?<seed>\d+) \| `(?<check>[a-z-]+)` \|$/;

/** By which seed and check a mutant was caught last. */
export interface KnownCatch {
  readonly seed: number;
  readonly check: string;
}

/** The catches that docs/WORLD.md tells of, by the mutants' names. */
export function readTable(docs: string): ReadonlyMap<string, KnownCatch> {
  const known = new Map<string, KnownCatch>();
  for (const line of docs.split('\n')) {
    const { name, seed, check } = ROW.exec(line)?.groups ?? {};
    if (name !== undefined && check !== undefined) known.set(name, { seed: Number(seed), check });
  }
  return known;
}

/** The page with these catches in its table; what is known of the other mutants stays. Throws RangeError for a page without the markers. */
export function withRows(
  docs: string,
  caught: readonly (KnownCatch & { readonly mutant: Mutant })[],
): string {
  const [begin, end] = [docs.indexOf(BEGIN), docs.indexOf(END)];
  if (begin < 0 || end < begin) throw new RangeError('the page has no place for the table of mutants');
  const known = new Map(readTable(docs));
  for (const { mutant, seed, check } of caught) known.set(mutant.name, { seed, check });
  const rows = MUTANTS.flatMap(({ name, what }) => {
    const found = known.get(name);
    return found === undefined ? [] : [`| \`${name}\` | ${what} | ${found.seed} | \`${found.check}\` |`];
  });
  return `${docs.slice(0, begin)}${BEGIN}\n\n${[HEAD, ...rows].join('\n')}\n\n${docs.slice(end)}`;
}
