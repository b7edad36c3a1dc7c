import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { askChrony } from '../../dock/clock/chrony.ts';
import { writeFilm } from '../../sim/rig/film.ts';
import { readLedger } from '../../sim/rig/ledger.ts';
import { COMMAND, type Program } from '../../sim/rig/program.ts';
import { openPtyPair } from '../../sim/rig/pty.ts';
import { Site } from '../../sim/rig/site.ts';
import { peer } from '../peer.ts';

const HOUR_US = 3_600_000_000;
// More than the manifest of a short film; the next chunk is still on the line.
const FIRST_CHUNKS_BYTES = 100_000;
const ARRIVED_MS_MAX = 90_000;
const SYNCHRONISED_MS_MAX = 20_000;
// A dock asks every 16 s.
const NOTICED_MS_MAX = 40_000;

const faketime = peer('faketime');
const chronyd = peer('chronyd');
const chronyc = peer('chronyc');
const dir = mkdtempSync(join(tmpdir(), 'holdfast-clock-'));
const film = join(dir, 'film.mp4');
let site: Site;
let policy: Program;
let policyUrl: string;
const cleaning: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  await writeFilm(film, { seconds: 3, quantizer: 10, grain: 40 });
  site = await Site.prepare({
    ...{ dir, dockId: 'dock-1', site: 'time', cameras: ['cam-1', 'cam-2'], password: 'clock-password' },
    people: [{ id: '4411', name: 'Officer Reyes', roles: ['officer'] }],
  });
  const started = await site.startPolicy({ regime: 'doj' });
  policy = started.program;
  policyUrl = started.url;
});

afterEach(async () => {
  for (const clean of cleaning.splice(0).toReversed()) await clean();
});

afterAll(async () => {
  await policy.stop();
  rmSync(dir, { recursive: true, force: true });
});

interface StampLine {
  readonly receivedAt: string;
  readonly uncertaintyUs: number;
  readonly basis: string;
  readonly epoch: number;
}

function stampsOf(recording: string): readonly StampLine[] {
  const lines = readFileSync(join(dir, 'dock/recordings', recording, 'stamps'), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as StampLine);
}

function entriesOf(type: string): readonly Readonly<Record<string, unknown>>[] {
  return readLedger(site.ledgerDir).filter((entry) => entry.type === type) as unknown as Record<
    string,
    unknown
  >[];
}

function startCamera(
  id: string,
  link: readonly string[],
  args: readonly string[] = ['--media', film],
): Program {
  const camera = site.startCamera(id, link, {
    args: ['--officer', '4411', '--incident', '26-1', '--once', ...args],
  });
  cleaning.push(() => camera.kill());
  return camera;
}

/** The wall clock of programs started with `env`; their monotonic clocks go on as they are. */
function wallClock(tool: string): { readonly env: Record<string, string>; set(offsetS: number): void } {
  const file = join(dir, 'offset');
  const set = (offsetS: number): void => {
    // By rename: a program that reads it in the middle would find no time at all.
    writeFileSync(`${file}.new`, `${offsetS >= 0 ? '+' : ''}${offsetS}\n`);
    renameSync(`${file}.new`, file);
  };
  set(0);
  const library = execFileSync(tool, ['-m', '-f', '+0', 'printenv', 'LD_PRELOAD'], {
    encoding: 'utf8',
  }).trim();
  const env = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
  return { env, set };
}

// Goal: a clock that is set back while footage arrives spoils neither the upload nor the order of what is known: the ledger
// says so before the recording is accepted, and stamps on both sides are told apart. Method: a real dock whose wall clock
// is turned back an hour in the middle of an upload over a serial line; then a restart.
it.skipIf(!faketime)('says when its clock was set back in the middle of an upload', async () => {
  const clock = wallClock(faketime ?? '');
  const cable = await openPtyPair({ uart: { baud: 3_000_000, latencyMs: 5, seed: 'clock' } });
  cleaning.push(() => cable.close());
  const start = (): ReturnType<Site['startDock']> =>
    site.startDock({ serial: [cable.dockPath], policyUrl, env: clock.env });
  const { program: dock } = await start();
  cleaning.push(() => dock.stop());
  const camera = startCamera('cam-1', ['--serial', cable.cameraPath]);
  // Past the manifest, and so with a stamp of the first epoch.
  await camera.until('progress', ({ durableBytes }) => Number(durableBytes) > FIRST_CHUNKS_BYTES);
  clock.set(-3_600);
  const { recording } = await camera.until('erased', undefined, ARRIVED_MS_MAX);

  const [stepped, ...others] = entriesOf('clock.stepped');
  expect(others).toEqual([]);
  expect(Math.abs(Number(stepped?.['stepUs']) + HOUR_US)).toBeLessThan(50_000);
  expect(stepped?.['epoch']).toBe(2);
  const apartUs = Date.parse(String(stepped?.['wallAfter'])) - Date.parse(String(stepped?.['wallBefore']));
  expect(Math.abs(apartUs * 1_000 + HOUR_US)).toBeLessThan(1_500_000);
  const types = readLedger(site.ledgerDir).map(({ type }) => type);
  expect(types.indexOf('clock.stepped')).toBeLessThan(types.indexOf('accepted'));
  expect(entriesOf('accepted')).toMatchObject([{ recording, epoch: 2 }]);

  const stamps = stampsOf(String(recording));
  const [before, after] = [1, 2].map((epoch) => stamps.filter((stamp) => stamp.epoch === epoch));
  expect(before?.length).toBeGreaterThan(0);
  expect(after?.length).toBeGreaterThan(0);
  expect(stamps).toEqual([...(before ?? []), ...(after ?? [])]);
  const lastBefore = Date.parse(before?.at(-1)?.receivedAt ?? '');
  expect(lastBefore - Date.parse(after?.[0]?.receivedAt ?? '')).toBeGreaterThan(3_500_000);

  await dock.stop();
  const again = await start();
  cleaning.push(() => again.program.stop());
  await vi.waitFor(() => expect(entriesOf('started').map(({ epoch }) => epoch)).toEqual([1, 3]), 10_000);
  await again.program.stop();
  const verify = spawnSync(process.execPath, [COMMAND, 'verify', site.ledgerDir], { encoding: 'utf8' });
  expect(verify).toMatchObject({ status: 0 });
});

