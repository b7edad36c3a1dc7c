import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { type ClockTrouble, openClockTrouble } from '../../sim/rig/fault/clock-trouble.ts';
import { type DiskTrouble, openDiskTrouble } from '../../sim/rig/fault/disk-trouble.ts';
import { limitFiles } from '../../sim/rig/fault/file-limit.ts';
import { openTcpTrouble, type TcpTrouble } from '../../sim/rig/fault/tcp-trouble.ts';
import { writeFilm } from '../../sim/rig/film.ts';
import { footageOf, readHeld } from '../../sim/rig/held.ts';
import { readLedger } from '../../sim/rig/ledger.ts';
import { Program } from '../../sim/rig/program.ts';
import { Site } from '../../sim/rig/site.ts';

// Goal: the rig's troubles reach our own programs through every layer, and none of them makes a dock give a receipt for what it does not hold
// or a recording get lost. Method: a real dock and real cameras over MQTT; each trouble is made while footage arrives, met, and mended, and
// then the recording must be in custody once, with the very footage that the camera closed.

const HOUR_MS = 3_600_000;
const WAIT = { timeout: 60_000, interval: 50 };
const QUIET_MS = 1_500;
const dir = mkdtempSync(join(tmpdir(), 'holdfast-trouble-'));
const film = join(dir, 'film.mp4');
const programs: Program[] = [];
let site: Site;
let dock: Program;
let line: TcpTrouble;
let dockDisk: DiskTrouble;
let dockClock: ClockTrouble;
let camera: Program | undefined;
let policyUrl = '';

beforeAll(async () => {
  await writeFilm(film, { seconds: 3, quantizer: 10, grain: 40 });
  site = await Site.prepare({
    ...{ dir, dockId: 'dock-1', site: 'trouble', cameras: ['cam-1'], password: 'trouble-password' },
    people: [{ id: '4411', name: 'Officer Reyes', roles: ['officer'] }],
  });
  const policy = await site.startPolicy({ regime: 'doj' });
  programs.push(policy.program);
  policyUrl = policy.url;
  dockDisk = openDiskTrouble(join(dir, 'dock-disk'), { within: [join(dir, 'dock')] });
  dockClock = openClockTrouble(join(dir, 'dock-clock'));
  const started = await site.startDock({
    ...{ mqtt: 'embedded:0', policyUrl: policy.url },
    env: { ...dockDisk.env, ...dockClock.env },
  });
  dock = started.program;
  programs.push(dock);
  line = await openTcpTrouble({ host: '127.0.0.1', port: Number(new URL(started.mqtt ?? '').port) });
});

afterEach(async () => {
  await camera?.kill();
  line.mend();
  dockDisk.mend();
});

afterAll(async () => {
  for (const program of programs.toReversed()) await program.stop();
  await line.close();
  rmSync(dir, { recursive: true, force: true });
});

/** A camera that records the film, docks once and ends. */
function start(env: Readonly<Record<string, string>> = {}): Program {
  const place = ['--id', 'cam-1', '--keys', site.keysDir('cam-1'), '--flash', site.flashDir('cam-1')];
  const link = ['--site', 'trouble', '--mqtt', `mqtt://127.0.0.1:${line.port}`];
  const story = ['--officer', '4411', '--incident', '26-1', '--media', film, '--once'];
  camera = Program.start(['device', ...place, ...link, ...story], { name: 'camera', env });
  return camera;
}

const news = (of: Program, name: string): number => of.events.filter(({ event }) => event === name).length;

/** The recording is in custody, once, as the camera closed it. */
async function inCustody(of: Program): Promise<void> {
  const closed = await of.until('closed');
  const recording = String(closed['recording']);
  const receipt = await of.until('receipt', (event) => event['recording'] === recording, WAIT.timeout);
  expect(receipt['outcome']).toBe('accepted');
  expect(await of.exited, of.stderr).toBe(0);
  const accepted = readLedger(site.ledgerDir).filter((entry) => entry.type === 'accepted');
  expect(accepted.filter((entry) => entry.recording === recording)).toHaveLength(1);
  const held = readHeld(join(dir, 'dock/recordings', recording));
  const footage = await footageOf(held, join(dir, 'policy/custodian.key.pem'));
  expect(createHash('sha256').update(footage).digest('hex')).toBe(closed['sha256']);
}

const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, QUIET_MS));

