import type { Entry } from './entry.ts';
import { STATES, type Filter, type Scope, type Sort, type State } from './filter.ts';

/** What a filter leaves of the list, and how much each other choice would show. */
export interface Selection {
  readonly shown: readonly Entry[];
  /** How many of each state the scope and the search leave. */
  readonly counts: Readonly<Record<State, number>>;
}

type Compare = (a: Entry, b: Entry) => number;

/** Instants of one spelling; cheaper by far than by the rules of a language. */
const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
const newest: Compare = (a, b) => byText(b.at, a.at);
const numbers = new Intl.Collator(undefined, { numeric: true });

const COMPARE: Readonly<Record<Sort, Compare>> = {
  newest,
  oldest: (a, b) => byText(a.at, b.at),
  waiting: (a, b) => {
    const since = [a.waitingSince, b.waitingSince];
    if (since[0] !== undefined && since[1] !== undefined) return byText(since[0], since[1]);
    return Number(since[0] === undefined) - Number(since[1] === undefined) || newest(a, b);
  },
  officer: (a, b) =>
    Number(a.officer === '') - Number(b.officer === '') ||
    (a.officer === b.officer ? 0 : numbers.compare(a.officer, b.officer)) ||
    newest(a, b),
  status: (a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state) || newest(a, b),
};

/** In this order; what is equal stays as it was. */
export function sorted(entries: readonly Entry[], sort: Sort): readonly Entry[] {
  return entries.toSorted(COMPARE[sort]);
}

export function isMine({ officer }: Entry, me: string): boolean {
  return officer === me;
}

/** Those that the filter leaves, in the order in which they come. Every word of the search must be found, in any order. */
export function select(
  entries: readonly Entry[],
  { states, search }: Pick<Filter, 'states' | 'search'>,
  of: { readonly me: string; readonly scope: Scope },
): Selection {
  const terms = search.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = new Set(states.length === 0 ? STATES : states);
  const counts = { held: 0, released: 0, viewed: 0, partial: 0, missing: 0, quarantined: 0 };
  const shown: Entry[] = [];
  for (const entry of entries) {
    if (of.scope === 'mine' && !isMine(entry, of.me)) continue;
    if (!terms.every((term) => entry.words.includes(term))) continue;
    counts[entry.state] += 1;
    if (wanted.has(entry.state)) shown.push(entry);
  }
  return { shown, counts };
}
