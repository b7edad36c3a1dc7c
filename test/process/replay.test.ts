import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Sqlite from 'libsql';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { CAST, DOCK, PASSWORD, PEOPLE, SITE } from '../../sim/demo/cast.ts';
import { COMMAND, type Program } from '../../sim/rig/program.ts';
import { Site } from '../../sim/rig/site.ts';
import { ViewerClient } from '../../sim/rig/viewer.ts';

// Goal: what a real installation has decided can be decided again from its folder, also while it runs, and other rules come into
// force at their moment in every program at once. Method: the demo as a user runs it, on a folder that it keeps; then the command,
// and the same installation put up again, its service restarted under two lines, of which the second comes due while somebody is watching.

const run = promisify(execFile);
const SECOND_MS = 1_000;
const PURPOSE = 'supplement_report';
const folder = mkdtempSync(join(tmpdir(), 'holdfast-replay-'));
const dir = join(folder, 'demo');
const shooting = CAST.find(({ force }) => force === 'deadly');
const programs: Program[] = [];

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function holdfast(...args: readonly string[]): Promise<Answer> {
  try {
    return { ...(await run(process.execPath, [COMMAND, ...args], { maxBuffer: 2 ** 26 })), code: 0 };
  } catch (error) {
    return error as Answer;
  }
}

const replay = async (data: string) => {
  const { code, stdout, stderr } = await holdfast('policy', 'replay', '--data', data, '--json');
  if (stdout === '') throw new Error(stderr);
  return {
    code,
    said: JSON.parse(stdout) as { decisions: number; keys: number; differing: readonly unknown[] },
  };
};

beforeAll(async () => {
  const { code, stdout, stderr } = await holdfast('demo', '--once', '--data', dir, '--record', '2');
  if (code !== 0) throw new Error(`${stdout}${stderr}`);
}, 180 * SECOND_MS);
afterEach(async () => {
  for (const program of programs.splice(0)) await program.stop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('the demo has decided nothing that its facts do not say', { timeout: 60 * SECOND_MS }, async () => {
  const { code, said } = await replay(join(dir, 'policy'));
  expect({ code, differing: said.differing }).toEqual({ code: 0, differing: [] });
  expect(said.decisions).toBeGreaterThan(CAST.length);
  expect(said.keys).toBeGreaterThan(0);
  const { stdout } = await holdfast('policy', 'replay', '--data', join(dir, 'policy'));
  expect(stdout).toMatch(
    /^\d+ decisions and \d+ requests for keys decided again from \d+ facts and 1 policy sets: none differs\n$/,
  );
});

it('an answer that was changed is named', { timeout: 60 * SECOND_MS }, async () => {
  const copy = join(folder, 'copy');
  cpSync(join(dir, 'policy'), copy, { recursive: true });
  const database = new Sqlite(join(copy, 'facts.db'));
  database.exec('DROP TRIGGER decisions_stay');
  database.exec(
    'UPDATE decisions SET allowed = 1 WHERE idx = (SELECT min(idx) FROM decisions WHERE allowed = 0)',
  );
  database.close();
  expect(await replay(copy)).toMatchObject({ code: 1, said: { differing: [{ table: 'decisions' }] } });
  const { code, stdout } = await holdfast('policy', 'replay', '--data', copy);
  expect(code).toBe(1);
  expect(stdout).toMatch(/DIFFERS {3}decision \d+ of .*\n {2}decision +was true\n +is {2}false\n/);
});

it('a folder that is none, and flags that make no sense, are told', { timeout: 60 * SECOND_MS }, async () => {
  const none = await holdfast('policy', 'replay', '--data', join(folder, 'none'));
  expect(none.code).not.toBe(0);
  expect(none.stderr).toContain('--data names the data folder of a policy service');
  expect((await holdfast('policy', 'replay', '--data', dir, '--from', '0')).code).toBe(2);
});

it('other rules end what was opened within two seconds of their moment', {
  timeout: 120 * SECOND_MS,
}, async () => {
  if (shooting === undefined) throw new TypeError('the cast has no such role');
  const site = await Site.prepare({
    ...{ dir, dockId: DOCK, site: SITE, cameras: CAST.map(({ camera }) => camera) },
    ...{ people: PEOPLE, password: PASSWORD },
  });
  const startMs = Date.now();
  const before = await site.startPolicy({ regime: 'doj' });
  // Time enough to start again while the session goes on, on a machine as busy as this one.
  const leadMs = Math.max(10 * SECOND_MS, 3 * (Date.now() - startMs));
  programs.unshift(before.program);
  const dock = await site.startDock({ policyUrl: before.url, mqtt: 'embedded:0' });
  programs.push(dock.program);
  const where = { dockUrl: dock.url, policyUrl: before.url };
  const viewer = await ViewerClient.signIn(where, shooting.officer, PASSWORD);
  const status = async () => (await viewer.list()).find(({ officer }) => officer === shooting.officer);
  await expect.poll(async () => (await status())?.status, { timeout: 30 * SECOND_MS }).toBe('released');
  const id = (await status())?.id ?? '';
  const opened = await viewer.open(id, PURPOSE);
  if ('refused' in opened) throw new Error(opened.refused);
  await before.program.stop();
  const fromMs = Date.now() + leadMs;
  const regimes = join(folder, 'regimes.json');
  const line = (regime: string, from: number) => ({ regime, from: new Date(from).toISOString() });
  const mistyped = { agency: 'PBB', ...line('doj', 0) };
  // As an editor writes it that marks its files.
  writeFileSync(regimes, `\uFEFF${JSON.stringify([line('doj', 0), line('city', fromMs), mistyped])}`);
  const policy = await site.startPolicy({ regime: '', regimes, port: Number(new URL(before.url).port) });
  programs.unshift(policy.program);
  expect(Date.now(), 'it started under the old rules').toBeLessThan(fromMs);
  expect(policy.program.stderr).toContain('the rules for "PBB" apply to nothing');
  // The last answer with a chunk began at this moment at the latest.
  let lastMs = Date.now();
  for (;;) {
    const askedMs = Date.now();
    if ((await viewer.chunk(id, 0, opened.session)) === undefined) break;
    lastMs = askedMs;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(lastMs).toBeGreaterThan(fromMs - SECOND_MS);
  expect(lastMs - fromMs).toBeLessThan(2 * SECOND_MS);
  expect(await viewer.open(id, PURPOSE)).toMatchObject({
    refused: expect.stringMatching(/chief/i) as unknown,
  });
  await expect.poll(status, { timeout: 10 * SECOND_MS }).toMatchObject({ status: 'held' });
  // Beside the running service, and both regimes in one file.
  const { code, said } = await replay(join(dir, 'policy'));
  expect({ code, differing: said.differing }).toEqual({ code: 0, differing: [] });
});
