import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { plant } from '../../sim/rig/planted.ts';

const BUILT = fileURLToPath(new URL('../../dist/bin/command.js', import.meta.url));
const EDIT = {
  file: 'bin/command.js',
  piece: /Usage: holdfast <command>/,
  instead: 'Usage: planted <command>',
};

// Goal: a mistake is planted in a copy that runs, the build itself stays as it is, and no mistake goes unplanted unsaid.
// Method: change a word that the command prints, run the copy, compare the build before and after.
it('a planted copy runs with its mistake, and the build has none', () => {
  const before = readFileSync(BUILT, 'utf8');
  const planted = plant([EDIT]);
  const said = execFileSync(process.execPath, [planted.command, '--help'], { encoding: 'utf8' });
  expect(said).toContain('Usage: planted <command>');
  expect(readFileSync(BUILT, 'utf8')).toBe(before);
  const folder = dirname(dirname(dirname(planted.command)));
  planted.remove();
  expect([existsSync(folder), existsSync(join(dirname(BUILT), 'holdfast.js'))]).toEqual([false, true]);
});

it.each([
  ['no place', /a piece that nobody wrote/],
  ['two places', /import/],
])('refuses a mistake that would be made at %s', (_, piece) => {
  expect(() => plant([{ ...EDIT, piece }])).toThrow(/times, not once/);
});
