import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readTexts, regimes } from '../../dock/policy/decide/load.ts';
import { matrixOf } from '../../dock/policy/decide/matrix.ts';
import { matrixTable } from '../../dock/policy/decide/matrix-table.ts';

const FOLDER = new URL('matrix/', import.meta.url);

// Goal: no rule changes without somebody reading what it changes. Method: the whole table of each regime is a file that was
// reviewed line by line. docs/POLICY-SERVICE.md has the command that writes it anew.
test.each(regimes())('%s says what was reviewed', { timeout: 60_000 }, (regime) => {
  const reviewed = readFileSync(new URL(`${regime}.csv`, FOLDER), 'utf8');
  expect(`${matrixTable(matrixOf(readTexts(regime))).join('\n')}\n`).toBe(reviewed);
});

// Goal: every regime was reviewed, and no file outlives its regime.
test('one file a regime', () => {
  expect(readdirSync(FOLDER).sort()).toEqual(regimes().map((regime) => `${regime}.csv`));
});
