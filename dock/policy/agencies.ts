import { standingLines } from './decide/rule-book.ts';
import type { Knowledge } from './facts/knowledge.ts';

/**
 * In words, each agency that has rules of its own though nobody who is enrolled is of it: mostly its name is mistyped, and its people are
 * under the rules for everybody.
 */
export function unusedLines(known: Knowledge): readonly string[] {
  const all = known.listed().people.map((person) => known.person(person)?.org ?? '');
  const agencies = [...new Set(all)].filter((agency) => agency !== '').sort();
  const named = new Set(standingLines(known.adoptions()).map(({ agency }) => agency));
  const there = agencies.length === 0 ? 'There are none yet' : `There are: ${agencies.join(', ')}`;
  return [...named]
    .filter((agency) => agency !== '' && !agencies.includes(agency))
    .map(
      (agency) =>
        `the rules for "${agency}" apply to nothing: nobody who is enrolled is of that agency. ${there}`,
    );
}
