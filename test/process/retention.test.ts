import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { SweepReport } from '../../dock/keep/retention-ports.ts';
import type { DockStatus } from '../../dock/keep/status.ts';
import { writeFilm } from '../../sim/rig/film.ts';
import { readLedger } from '../../sim/rig/ledger.ts';
import { COMMAND, type Program } from '../../sim/rig/program.ts';
import { Site } from '../../sim/rig/site.ts';
import { peer } from '../peer.ts';

// Goal: at the end of its time a recording is gone, from the dock, its mirror and the custodian, and not a day before, and not
// under a legal hold; what is left proves what was there. Method: real programs, real footage, and half a year that passes
// while dock and policy service are stopped; the mirror fails at the worst moment, and the dock is killed.

const ARRIVED_MS_MAX = 90_000;
const NOTICED_MS_MAX = 20_000;
const faketime = peer('faketime');
const dir = mkdtempSync(join(tmpdir(), 'holdfast-retention-'));
const mirror = join(dir, 'mirror');
const programs: Program[] = [];
let site: Site;

beforeAll(async () => {
  mkdirSync(mirror);
  site = await Site.prepare({
    ...{ dir, dockId: 'dock-1', site: 'yard', cameras: ['cam-1'], password: 'retention-password' },
    people: [{ id: '4411', name: 'Officer Reyes', roles: ['officer'] }],
  });
});

afterAll(async () => {
  await stopAll();
  rmSync(dir, { recursive: true, force: true });
});

async function stopAll(): Promise<void> {
  for (const program of programs.splice(0).toReversed()) await program.stop();
}

/** Dock and policy service, so many days from now. */
async function start(days: number) {
  const library = execFileSync(faketime ?? '', ['-m', '-f', '+0', 'printenv', 'LD_PRELOAD'], {
    encoding: 'utf8',
  });
  const env = {
    ...{ LD_PRELOAD: library.trim(), FAKETIME: `+${days}d`, FAKETIME_DONT_FAKE_MONOTONIC: '1' },
  };
  const { program: policy, url: policyUrl } = await site.startPolicy({ regime: 'doj', env });
  programs.push(policy);
  const {
    program: dock,
    url: dockUrl,
    mqtt = '',
  } = await site.startDock({
    ...{ mqtt: 'embedded', policyUrl, env },
    args: ['--retain-days', '180', '--mirror', mirror],
  });
  programs.push(dock);
  return { dock, policyUrl, dockUrl, mqtt, records: site.records(policyUrl) };
}

/** A film in custody, with its receipt given. */
async function arrive(mqtt: string): Promise<string> {
  const film = join(dir, 'film.mp4');
  await writeFilm(film, { seconds: 2, quantizer: 10, grain: 40 });
  const args = ['--officer', '4411', '--incident', '26-1', '--once', '--media', film];
  const camera = site.startCamera('cam-1', ['--mqtt', mqtt], { args });
  programs.push(camera);
  return String((await camera.until('erased', undefined, ARRIVED_MS_MAX))['recording']);
}

async function seesNothing(where: { dockUrl: string; policyUrl: string }, recording: string): Promise<void> {
  const officer = await site.signIn(where, '4411');
  expect(await officer.list()).toEqual([]);
  expect(await officer.open(recording, 'write_report')).toMatchObject({ status: 404 });
}

/** The mirror's disk is gone when the end comes, and then the dock is killed; when all is stopped the disk is back. */
async function failHalfWay(dock: Program, recording: string): Promise<void> {
  renameSync(mirror, `${mirror}-away`);
  const why = expect.stringMatching(/not gone yet/) as string;
  expect(retain()).toMatchObject({ destroyed: [], kept: [{ recording, why }] });
  expect(status().retention).toMatchObject({ unfinished: [recording] });
  await dock.kill();
  await stopAll();
  renameSync(`${mirror}-away`, mirror);
}

function holdfast(...argv: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...argv], { encoding: 'utf8' });
  expect({ argv, status, stderr }).toEqual({ argv, status: 0, stderr: '' });
  return stdout;
}
const retain = (...flags: readonly string[]): SweepReport =>
  JSON.parse(holdfast('dock', 'retain', '--data', join(dir, 'dock'), '--json', ...flags)) as SweepReport;
