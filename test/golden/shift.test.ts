import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadRules } from '../../dock/policy/decide/load.ts';
import { compare } from '../../dock/policy/shift/difference.ts';
import { differencePage } from '../../dock/policy/shift/difference-page.ts';
import { differenceTable } from '../../dock/policy/shift/difference-table.ts';
import { parseShift } from '../../dock/policy/shift/file.ts';

const here = (name: string): string => new URL(name, import.meta.url).pathname;
const entries = parseShift('shift.jsonl', readFileSync(here('shift.jsonl'), 'utf8'));
const COLUMNS_MAX = 100;

// Goal: what two regimes make of one shift is what their sources say, to the second, and stays so. Method: a shift written by hand
// with one incident of each kind of force, and pages that were read line by line against the sources before they were kept here.
describe('the difference over the golden shift', () => {
  it.each([
    ['doj', 'ppa'],
    ['doj', 'city'],
    ['city', 'portland-2023'],
  ])('%s and %s', async (a, b) => {
    const difference = compare(entries, [loadRules(a), loadRules(b)]);
    const page = differencePage(difference).filter((line) => !line.startsWith('rules '));
    expect(page.filter((line) => line.length > COLUMNS_MAX)).toEqual([]);
    await expect(`${page.join('\n')}\n`).toMatchFileSnapshot(here(`shift/${a}-${b}.txt`));
    await expect(`${differenceTable(difference).join('\n')}\n`).toMatchFileSnapshot(
      here(`shift/${a}-${b}.csv`),
    );
  });
});
