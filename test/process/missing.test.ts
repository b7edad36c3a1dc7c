import { spawnSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { DockStatus } from '../../dock/keep/status.ts';
import { writeFilm } from '../../sim/rig/film.ts';
import { readLedger } from '../../sim/rig/ledger.ts';
import { COMMAND, type Program } from '../../sim/rig/program.ts';
import { openPtyPair } from '../../sim/rig/pty.ts';
import { Site } from '../../sim/rig/site.ts';

// Goal: footage that should be at the dock and is not is named, to everybody who may know, in the ledger, on the command line
// and over HTTP, from when it begins to be missing until it is found. Method: real programs; a recording taken out of a
// camera's memory and put back, a camera that is pulled in the middle of an upload, a camera that never comes.

const NOWHERE = ['--mqtt', 'mqtt://127.0.0.1:1'];
const ARRIVED_MS_MAX = 90_000;
const NOTICED_MS_MAX = 20_000;
const dir = mkdtempSync(join(tmpdir(), 'holdfast-missing-'));
const film = join(dir, 'film.mp4');
const programs: Program[] = [];
let site: Site;
let policyUrl = '';
let cable: Awaited<ReturnType<typeof openPtyPair>>;

beforeAll(async () => {
  await writeFilm(film, { seconds: 3, quantizer: 10, grain: 40 });
  site = await Site.prepare({
    ...{
      dir,
      dockId: 'dock-1',
      site: 'yard',
      cameras: ['cam-1', 'cam-2', 'cam-3'],
      password: 'missing-password',
    },
    people: [
      { id: '4411', name: 'Officer Reyes', roles: ['officer'] },
      { id: 'sgt-1', name: 'Sergeant Ortiz', roles: ['supervisor'] },
    ],
  });
  const { program, url } = await site.startPolicy({ regime: 'doj' });
  programs.push(program);
  policyUrl = url;
  cable = await openPtyPair({ uart: { baud: 1_000_000, latencyMs: 5, seed: 'missing' } });
});

afterAll(async () => {
  for (const program of programs.toReversed()) await program.stop();
  await cable.close();
  rmSync(dir, { recursive: true, force: true });
});

function camera(id: string, link: readonly string[], args: readonly string[]): Program {
  const program = site.startCamera(id, link, { args: ['--officer', '4411', ...args] });
  programs.push(program);
  return program;
}

/** Records one film away from any dock. */
async function recordAway(id: string): Promise<string> {
  const away = camera(id, NOWHERE, ['--media', film]);
  const { recording } = await away.until('closed', undefined, ARRIVED_MS_MAX);
  await away.kill();
  return String(recording);
}

/** Takes a recording out of the camera's memory; returns how to put it back. */
function takeOut(recording: string): () => void {
  const inFlash = join(site.flashDir('cam-1'), 'recordings', recording);
  const outside = join(dir, 'taken-out');
  renameSync(inFlash, outside);
  return () => renameSync(outside, inFlash);
}

async function startDock() {
  const {
    program,
    url,
    mqtt = '',
  } = await site.startDock({
    ...{ mqtt: 'embedded', serial: [cable.dockPath], policyUrl },
    args: ['--overdue-hours', '0.001', '--partial-minutes', '0.05', '--sweep', '* * * * * *'],
  });
  programs.push(program);
  return { dock: program, dockUrl: url, mqtt };
}

function status(...flags: readonly string[]): { readonly code: number | null; readonly said: string } {
  const argv = [COMMAND, 'dock', 'status', '--data', join(dir, 'dock'), ...flags];
  const { status: code, stdout } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  return { code, said: stdout };
}
const missing = () => (JSON.parse(status('--json').said) as DockStatus).missing;
const entries = () => readLedger(site.ledgerDir).filter(({ type }) => type === 'missing' || type === 'found');

it('names what is missing, until it is found', { timeout: 300_000 }, async () => {
  await recordAway('cam-1');
  const second = await recordAway('cam-1');
  const third = await recordAway('cam-1');
  const putBack = takeOut(second);
  const { dock, dockUrl, mqtt } = await startDock();
  const pulled = camera('cam-2', ['--serial', cable.cameraPath], ['--media', film]);
  await pulled.until('progress', undefined, ARRIVED_MS_MAX);
  await pulled.kill();
  const docked = camera('cam-1', ['--mqtt', mqtt], []);
  await docked.until('erased', ({ recording }) => recording === third, ARRIVED_MS_MAX);
  // While it is here, what has not come may still come.
  await docked.stop();

  const expected = [
    { camera: 'cam-1', kind: 'gap', counterFrom: 2, counterTo: 2, recording: third },
    { camera: 'cam-2', kind: 'partial' },
    { camera: 'cam-3', kind: 'overdue' },
  ];
  await vi.waitFor(
    () => {
      const named = missing();
      for (const one of expected) expect(named).toContainEqual(expect.objectContaining(one) as object);
    },
    { timeout: NOTICED_MS_MAX, interval: 250 },
  );
  for (const one of expected)
    expect(entries()).toContainEqual(expect.objectContaining({ type: 'missing', ...one }) as object);
  expect(status().code).toBe(0);
  expect(status('--strict').code).toBe(1);
  expect(status().said).toMatch(/MISSING {3}Recording 2 of camera cam-1 never came.* Since 20/);

  const told = (await (await site.signIn({ dockUrl, policyUrl }, 'sgt-1')).missing()) ?? [];
  for (const { kind } of expected) expect(told.map((one) => one.kind)).toContain(kind);
  expect(told.map(({ text }) => text).join('\n')).toMatch(/^Recording 2 of camera cam-1/m);
  expect(await (await site.signIn({ dockUrl, policyUrl }, '4411')).missing()).toBeUndefined();

  await docked.stop();
  putBack();
  const back = camera('cam-1', ['--mqtt', mqtt], []);
  await back.until('erased', ({ recording }) => recording === second, ARRIVED_MS_MAX);
  await vi.waitFor(() => expect(missing().map(({ kind }) => kind)).not.toContain('gap'), {
    timeout: NOTICED_MS_MAX,
    interval: 250,
  });
  expect(entries()).toContainEqual(
    expect.objectContaining({ type: 'found', kind: 'gap', counterFrom: 2, because: 'arrived' }) as object,
  );

  await dock.stop();
  const offline = status();
  expect(offline.code).toBe(0);
  expect(offline.said).toMatch(/NOT RUNNING/);
  expect(offline.said).toMatch(/MISSING {3}Camera cam-3 has not been here/);
  const verify = spawnSync(process.execPath, [COMMAND, 'verify', site.ledgerDir], { encoding: 'utf8' });
  expect(verify.status).toBe(0);
  expect(verify.stdout).toMatch(/missing-footage/);
});