/** A UDP port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

/** A chronyd of our own that never touches the clock. */
function startChronyd(
  name: string,
  config: readonly string[],
): { readonly socket: string; stop(): Promise<unknown> } {
  const folder = join(dir, name);
  // chronyd takes no socket folder that others may enter.
  mkdirSync(folder, { mode: 0o700 });
  const socket = join(folder, 'socket');
  const lines = [...config, `bindcmdaddress ${socket}`, `pidfile ${join(folder, 'pid')}`];
  writeFileSync(join(folder, 'conf'), `${lines.join('\n')}\n`);
  const argv = ['-x', '-d', '-U', '-u', userInfo().username, '-f', join(folder, 'conf')];
  const daemon: ChildProcess = spawn(chronyd ?? '', argv, { stdio: 'ignore' });
  const ended = new Promise((resolve) => daemon.once('close', resolve));
  const stop = (): Promise<unknown> => {
    daemon.kill('SIGKILL');
    return ended;
  };
  cleaning.push(stop);
  return { socket, stop };
}

const ask = (where: Parameters<typeof askChrony>[0]): ReturnType<typeof askChrony> =>
  askChrony(where, new AbortController().signal);

// Goal: stamps claim UTC while a real chronyd says that the clock is near, and no longer than that. Method: two real
// chronyd, one a client of the other, a real dock that asks the client; a recording before it is killed and one after.
it.skipIf(!chronyd || !chronyc)('claims UTC for as long as chronyd vouches for the clock', async () => {
  const [ntp, commands] = [await freePort(), await freePort()];
  const server = startChronyd('ntp-server', [
    ...[`port ${ntp}`, 'bindaddress 127.0.0.1', 'local stratum 8', 'allow 127.0.0.1', 'cmdport 0'],
  ]);
  const client = startChronyd('ntp-client', [
    `server 127.0.0.1 port ${ntp} minpoll -2 maxpoll 0 iburst`,
    ...['port 0', `cmdport ${commands}`, 'bindcmdaddress 127.0.0.1'],
  ]);
  const where = { host: '127.0.0.1', port: commands };
  await vi.waitFor(async () => expect(await ask(where)).toMatchObject({ isSynchronised: true }), {
    timeout: SYNCHRONISED_MS_MAX,
    interval: 200,
  });
  // The server itself says "Normal" too, and follows nobody.
  expect(await ask({ socket: server.socket })).toMatchObject({ isSynchronised: true, isOwnClock: true });
  expect(await ask({ socket: client.socket })).toMatchObject({ isOwnClock: false });

  const { program: dock, mqtt = '' } = await site.startDock({
    ...{ mqtt: 'embedded', policyUrl },
    args: ['--time-sync', 'chrony', '--chrony', `127.0.0.1:${commands}`],
  });
  cleaning.push(() => dock.stop());
  await vi.waitFor(() => expect(dock.stderr).toContain('time.utc'), { timeout: NOTICED_MS_MAX });
  const upload = async (): Promise<readonly StampLine[]> => {
    const camera = startCamera('cam-2', ['--mqtt', mqtt]);
    const { recording } = await camera.until('erased', undefined, ARRIVED_MS_MAX);
    await camera.exited;
    return stampsOf(String(recording));
  };
  const vouched = await upload();
  expect(new Set(vouched.map(({ basis }) => basis))).toEqual(new Set(['utc']));
  expect(vouched.every(({ uncertaintyUs }) => uncertaintyUs > 1_000 && uncertaintyUs < 1_000_000)).toBe(true);
  expect(entriesOf('accepted').at(-1)).toMatchObject({ basis: 'utc' });

  await client.stop();
  await expect(ask(where)).rejects.toMatchObject({ code: 'SYNC_TOOL' });
  await vi.waitFor(() => expect(dock.stderr).toContain('no-answer'), { timeout: NOTICED_MS_MAX });
  expect(new Set((await upload()).map(({ basis }) => basis))).toEqual(new Set(['local']));
});