const status = (): DockStatus =>
  JSON.parse(holdfast('dock', 'status', '--data', join(dir, 'dock'), '--json')) as DockStatus;
const entries = (type: string) => readLedger(site.ledgerDir).filter((entry) => entry.type === type);

/** Is that anywhere below the folder? */
function isIn(folder: string, bytes: Buffer): boolean {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .some((one) => readFileSync(join(one.parentPath, one.name)).includes(bytes));
}

it.skipIf(!faketime)(
  'ends what has been kept long enough, and nothing under a hold',
  { timeout: 300_000 },
  async () => {
    const now = await start(0);
    const recording = await arrive(now.mqtt);
    const incident = { incident: '26-1' };
    await now.records.assert({ type: 'recording.linked', ...incident, recording });
    await now.records.assert({
      ...{ type: 'force.classified', ...incident, force: 'none', deathInCustody: false, injury: 'none' },
      ...{ vulnerable: false, by: 'sgt-1' },
    });
    await now.records.assert({ type: 'report.filed', ...incident, person: '4411', reportHash: 'hash' });
    const officer = await site.signIn(now, '4411');
    await vi.waitFor(
      async () => expect(await officer.open(recording, 'write_report')).toHaveProperty('keys'),
      {
        timeout: NOTICED_MS_MAX,
        interval: 250,
      },
    );
    expect(retain()).toEqual({ destroyed: [], kept: [] });
    expect(entries('retained')).toMatchObject([{ recording, rule: 'days-180' }]);
    await now.records.assert({ type: 'hold.placed', recording, by: 'city-1', reason: 'a claim' });
    await vi.waitFor(() => expect(entries('hold.placed')).toMatchObject([{ recording }]), NOTICED_MS_MAX);

    const files = ['manifest', 'stamps', 'wraps', 'chunks'].map((name) =>
      readFileSync(join(dir, 'dock/recordings', recording, name)),
    );
    const [manifest, stamps, wraps, chunks] = files.map((bytes) => bytes.subarray(-100));
    if (!manifest || !stamps || !wraps || !chunks) throw new TypeError('a file is missing');
    const places = [join(dir, 'dock'), mirror];
    for (const place of places)
      for (const bytes of [manifest, stamps, wraps, chunks]) expect(isIn(place, bytes)).toBe(true);
    expect(isIn(join(dir, 'policy'), wraps)).toBe(true);
    await stopAll();

    const later = await start(181);
    expect(retain('--dry-run').kept).toMatchObject([{ recording, why: 'a legal hold is in force' }]);
    expect(retain()).toMatchObject({ destroyed: [], kept: [{ recording, why: 'a legal hold is in force' }] });
    expect(status().retention).toMatchObject({ days: 180, held: [{ recording }], kept: [{ recording }] });
    for (const place of places) expect(isIn(place, chunks)).toBe(true);

    await later.records.assert({ type: 'hold.lifted', recording, by: 'city-1', reason: 'settled' });
    await failHalfWay(later.dock, recording);
    for (const [folder, bytes] of [
      [mirror, chunks],
      [join(dir, 'policy'), wraps],
    ] as const)
      expect(isIn(folder, bytes)).toBe(true);

    const last = await start(181);
    await vi.waitFor(
      () => expect(status().retention).toMatchObject({ kept: [], unfinished: [], untold: 0 }),
      NOTICED_MS_MAX,
    );
    expect(entries('hold.lifted')).toHaveLength(1);
    expect(entries('destroyed')).toMatchObject([{ recording, rule: 'days-180' }]);
    for (const place of places) {
      for (const bytes of [wraps, chunks]) expect(isIn(place, bytes)).toBe(false);
      for (const bytes of [manifest, stamps]) expect(isIn(place, bytes)).toBe(true);
    }
    expect(isIn(join(dir, 'policy'), wraps)).toBe(false);
    expect(status()).toMatchObject({ recordings: { held: 0, destroyed: 1 }, bytes: 0 });

    await seesNothing(last, recording);
    expect(retain()).toEqual({ destroyed: [], kept: [] });
    await stopAll();
    expect(holdfast('verify', site.ledgerDir)).toMatch(new RegExp(`destroyed ${recording}`));
  },
);
