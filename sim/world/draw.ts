import type { Chance } from '../fault/chance.ts';

/** One of them, each as likely. */
export function one<Item>(chance: Chance, items: readonly Item[]): Item {
  const item = items[chance.below(items.length)];
  if (item === undefined) throw new RangeError('there is nothing to choose from');
  return item;
}

/** A whole number from one to the other. */
export function between(chance: Chance, least: number, most: number): number {
  return least + chance.below(most - least + 1);
}
