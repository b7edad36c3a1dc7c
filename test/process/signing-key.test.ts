import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { pinKeys } from '../../dock/authzen/jws.ts';
import { COMMAND, type Program } from '../../sim/rig/program.ts';
import { Site } from '../../sim/rig/site.ts';
import type { OpenedRecording, ViewerClient } from '../../sim/rig/viewer.ts';

// Goal: the policy service changes the key that it signs with, and no dock that was given the file with both keys loses an opening; one
// that was forgotten says what it needs; packages of before still verify afterwards. Method: the real service, dock, camera and commands,
// one step after the other, with a person who signed in at the beginning; the dock is one process through both restarts of the service.

const CAMERA = 'cam-1';
const OFFICER = '4411';
const INCIDENT = '24-118842';
const PURPOSE = 'supplement_report';
const PATIENCE = { timeout: 30_000, interval: 200 };
const dir = mkdtempSync(join(tmpdir(), 'holdfast-signing-key-'));
const at = (...names: readonly string[]): string => join(dir, ...names);
const pinFile = at('policy/policy.jwk.json');
const running: Program[] = [];

let site: Site;
let policy: { readonly program: Program; readonly url: string };
let dock: { readonly program: Program; readonly url: string; readonly mqtt: string | undefined };
let recording = '';

async function startPolicy(): Promise<void> {
  const port = policy === undefined ? 0 : Number(new URL(policy.url).port);
  policy = await site.startPolicy({ regime: 'doj', port });
  running.push(policy.program);
}

async function startDock(...args: readonly string[]): Promise<void> {
  dock = await site.startDock({ mqtt: 'embedded:0', policyUrl: policy.url, args });
  running.push(dock.program);
}

/** A step of the ceremony, between two runs of the service at one address. */
async function step(...words: readonly string[]): Promise<string> {
  await policy.program.stop();
  const argv = [COMMAND, 'policy', 'keys', 'signing', ...words, '--data', at('policy')];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  await startPolicy();
  return stdout;
}

const pinned = async (): Promise<readonly string[]> => [
  ...(await pinKeys(JSON.parse(readFileSync(pinFile, 'utf8')))).named.keys(),
];
const signIn = (): Promise<ViewerClient> =>
  site.signIn({ dockUrl: dock.url, policyUrl: policy.url }, OFFICER);

/** Opens the recording with its keys, and gives the digest of what is in it; waits for a dock that is not back in touch yet. */
async function seen(viewer: ViewerClient): Promise<string> {
  const opened = await vi.waitFor(async (): Promise<OpenedRecording> => {
    const answer = await viewer.open(recording, PURPOSE);
    if ('refused' in answer) throw new Error(`${answer.status} ${answer.refused}`);
    return answer;
  }, PATIENCE);
  return (await viewer.download(recording, opened)).sha256;
}

const verify = (zip: string, key: string): { readonly status: number | null; readonly stdout: string } =>
  spawnSync(process.execPath, [COMMAND, 'verify', zip, '--policy-key', key, '--json'], { encoding: 'utf8' });

beforeAll(async () => {
  writeFileSync(at('password'), 'correct horse\n', { mode: 0o600 });
  const people = [{ id: OFFICER, name: 'A. Ruiz', roles: ['officer'] }];
  const plan = { dir, dockId: 'dock-1', site: 'yard', cameras: [CAMERA], people };
  site = await Site.prepare({ ...plan, password: 'correct horse' });
  await startPolicy();
  await startDock();
  const args = ['--officer', OFFICER, '--incident', INCIDENT, '--record', '2', '--pre-event', '0', '--once'];
  const camera = site.startCamera(CAMERA, ['--mqtt', dock.mqtt ?? ''], { args });
  running.push(camera);
  recording = String((await camera.until('recording'))['recording']);
  await camera.until('erased');
  const records = site.records(policy.url);
  const force = { force: 'none', deathInCustody: false, injury: 'none', vulnerable: false, by: 'sgt-1' };
  await records.assert({ type: 'incident.opened', incident: INCIDENT });
  await records.assert({ type: 'officer.involved', incident: INCIDENT, person: OFFICER });
  await records.assert({ type: 'force.classified', incident: INCIDENT, ...force });
  await records.assert({ type: 'recording.linked', incident: INCIDENT, recording });
  await records.assert({
    type: 'report.filed',
    incident: INCIDENT,
    person: OFFICER,
    reportHash: 'a'.repeat(64),
  });
});
afterAll(async () => {
  for (const program of running.toReversed()) if (program.isRunning) await program.kill();
  rmSync(dir, { recursive: true, force: true });
});

it('changes without a dock losing an opening', async () => {
  const [zip, before] = [at('before.zip'), at('before.jwk.json')];
  const [old = ''] = await pinned();
  copyFileSync(pinFile, before);
  const footage = await seen(await signIn());
  expect(footage).toMatch(/^[0-9a-f]{64}$/);
  const services = [
    '--data',
    at('dock'),
    '--keys',
    at('dock/keys'),
    '--dock',
    dock.url,
    '--policy',
    policy.url,
  ];
  const who = ['--person', OFFICER, '--password-file', at('password'), '--purpose', PURPOSE];
  const exported = spawnSync(
    process.execPath,
    [COMMAND, 'export', recording, '-o', zip, ...services, ...who],
    {
      encoding: 'utf8',
    },
  );
  expect([exported.status, exported.stderr]).toEqual([0, '']);

  // Announced: the dock is given the file with both keys, and people go on as before.
  await step('announce');
  const [, next = ''] = await pinned();
  expect([await pinned(), next === old]).toEqual([[old, next], false]);
  await dock.program.stop();
  await startDock();
  const viewer = await signIn();
  expect(await seen(viewer)).toBe(footage);

  // Switched: the very same dock, with somebody who signed in before, and with somebody who does now.
  expect(await step('switch')).toContain(`signs with ${next} from the next start on`);
  expect(await seen(viewer)).toBe(footage);
  const later = await signIn();
  expect(await seen(later)).toBe(footage);

  // Retired: whoever signed in since is not disturbed, and the dock needs nothing.
  expect(await step('retire')).toContain(`${old} is destroyed`);
  expect(await pinned()).toEqual([next]);
  expect(await seen(later)).toBe(footage);
  expect(dock.program.isRunning).toBe(true);
  expect(dock.program.stderr).not.toContain('unknown key');

  // What was packed under the old key holds with its public half from the archive, and with no other.
  const archived = verify(zip, at('policy/policy-retired', `${old}.jwk.json`));
  expect([archived.status, archived.stdout.includes('grant-mismatch')]).toEqual([0, false]);
  const wrong = verify(zip, pinFile);
  expect([wrong.status, wrong.stdout.includes('grant-mismatch')]).toEqual([1, true]);

  // A dock that kept the file of before tells whoever keeps it, and whoever asks, what it needs.
  await dock.program.stop();
  await startDock('--policy-key', before);
  const remedy = `unknown key ${next}: if the service has a new one, bring its policy.jwk.json to this dock`;
  const lost = await signIn();
  await expect(lost.list()).rejects.toThrow(remedy);
  const behind = dock.program;
  await vi.waitFor(() => expect(behind.stderr).toContain(remedy), PATIENCE);
  await behind.stop();
  await startDock();
  expect(await seen(await signIn())).toBe(footage);
});
