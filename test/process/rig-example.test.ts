import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROOT } from '../tidy/source.ts';

const dir = mkdtempSync(join(tmpdir(), 'holdfast-rig-example-'));
const tool = (path: string): string => join(ROOT, 'node_modules', path);
// Two runs of vitest, each of a whole installation.
const RUNS_MS_MAX = 480_000;
const CONFIG = {
  compilerOptions: {
    module: 'nodenext',
    target: 'es2023',
    strict: true,
    noEmit: true,
    types: ['node'],
    skipLibCheck: false,
  },
};

// Goal: the example in the documents is the whole truth: it compiles against the types of the package and passes in a project that
// has nothing but holdfast and vitest. Method: take it from the page, put it into such a project, and run both.
beforeAll(() => {
  const [, example = ''] = readFileSync(join(ROOT, 'docs/SCENARIOS.md'), 'utf8').split(
    /<!-- example[^\n]*-->\n```ts\n/,
  );
  mkdirSync(join(dir, 'node_modules/@types'), { recursive: true });
  symlinkSync(ROOT, join(dir, 'node_modules/holdfast'));
  for (const name of ['vitest', 'vite', '@types/node'])
    symlinkSync(tool(name), join(dir, 'node_modules', name));
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}\n');
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify({ ...CONFIG, files: ['camera.test.ts'] }));
  writeFileSync(join(dir, 'camera.test.ts'), example.split('\n```')[0] ?? '');
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('the example compiles', () => {
  const { stdout, status } = spawnSync(process.execPath, [tool('typescript/bin/tsc'), '-p', '.'], {
    cwd: dir,
    encoding: 'utf8',
  });
  expect(stdout).not.toMatch(/camera\.test\.ts|holdfast/);
  expect(status).toBe(0);
});

it('the example passes, and fails when nothing is docked', { timeout: RUNS_MS_MAX }, () => {
  const run = (): ReturnType<typeof spawnSync> =>
    spawnSync(process.execPath, [tool('vitest/vitest.mjs'), 'run', '--root', dir], {
      cwd: dir,
      encoding: 'utf8',
    });
  const passed = run();
  expect(String(passed.stdout)).toContain('1 passed');
  expect(passed.status).toBe(0);
  const file = join(dir, 'camera.test.ts');
  writeFileSync(
    file,
    readFileSync(file, 'utf8')
      .replace(/ {2}- dock: cam-1\n`/, '`')
      .replace('seed: 1', 'seed: 1\nexpect: { settle: 1s }'),
  );
  const failed = run();
  expect(String(failed.stdout) + String(failed.stderr)).toContain(
    'patrol should be accepted: no dock has taken it, and cam-1 still holds it',
  );
  expect(failed.status).toBe(1);
});
