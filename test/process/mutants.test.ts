import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../sim/check/checks.ts';
import { readTable, withRows } from '../../sim/world/mutant-table.ts';
import { MUTANTS } from '../../sim/world/mutants.ts';
import { somePlanted } from '../runs.ts';

// Goal: the checks of a world notice what they are there for, and the page tells by which seed. Method: the built `npm run world:mutants`
// plants some of the mistakes in copies of the build, each under the seed that the page names for it, and runs that seed on the honest build
// as well. HOLDFAST_UPDATE=1 writes the page's other columns anew from the code.

const fileOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const PAGE = fileOf('docs/WORLD.md');
const COUNTED_MIN = 15;
const SEEDS_MAX = 500;
const MUTANTS_MS_MAX = 480_000;

interface Line {
  readonly name: string;
  readonly caught: boolean;
  readonly seed?: number;
  readonly check?: string;
  readonly honest: number;
}

function mutants(
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly out: string; readonly said: string }> {
  const child = spawn(process.execPath, [fileOf('dist/sim/world/mutants-main.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: MUTANTS_MS_MAX,
  });
  let [out, said] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, said }));
  });
}

describe('the mutation table', () => {
  it('names a seed and a check for each of at least 15 mistakes', () => {
    const known = readTable(readFileSync(PAGE, 'utf8'));
    const names = MUTANTS.map(({ name }) => name);
    expect(names.length).toBeGreaterThanOrEqual(COUNTED_MIN);
    expect([...known.keys()]).toEqual(names);
    const checks = CHECKS.map((make) => make().name);
    for (const mutant of MUTANTS) {
      const { seed = 0, check = '' } = known.get(mutant.name) ?? {};
      expect(seed, mutant.name).toBeGreaterThan(0);
      expect(seed, mutant.name).toBeLessThanOrEqual(SEEDS_MAX);
      expect(mutant.checks, mutant.name).toContain(check);
      expect(checks, mutant.name).toEqual(expect.arrayContaining([...mutant.checks]));
    }
  });

  it('says of each what the code does', () => {
    const page = readFileSync(PAGE, 'utf8');
    const known = readTable(page);
    const rows = MUTANTS.flatMap((mutant) => {
      const caught = known.get(mutant.name);
      return caught === undefined ? [] : [{ mutant, ...caught }];
    });
    const written = withRows(page, rows);
    if (process.env['HOLDFAST_UPDATE'] === '1') writeFileSync(PAGE, written);
    else expect(page).toBe(written);
    expect(() => withRows('no table', rows)).toThrow(/no place/);
  });

  it('a mutant that nobody knows is a wrong option', async () => {
    const { code, said } = await mutants('nobody');
    expect(said).toContain('nobody is none of ack-before-fsync');
    expect(code).toBe(64);
  });

  it('each is caught under its seed by its check, and the seed holds without it', {
    timeout: MUTANTS_MS_MAX,
  }, async () => {
    const known = readTable(readFileSync(PAGE, 'utf8'));
    const names = somePlanted(MUTANTS).map(({ name }) => name);
    const { code, out, said } = await mutants('--json', ...names);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    const wanted = names.map((name) => ({ name, caught: true, ...known.get(name), honest: 0 }));
    expect({ said, lines }).toMatchObject({ said: '', lines: wanted });
    expect(code).toBe(0);
  });
});
