import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { statesMarkdown } from '../../../../device/firmware/diagram.ts';

const PAGE = new URL('../../../../docs/CAMERA.md', import.meta.url);
const BEGIN =
  '<!-- states: begin. Made from device/firmware: HOLDFAST_UPDATE=1 npx vitest run --project fast diagram -->\n';
const END = '<!-- states: end -->\n';

// Goal: the page shows the states that the code has. Method: make that part of the page anew and compare; with
// HOLDFAST_UPDATE=1 it is written first.
it('is what the page shows', () => {
  const page = readFileSync(PAGE, 'utf8');
  const [before, rest = ''] = page.split(BEGIN);
  const [, after] = rest.split(END);
  expect(after, 'the page has both of its markers').toBeDefined();
  const made = `${before}${BEGIN}${statesMarkdown()}${END}${after}`;
  if (process.env['HOLDFAST_UPDATE'] === '1') writeFileSync(PAGE, made);
  expect(readFileSync(PAGE, 'utf8')).toBe(made);
});