it('a dock whose disk fills up in the middle of an upload gives no receipt until there is room', async () => {
  dockDisk.full(200_000);
  const recorder = start();
  await vi.waitFor(() => expect(dockDisk.met.enospc).toBeGreaterThan(0), WAIT);
  await quiet();
  expect([news(recorder, 'receipt'), dock.isRunning]).toEqual([0, true]);
  dockDisk.room();
  await inCustody(recorder);
});

it('a dock whose disk is slow takes its time', async () => {
  dockDisk.slow(20);
  await inCustody(start());
  expect(dockDisk.met.slowed).toBeGreaterThan(10);
});

it('a dock that cannot write one kind of file gives no receipt', async () => {
  const { eio } = dockDisk.met;
  dockDisk.fail(/\/recordings\/[0-9a-f]+\/chunks$/, 'sync');
  const recorder = start();
  await vi.waitFor(() => expect(dockDisk.met.eio).toBeGreaterThan(eio), WAIT);
  await quiet();
  expect(news(recorder, 'receipt')).toBe(0);
  dockDisk.mend();
  await inCustody(recorder);
});

it('a line that breaks again and again loses nothing', async () => {
  const { resets } = line.counts;
  line.dropAfter(300_000);
  const recorder = start();
  await vi.waitFor(() => expect(line.counts.resets).toBeGreaterThan(resets + 1), WAIT);
  line.mend();
  await inCustody(recorder);
});

it('a line that hangs carries the upload on once it is mended', async () => {
  const recorder = start();
  await recorder.until('progress', undefined, WAIT.timeout);
  line.hang();
  await quiet();
  expect(news(recorder, 'receipt')).toBe(0);
  line.mend();
  await inCustody(recorder);
});

it('a dock that stops for a while in the middle of an upload goes on where it was', async () => {
  const recorder = start();
  await recorder.until('progress', undefined, WAIT.timeout);
  dock.signal('SIGSTOP');
  await quiet();
  const heard = news(recorder, 'progress');
  await quiet();
  expect([news(recorder, 'progress'), news(recorder, 'receipt')]).toEqual([heard, 0]);
  dock.signal('SIGCONT');
  await inCustody(recorder);
});

it('a camera with a slow card keeps what it records', async () => {
  const card = openDiskTrouble(join(dir, 'card'), { within: [site.flashDir('cam-1')] });
  card.slow(20);
  await inCustody(start(card.env));
  expect(card.met.slowed).toBeGreaterThan(10);
  card.close();
});

it('a camera whose card fills up loses nothing that it kept: with room again it all arrives', async () => {
  const card = openDiskTrouble(join(dir, 'card'), { within: [site.flashDir('cam-1')] });
  const recordings = join(site.flashDir('cam-1'), 'recordings');
  const before = readdirSync(recordings).length;
  card.full(2_000_000);
  const full = start(card.env);
  await vi.waitFor(() => expect(card.met.enospc).toBeGreaterThan(0), WAIT);
  // It may give up or end the recording; then there is a new card in it.
  await full.exited;
  card.close();
  await inCustody(start());
  const kept = readdirSync(recordings);
  expect(kept).toHaveLength(before + 2);
  for (const recording of kept)
    expect(existsSync(join(recordings, recording, 'receipt')), recording).toBe(true);
});

it('a policy service whose database cannot grow acknowledges no fact, and takes it once it can', async () => {
  const records = site.records(policyUrl);
  // A fact that is told again must be the same one.
  const at = new Date().toISOString();
  const fact = (n: number): Promise<number> =>
    records.assert({ type: 'incident.opened', at, incident: `26-${n}` }, `incident-${n}`);
  await fact(100);
  limitFiles(programs[0]?.pid ?? 0, 1_000);
  await expect(fact(101)).rejects.toThrow(/was refused: 5/);
  limitFiles(programs[0]?.pid ?? 0, 'unlimited');
  await vi.waitFor(() => fact(101), WAIT);
  expect(await fact(102)).toBe((await fact(101)) + 1);
});

it('a dock whose clock jumps says so in its ledger', async () => {
  dockClock.step(HOUR_MS);
  await inCustody(start());
  const stepped = readLedger(site.ledgerDir).filter((entry) => entry.type === 'clock.stepped');
  expect(stepped).toHaveLength(1);
  expect(Math.abs(Number(stepped[0]?.stepUs) / 1_000 - HOUR_MS)).toBeLessThan(50);
});
