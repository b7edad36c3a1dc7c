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

// Goal: to have no standing is to be refused, whatever the purpose: a dock that hears so asks for no other. Method: every line that
// allows asks for a part in the incident, a case, or somebody's authorisation.
test.each(regimes())('%s allows nothing to somebody without a standing', { timeout: 60_000 }, (regime) => {
  const allowing = matrixOf(readTexts(regime)).rows.filter(({ allowed }) => allowed);
  expect(allowing.length).toBeGreaterThan(0);
  const lacking = { part: 'none', caseAssigned: 'no', authorisedBy: 'nobody' } as const;
  const columns = Object.keys(lacking) as (keyof typeof lacking)[];
  const open = allowing.filter(({ when }) =>
    columns.every((column) => when[column]?.includes(lacking[column]) ?? true),
  );
  expect(open).toEqual([]);
});

// Goal: every regime was reviewed, and no file outlives its regime.
test('one file a regime', () => {
  expect(readdirSync(FOLDER).sort()).toEqual(regimes().map((regime) => `${regime}.csv`));
});
