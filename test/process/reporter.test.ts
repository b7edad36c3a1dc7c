import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../tidy/source.ts';

const PASSING = `it('holds', () => {});`;
const FAILING = `it('does not', () => { throw new Error('no'); });`;
const MISSING = `it.skipIf(true)('has no peer', () => {});`;

describe('the tally', () => {
  let folder: string;

  // In the checkout, so that a run there finds vitest; what starts with `dist.` is not part of the tree.
  beforeEach(() => {
    folder = mkdtempSync(join(ROOT, 'dist.tally-'));
    writeFileSync(join(folder, 'vitest.config.mjs'), 'export default {};');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs vitest over one planted file and returns its last line and exit code. */
  function run(
    text: string,
    env: NodeJS.ProcessEnv = {},
  ): { readonly last: string | undefined; readonly status: number | null } {
    writeFileSync(join(folder, 'a.test.ts'), `import { beforeAll, describe, it } from 'vitest';\n${text}\n`);
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
    const reporter = join(ROOT, 'test/reporter.ts');
    const args = [vitest, 'run', '--root', folder, '--reporter', 'default', '--reporter', reporter];
    const { stdout, status } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], ...env },
    });
    return { last: stdout.trimEnd().split('\n').at(-1), status };
  }

  // Goal: the last line of a run is the count and nothing else. Method: runs with each kind of outcome.
  it.each([
    [PASSING, '1 passed, 0 failed', 0],
    [`${PASSING}${FAILING}`, '1 passed, 1 failed', 1],
    [`${PASSING}${MISSING}`, '1 passed, 0 failed, 1 skipped', 0],
  ])('counts %s', (text, last, status) => {
    expect(run(text)).toEqual({ last, status });
  });

  // Goal: what breaks outside a test is counted as failed too. Method: a hook, a loose rejection, a file that cannot load.
  it.each([
    [`describe('s', () => { beforeAll(() => { throw new Error('no'); }); ${PASSING} });`],
    [`it('looks fine', () => { void Promise.reject(new Error('no')); });`],
    [`import './nothing.ts';`],
    [`// No test at all.`],
  ])('never says 0 failed after %s', (text) => {
    const { last, status } = run(text);
    expect(status).toBe(1);
    expect(last).toMatch(/^\d+ passed, [1-9]/);
  });

  // Goal: where skipping is forbidden a skip is a failure. Method: the same skip with and without the rule.
  it('counts a skip as failed where skipping is forbidden', () => {
    expect(run(`${PASSING}${MISSING}`, { HOLDFAST_NO_SKIP: '1' })).toEqual({
      last: '1 passed, 1 failed',
      status: 1,
    });
  });
});
