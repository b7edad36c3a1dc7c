import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadRules } from '../../dock/policy/decide/load.ts';
import { oneRegime } from '../../dock/policy/decide/rule-book.ts';
import { compare } from '../../dock/policy/shift/difference.ts';
import { differencePage } from '../../dock/policy/shift/difference-page.ts';
import { differenceTable } from '../../dock/policy/shift/difference-table.ts';
import { explain } from '../../dock/policy/shift/explanation.ts';
import { explanationPage } from '../../dock/policy/shift/explanation-page.ts';
import { parseShift } from '../../dock/policy/shift/file.ts';

const here = (name: string): string => new URL(name, import.meta.url).pathname;
const entries = parseShift('shift.jsonl', readFileSync(here('shift.jsonl'), 'utf8'));
const COLUMNS_MAX = 100;

// Goal: what two regimes make of one shift is what their sources say, to the second, and stays so. Method: a shift written by hand
// with one incident of each kind of force, and pages that were read line by line against the sources before they were kept here.
describe('the difference over the golden shift', { timeout: 120_000 }, () => {
  it.each([
    ['doj', 'ppa'],
    ['doj', 'city'],
    ['city', 'portland-2023'],
  ])('%s and %s', async (a, b) => {
    const difference = compare(entries, [loadRules(a), loadRules(b)]);
    const page = differencePage(difference).filter((line) => !line.startsWith('rules '));
    expect(page.filter((line) => line.length > COLUMNS_MAX)).toEqual([]);
    if (b === 'ppa') expect(readFileSync(here('../../docs/REGIMES.md'), 'utf8')).toContain(page.join('\n'));
    await expect(`${page.join('\n')}\n`).toMatchFileSnapshot(here(`shift/${a}-${b}.txt`));
    await expect(`${differenceTable(difference).join('\n')}\n`).toMatchFileSnapshot(
      here(`shift/${a}-${b}.csv`),
    );
  });
});

// Goal: an explanation says which rule decided, what it rests on, what is missing and when it was otherwise. Method: the partner of an
// officer whose report is withdrawn at that moment; the page was read against facts and rules before it was kept.
it('the explanation of a withdrawn report', { timeout: 120_000 }, async () => {
  const inquest = {
    recording: 'b2'.repeat(16),
    person: '5522',
    nowMs: Date.parse('2026-11-20T12:45:00Z'),
  };
  const explanation = explain(entries, oneRegime(loadRules('doj')), inquest);
  const page = explanationPage({
    explanation,
    because: 'named on the command line',
    decisions: [],
    keys: [],
  });
  expect(page.filter((line) => line.length > COLUMNS_MAX)).toEqual([]);
  const kept = page.filter((line) => !line.startsWith('Rules '));
  await expect(`${kept.join('\n')}\n`).toMatchFileSnapshot(here('shift/explain-doj.txt'));
});
