import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseIdentity } from '../../proto/identity.ts';
import { readLedger } from '../../sim/rig/ledger.ts';
import type { LoadResult } from '../../sim/fleet/result.ts';
import { Program } from '../../sim/rig/program.ts';
import { startMosquitto } from '../../sim/rig/mosquitto.ts';
import { openPtyPair } from '../../sim/rig/pty.ts';
import { peer } from '../peer.ts';
import { Depot, holdfast } from './depot.ts';

const TIMEOUT_MS = 120_000;
const mosquitto = peer('mosquitto');
const TEST_CAMERA = 'test-0001';
// Any file that can be read.
const START_FILE = fileURLToPath(import.meta.url);

// Goal: what test cameras bring can never be taken for evidence, whoever tries, and goes with one command that touches nothing else.
// Method: real dock, real cameras of both kinds over one broker, and every way in which the one could pass for the other.
describe('test cameras', () => {
  const depot = new Depot();
  const crew = join(depot.dir, 'crew');
  const testData = join(depot.data, 'test');
  const flash = join(depot.dir, 'flash');
  const log = (): ReturnType<typeof readLedger> => readLedger(join(depot.data, 'ledger'));

  beforeAll(async () => {
    await depot.open();
    await depot.start();
    mkdirSync(flash);
  }, TIMEOUT_MS);
  afterAll(() => depot.close());

  function enrol(count: number): ReturnType<typeof holdfast> {
    const keys = join(depot.data, 'keys');
    const where = ['--data', depot.data, '--keys', keys, '--out', crew, '--count', String(count)];
    return holdfast('enrol', 'test-cameras', ...where, '--json');
  }

  function camera(id: string, keys: string, link = ['--mqtt', depot.mqtt]): Program {
    const dir = join(flash, id);
    mkdirSync(dir, { recursive: true });
    return Program.start(
      [
        ...['device', '--id', id, '--keys', keys, '--flash', dir, '--site', 'depot', ...link],
        ...['--officer', '4411', '--incident', '26-1', '--record', '1', '--pre-event', '0', '--once'],
      ],
      { name: id },
    );
  }

  const verifyOf = (data: string): ReturnType<Depot['verify']> => depot.verify(data);

  async function brings(program: Program): Promise<string> {
    const { recording } = await program.until('closed');
    expect(await program.exited).toBe(0);
    return String(recording);
  }

  /** The camera is turned away, and keeps what it has. */
  async function isRefused(program: Program): Promise<void> {
    await program.until('refused', ({ code }) => code === 'unknown-camera');
    await program.stop();
  }

  it('are enrolled as often as one likes, with a dock identity of their own', { timeout: TIMEOUT_MS }, () => {
    const first = enrol(1);
    expect(first).toMatchObject({ status: 0, err: '' });
    expect(JSON.parse(first.out)).toMatchObject({ count: 1, made: 1, dock: 'dock-1-test' });
    expect(JSON.parse(enrol(2).out)).toMatchObject({ count: 2, made: 1 });
    expect(readdirSync(join(testData, 'enrolled'))).toEqual(['test-0001.json', 'test-0002.json']);
    const identity = (path: string): ReturnType<typeof parseIdentity> =>
      parseIdentity(readFileSync(path, 'utf8'));
    const [own, test] = [depot.data, testData].map((dir) => identity(join(dir, 'keys/dock.json')));
    const trusted = identity(join(crew, TEST_CAMERA, 'docks/dock-1-test.json'));
    expect(trusted).toEqual(test);
    const ledger = trusted.kind === 'dock' ? trusted.ledger : '';
    expect(ledger).toMatch(/^holdfast\.local\/dock-1\/test\/[0-9a-f]{8}\+/);
    expect(test?.publicKey).not.toEqual(own?.publicKey);
  });

  it('bring recordings that no ledger, folder or command of evidence hears of', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const before = log().length;
    const recording = await brings(camera(TEST_CAMERA, join(crew, TEST_CAMERA)));
    expect(existsSync(join(testData, 'recordings', recording, 'chunks'))).toBe(true);
    expect(existsSync(join(depot.data, 'recordings', recording))).toBe(false);
    const test = readLedger(join(testData, 'ledger'));
    const accepted = test.filter(({ type }) => type === 'accepted');
    expect(accepted).toMatchObject([{ recording, camera: TEST_CAMERA }]);
    expect(log().slice(before)).toEqual([]);
    const status = holdfast('dock', 'status', '--data', depot.data, '--json').out;
    expect(status).not.toContain(TEST_CAMERA);
    expect(depot.dock.events.some((event) => JSON.stringify(event).includes(recording))).toBe(false);
    const where = ['--data', depot.data, '--keys', join(depot.data, 'keys')];
    const gone = holdfast('export', recording, ...where, '--out', join(depot.dir, 'out.zip'));
    expect(gone.status).not.toBe(0);
    expect(gone.err).toContain(recording);
  });

  it.each([
    ['dock', 'status'],
    ['dock', 'scrub'],
    ['dock', 'retain'],
    ['dock', 'reindex'],
    ['dock', 'backup', '--out', 'copy'],
    ['dock', 'mirror-init', '--mirror', 'copy'],
    ['dock', 'purge-test'],
    ['export', 'ab'.repeat(16), '--keys', 'keys', '--out', 'out.zip'],
    ['enrol', 'test-cameras', '--keys', 'keys', '--count', '1', '--out', 'crew'],
    [
      ...['dock', '--keys', 'keys', '--registry', 'enrolled', '--mqtt', 'embedded:0', '--policy'],
      ...['http://127.0.0.1:1', '--policy-key', START_FILE, '--policy-token-file', START_FILE],
    ],
  ])('have a folder that %s %s refuses', (...argv) => {
    const { status, err } = holdfast(...argv, '--data', testData);
    expect(status).not.toBe(0);
    expect(err).toContain('holds test recordings, which are no evidence');
  });

  // A key on both lists could bring evidence to the wrong ledger, or tests to the right one.
  it('are turned away when somebody put them into both registries, and so is evidence', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const paths = (id: string): readonly string[] =>
      [depot.data, testData].map((dir) => join(dir, 'enrolled', `${id}.json`));
    const [asEvidence = '', asTest = ''] = paths(TEST_CAMERA);
    copyFileSync(asTest, asEvidence);
    await isRefused(camera(TEST_CAMERA, join(crew, TEST_CAMERA)));
    rmSync(asEvidence);
    const [cam = '', smuggled = ''] = paths('cam-1');
    copyFileSync(cam, smuggled);
    await isRefused(camera('cam-1', depot.site.keysDir('cam-1')));
    rmSync(smuggled);
    // What it kept back comes into custody now.
    const kept = camera('cam-1', depot.site.keysDir('cam-1'));
    await depot.dock.until('accepted', ({ camera: id }) => id === 'cam-1');
    await kept.exited;
  });

  it('put a dock under load that is there already, and nothing of it is evidence', {
    timeout: TIMEOUT_MS,
  }, () => {
    const { status, out, err } = holdfast(
      ...['load', '--url', depot.mqtt, '--site', 'depot', '--crew', crew, '--pid', String(depot.dock.pid)],
      ...['--chunk-kib', '16', '--chunks-each', '8', '--seconds', '8', '--warm-up', '1', '--json'],
    );
    expect([status, err.includes('error:')]).toEqual([0, false]);
    const result = JSON.parse(out) as LoadResult;
    expect(result).toMatchObject({ errors: {}, kept: null, target: { kind: 'given', version: null } });
    expect(result.options.cameras).toBe(2);
    expect(result.durable.recordings).toBeGreaterThan(2);
    expect(result.dock.rssMiB?.max).toBeGreaterThan(0);
    const brought = new Set(readdirSync(join(testData, 'recordings')));
    const mixedUp = log().filter(
      (entry) =>
        ('recording' in entry && brought.has(String(entry.recording))) ||
        ('camera' in entry && String(entry.camera).startsWith('test-')),
    );
    expect(mixedUp).toEqual([]);
    expect(brought.size).toBeGreaterThan(result.durable.recordings);
    expect(verifyOf(testData)).toMatchObject({ ok: true });
  });

  it.each([
    [['--url', 'mqtt://127.0.0.1:1'], /--url and --crew go together/],
    [['--url', 'http://127.0.0.1:1', '--crew', 'crew'], /give mqtt:/],
    [['--url', 'mqtt://127.0.0.1:1', '--crew', 'crew', '--bays', '2'], /not with --url/],
    [['--url', 'mqtt://127.0.0.1:1', '--crew', 'nowhere'], /has no cameras/],
    [
      ['--url', 'mqtt://127.0.0.1:1', '--crew', crew, '--cameras', '3'],
      /has 2 cameras and --cameras asks for 3/,
    ],
    [['--pid', '1'], /--pid goes with --url/],
  ])('of which a run says what it lacks: %s', (args, why) => {
    const { status, err } = holdfast('load', ...args);
    expect(status).not.toBe(0);
    expect(err).toMatch(why);
  });

  it('have bays of their own, which take nobody else', { timeout: TIMEOUT_MS }, async () => {
    const pair = await openPtyPair({
      uart: { baud: 3_000_000, bitErrorRate: 0, latencyMs: 1, seed: 'test bay' },
    });
    try {
      await depot.dock.stop();
      await depot.start('--test-serial', pair.dockPath);
      const before = log().length;
      await isRefused(camera('cam-2', depot.site.keysDir('cam-2'), ['--serial', pair.cameraPath]));
      await brings(camera('test-0002', join(crew, 'test-0002'), ['--serial', pair.cameraPath]));
      const entries = readLedger(join(testData, 'ledger'));
      const accepted = entries.filter((entry) => entry.type === 'accepted' && entry.camera === 'test-0002');
      expect(accepted.at(-1)).toMatchObject({ transport: 'serial' });
      // That it was started again is all that there is to say of it.
      expect(
        log()
          .slice(before)
          .filter((entry) => 'camera' in entry || 'recording' in entry),
      ).toEqual([]);
    } finally {
      await depot.dock.stop();
      await pair.close();
      await depot.start();
    }
  });

  it.skipIf(mosquitto === undefined)(
    'come through a broker that is not ours',
    { timeout: TIMEOUT_MS },
    async () => {
      const broker = await startMosquitto({ binary: mosquitto ?? '' });
      try {
        await depot.dock.stop();
        await depot.start('--mqtt', broker.url);
        const { status, out } = holdfast(
          ...['load', '--url', broker.url, '--site', 'depot', '--crew', crew, '--chunk-kib', '16'],
          ...['--chunks-each', '8', '--seconds', '6', '--warm-up', '1', '--json'],
        );
        expect(status).toBe(0);
        expect((JSON.parse(out) as LoadResult).durable.recordings).toBeGreaterThan(2);
      } finally {
        await depot.dock.stop();
        await broker.close();
        await depot.start();
      }
    },
  );

  it('are purged with all that they brought, from a stopped dock alone', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const refused = holdfast('dock', 'purge-test', '--data', depot.data);
    expect([refused.status, refused.err]).toEqual([
      expect.any(Number),
      expect.stringContaining('stop the dock'),
    ]);
    expect(refused.status).not.toBe(0);
    expect(existsSync(join(testData, 'ledger'))).toBe(true);
    await depot.dock.stop();
    const before = log().length;
    expect(JSON.parse(holdfast('dock', 'purge-test', '--data', depot.data, '--json').out)).toMatchObject({
      removed: true,
    });
    expect(readdirSync(depot.data).filter((name) => name.includes('test'))).toEqual([]);
    expect(holdfast('dock', 'purge-test', '--data', depot.data).out).toContain('there was nothing');
    expect(log().length).toBe(before);
    expect(verifyOf(depot.data)).toMatchObject({ ok: true });
    await depot.start();
    await isRefused(camera(TEST_CAMERA, join(crew, TEST_CAMERA)));
  });
});
