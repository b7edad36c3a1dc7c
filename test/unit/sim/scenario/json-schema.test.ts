import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, it } from 'vitest';
import { jsonSchema } from '../../../../sim/scenario/json-schema.ts';
import { readScenario } from '../../../../sim/scenario/reader.ts';
import { reference } from '../../../../sim/scenario/reference.ts';
import { shippedScenarios } from '../../../../sim/scenario/shipped.ts';

const docs = (name: string): string =>
  readFileSync(new URL(`../../../../docs/${name}`, import.meta.url), 'utf8');

// Goal: what editors check and what people read is what the reader takes. Method: made anew and compared.
it('the JSON Schema in docs is that of the code: holdfast rig run --schema > docs/scenario.schema.json', () => {
  expect(docs('scenario.schema.json')).toBe(jsonSchema());
});

it('the reference in docs is that of the code: holdfast rig run --reference', () => {
  const [, found] = docs('SCENARIOS.md').split(/<!-- reference[^\n]*-->\n/);
  expect(found?.trim()).toBe(reference().trim());
});

// Goal: each scenario that comes with holdfast is sound and can be shown to look. Method: read every file.
it('eleven scenarios come along, each named like its file and with a planted fault', () => {
  const read = shippedScenarios().map((file) => ({
    file,
    scenario: readScenario(readFileSync(file, 'utf8'), file),
  }));
  expect(read).toHaveLength(11);
  for (const { file, scenario } of read) {
    expect(scenario.name).toBe(basename(file, '.yaml'));
    expect(scenario.plant?.what, file).toBeTruthy();
    expect(scenario.within, file).toBeLessThanOrEqual(60_000);
  }
});
