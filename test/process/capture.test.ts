import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fromHex } from '../../proto/bytes.ts';
import { MESSAGE_TYPE } from '../../proto/messages.ts';
import { writeFilm } from '../../sim/rig/film.ts';
import { startMosquitto } from '../../sim/rig/mosquitto.ts';
import { COMMAND, Program } from '../../sim/rig/program.ts';
import { openPtyPair, type PtyPair } from '../../sim/rig/pty.ts';
import { Site } from '../../sim/rig/site.ts';
import { peer } from '../peer.ts';

const mosquitto = peer('mosquitto');
const protoc = peer('protoc');

/** One line of `--json` output of decode and replay. */
interface Line {
  readonly type: string;
  readonly direction?: 'up' | 'down';
  readonly message?: Readonly<Record<string, unknown>>;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly manifest?: Readonly<Record<string, unknown>>;
  readonly notes?: readonly string[];
  readonly whole?: Line;
  readonly [field: string]: unknown;
}

const dir = mkdtempSync(join(tmpdir(), 'holdfast-capture-'));
const captures = { serial: join(dir, 'serial.capture'), mqtt: join(dir, 'mqtt.capture') };
let film = '';
const open: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  film = join(dir, 'film.mp4');
  await writeFilm(film, { seconds: 2 });
});
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** An installation of its own; the camera is the same in all of them, with the keys of the first. */
async function installation(name: string, dockId: string): Promise<Site> {
  const first = join(dir, 'home/cameras/cam-1/keys');
  const keys = join(dir, name, 'cameras/cam-1/keys');
  if (first !== keys) cpSync(first, keys, { recursive: true });
  return Site.prepare({
    dir: join(dir, name),
    dockId,
    site: 'yard',
    cameras: ['cam-1'],
    people: [{ id: '4411', name: 'Officer Reyes', roles: ['officer'] }],
    password: 'x',
    // One camera at several installations, and content that is compared with the film.
    unsealed: true,
  });
}

const cameraKeys = (site: Site): string => join(site.plan.dir, 'cameras/cam-1/keys');

/** Runs the site's policy service and a dock at this link, until the test ends. */
async function startDock(site: Site, link: { serial?: readonly string[]; mqtt?: string }): Promise<Program> {
  const policy = await site.startPolicy({ regime: 'doj' });
  open.push(() => policy.program.stop());
  const dock = await site.startDock({ ...link, policyUrl: policy.url });
  open.push(() => dock.program.stop());
  return dock.program;
}

async function cable(): Promise<PtyPair> {
  const pair = await openPtyPair();
  open.push(() => pair.close());
  return pair;
}

async function startCapture(file: string, args: readonly string[]): Promise<Program> {
  const capture = Program.start(['rig', 'capture', '--out', file, ...args], { name: 'capture' });
  open.push(() => capture.kill());
  await capture.until('capturing');
  return capture;
}

/** Puts the film into the camera's flash: it records with no dock to be found, and is switched off. */
async function record(site: Site): Promise<void> {
  const nobody = await cable();
  const camera = site.startCamera('cam-1', ['--serial', nobody.cameraPath], {
    args: ['--officer', '4411', '--media', film],
  });
  await camera.until('closed');
  await camera.stop();
}

/** Lets the camera upload what is in its flash, and leave. */
async function upload(site: Site, link: readonly string[]): Promise<void> {
  const camera = site.startCamera('cam-1', link, { args: ['--once'] });
  open.push(() => camera.kill());
  expect(await camera.exited, camera.stderr).toBe(0);
}

function decode(
  file: string,
  ...args: readonly string[]
): { readonly status: number | null; readonly out: string; readonly err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, 'rig', 'decode', file, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return { status, out: stdout, err: stderr };
}

const linesOf = (out: string): readonly Line[] =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

/** Every message, those that came in parts as well. */
const withWholes = (lines: readonly Line[]): readonly Line[] =>
  lines.flatMap((line) => [line, ...(line.whole === undefined ? [] : [line.whole])]);

/** What a capture must say of one whole upload of the film, whatever it travelled over. */
function expectWholeUpload(file: string, dockId: string): readonly Line[] {
  const { status, out, err } = decode(file, '--json');
  expect({ status, err }).toEqual({ status: 0, err: '' });
  const lines = linesOf(out);
  const messages = withWholes(lines);
  expect(messages.map(({ type }) => type)).not.toContain('undecodable');
  for (const type of [
    'hello',
    'hello-ack',
    'hello-confirm',
    'offer',
    'accept',
    'data',
    'ack',
    'fin',
    'receipt',
    'receipt-ack',
  ])
    expect(messages.map((line) => line.type)).toContain(type);
  expect(messages.find(({ type }) => type === 'hello-ack')?.body).toMatchObject({ dockId });
  expect(messages.find(({ type }) => type === 'receipt')?.body).toMatchObject({ outcome: 'accepted' });
  const [manifest] = messages.flatMap((line) => line.manifest ?? []);
  expect(manifest).toMatchObject({ cameraId: 'cam-1', officerId: '4411' });
  const offer = messages.find(({ type }) => type === 'offer')?.message;
  const summary = lines.at(-1);
  expect(summary).toMatchObject({
    type: 'summary',
    payloadBytes: Number(offer?.['manifestBytes']) + Number(offer?.['contentBytes']),
    damagedLines: 0,
  });
  expect(Number(summary?.['wireRatio'])).toBeGreaterThan(1);
  return lines;
}

/** PDUs of the capture itself, by type byte. */
const pdusOf = (file: string, type: number): readonly Uint8Array[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .flatMap((line) => {
      const { pdu } = JSON.parse(line) as { readonly pdu?: string };
      return pdu === undefined ? [] : [fromHex(pdu)];
    })
    .filter((pdu) => pdu[0] === type);

async function replay(
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly lines: readonly Line[]; readonly err: string }> {
  const child = spawn(process.execPath, [COMMAND, 'rig', 'replay', ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (text: Buffer) => (out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (err += text.toString()));
  open.push(async () => child.kill('SIGKILL'));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, lines: out === '' ? [] : linesOf(out), err };
}

/** The film as this installation's dock stores it. */
function expectCustody(site: Site): void {
  const [recording = ''] = readdirSync(join(site.plan.dir, 'dock/recordings'));
  const stored = readFileSync(join(site.plan.dir, 'dock/recordings', recording, 'chunks'));
  expect(stored.equals(readFileSync(film))).toBe(true);
}

const end = (lines: readonly Line[]): Line | undefined => lines.at(-1);

// Goal: what a real camera and a real dock say can be recorded, read and played again. Method: the programs themselves, with
// the capture between two pseudo-terminals or beside them at mosquitto; then the recorded sides, to peers that never saw them.
describe('a capture between two serial ports', () => {
  it('holds a whole upload, and does not disturb it', async () => {
    const home = await installation('home', 'dock-1');
    await record(home);
    cpSync(home.flashDir('cam-1'), join(dir, 'flash-before'), { recursive: true });
    const [towardsCamera, towardsDock] = await Promise.all([cable(), cable()]);
    await startDock(home, { serial: [towardsDock.dockPath] });
    const ports = ['--serial', towardsCamera.dockPath, '--serial', towardsDock.cameraPath];
    const capture = await startCapture(captures.serial, ports);
    await upload(home, ['--serial', towardsCamera.cameraPath]);
    expectCustody(home);
    await capture.stop();
    expect(await capture.exited).toBe(0);
    expect(statSync(captures.serial).mode & 0o777).toBe(0o600);
    expect(await capture.until('captured')).toMatchObject({ up: { noises: 0 }, down: { noises: 0 } });
    const lines = expectWholeUpload(captures.serial, 'dock-1');
    // The two agreed on a faster rate through the capture, which went along.
    const reports = lines.filter(({ type }) => type === 'link-report').map(({ message }) => message);
    expect(reports).toContainEqual(expect.objectContaining({ received: 8, keep: true }));
    const summary = end(lines);
    expect(Number(summary?.['wireRatio'])).toBeLessThan(1.1);
  });

  it('can be read by people, and by protoc', () => {
    const { status, out } = decode(captures.serial);
    expect(status).toBe(0);
    expect(out).toMatch(/up +hello +versionMin=1 versionMax=1 .*cameraId="cam-1"/);
    expect(out).toMatch(/down accept .*\n(.*\n)*.*up +data /);
    expect(out).toMatch(/\[everything is durable\]/);
    expect(out).toMatch(/body outcome="accepted" .*entry=\{"at":/);
    expect(out).toMatch(/^data +\d+ B of payload, \d+ B repeated$/m);
    if (protoc === undefined) return;
    const [data = new Uint8Array()] = pdusOf(captures.serial, MESSAGE_TYPE.data);
    const options = ['--decode', 'bwc.v1.Data', '--proto_path', 'proto', 'evidence.proto'];
    const shown = execFileSync(protoc, options, { input: data.subarray(1, -4), encoding: 'utf8' });
    expect(shown).toMatch(/^stream: \d+\ntx_seq: 1\n/);
  });

  // A line that was cut short or altered is named, and the rest is told all the same.
  it('is read around its damaged lines', () => {
    const damaged = join(dir, 'damaged.capture');
    const lines = readFileSync(captures.serial, 'utf8').trimEnd().split('\n');
    const cut = lines.map((line, index) => {
      if (index === 2) return line.replace(/"pdu":"../, '"pdu":"7f');
      return index === 4 ? line.slice(0, -20) : line;
    });
    writeFileSync(damaged, cut.join('\n'));
    const { status, out, err } = decode(damaged, '--json');
    expect(status).toBe(1);
    expect(err).toMatch(
      /damaged\.capture:3: the line has a pdu whose CRC does not hold\n.*:5: the line is not a JSON object/,
    );
    expect(linesOf(out).length).toBe(lines.length - 2);
    expect(end(linesOf(out))).toMatchObject({ damagedLines: 2 });
    expect(decode(film).err).toMatch(/CAPTURE_FORMAT/);
  });
});

describe('a replay over a serial line', () => {
  it('brings the recorded upload into the custody of another dock', async () => {
    const other = await installation('other', 'dock-2');
    const line = await cable();
    await startDock(other, { serial: [line.dockPath] });
    const args = [
      captures.serial,
      '--as',
      'camera',
      '--serial',
      line.cameraPath,
      '--keys',
      cameraKeys(other),
    ];
    const { code, lines, err } = await replay(args);
    expect({ code, err, end: end(lines) }).toMatchObject({ code: 0, end: { type: 'end', missing: [] } });
    expect(withWholes(lines).some(({ body }) => body?.['outcome'] === 'accepted')).toBe(true);
    expectCustody(other);
  });

  // An honest dock has given no nonce to these old signatures: it says so and takes nothing.
  it('is refused when nothing is signed anew', async () => {
    const third = await installation('third', 'dock-3');
    const line = await cable();
    await startDock(third, { serial: [line.dockPath] });
    const { code, lines } = await replay([
      captures.serial,
      '--as',
      'camera',
      '--serial',
      line.cameraPath,
      '--fast',
    ]);
    expect(code).toBe(1);
    const abort = lines.find(({ type }) => type === 'abort')?.message;
    expect(abort?.['code'], JSON.stringify(lines)).toBe('no-session');
    expect(String(end(lines)?.['missing'])).toContain('receipt');
    expect(readdirSync(join(third.plan.dir, 'dock/recordings'))).toEqual([]);
  });

  // The recorded dock gives its recorded receipt to a camera that still holds the recording, and the camera believes it.
  it('plays the dock to a camera', async () => {
    const line = await cable();
    const keys = cameraKeys(await installation('home', 'dock-1'));
    const device = ['device', '--id', 'cam-1', '--keys', keys, '--flash', join(dir, 'flash-before')];
    const camera = Program.start([...device, '--serial', line.cameraPath, '--once'], { name: 'cam-1' });
    open.push(() => camera.kill());
    const dockKeys = ['--keys', join(dir, 'home/dock/keys'), '--registry', join(dir, 'home/dock/enrolled')];
    const { code, lines, err } = await replay([
      captures.serial,
      '--as',
      'dock',
      '--serial',
      line.dockPath,
      ...dockKeys,
    ]);
    expect({ code, err, end: end(lines) }).toMatchObject({ code: 0, end: { missing: [] } });
    expect(await camera.exited, camera.stderr).toBe(0);
    expect(camera.events.map(({ event }) => event)).toContain('erased');
  });

  it('refuses keys and captures that cannot work', async () => {
    const wrong = join(dir, 'wrong');
    spawnSync(process.execPath, [COMMAND, 'enrol', 'camera', 'cam-9', '--out', wrong]);
    const play = (...args: readonly string[]) => replay([captures.serial, '--as', 'camera', ...args]);
    const others = await play('--serial', '/dev/null', '--keys', wrong);
    expect(others.code).toBe(2);
    expect(others.err).toContain('are those of cam-9');
    expect((await play()).code).toBe(2);
    expect((await play('--serial', join(dir, 'no-port'))).err).toMatch(/LINE_OPEN/);
  });
});

describe.skipIf(mosquitto === undefined)('a capture at a broker', () => {
  it('holds a whole upload, is played to another dock, and can leave the footage out', async () => {
    const broker = await startMosquitto({ binary: mosquitto ?? '' });
    open.push(() => broker.close());
    const site = await installation('broker', 'dock-4');
    await record(site);
    await startDock(site, { mqtt: broker.url });
    const at = ['--mqtt', broker.url, '--site', 'yard'];
    const without = join(dir, 'without.capture');
    const capture = await startCapture(captures.mqtt, [...at, '--camera', 'cam-1']);
    const bare = await startCapture(without, [...at, '--no-payload']);
    await upload(site, ['--mqtt', broker.url]);
    // The ReceiptAck is the last word that both must have heard; it reaches them when it reaches the dock.
    await Promise.all([capture.stop(), bare.stop()]);
    const lines = expectWholeUpload(captures.mqtt, 'dock-4');
    expect(Number(end(lines)?.['wireRatio'])).toBeLessThan(1.05);
    expect(lines[0]).toMatchObject({ camera: 'cam-1' });

    const summary = end(linesOf(decode(without, '--json').out));
    expect(summary?.['payloadBytes']).toBe(end(lines)?.['payloadBytes']);
    expect(pdusOf(without, MESSAGE_TYPE.data)).toEqual([]);
    expect(statSync(without).size).toBeLessThan(statSync(captures.mqtt).size / 10);

    const other = await startMosquitto({ binary: mosquitto ?? '' });
    open.push(() => other.close());
    const fifth = await installation('fifth', 'dock-5');
    await startDock(fifth, { mqtt: other.url });
    const to = [
      '--as',
      'camera',
      '--mqtt',
      other.url,
      '--site',
      'yard',
      '--keys',
      cameraKeys(fifth),
      '--fast',
    ];
    const { code, err, lines: said } = await replay([captures.mqtt, ...to]);
    expect({ code, err, end: end(said) }).toMatchObject({ code: 0, end: { missing: [] } });
    expectCustody(fifth);
    expect((await replay([without, ...to])).err).toMatch(/payloads were left out/);
  });

  it('says why it cannot listen, and leaves no file behind', async () => {
    const file = join(dir, 'nothing.capture');
    const run = (...args: readonly string[]) =>
      spawnSync(process.execPath, [COMMAND, 'rig', 'capture', '--out', file, ...args], { encoding: 'utf8' });
    expect(run('--mqtt', 'mqtt://127.0.0.1:1').stderr).toMatch(/LINK_OPEN/);
    expect(run('--serial', join(dir, 'a'), '--serial', join(dir, 'b')).stderr).toMatch(/LINK_OPEN/);
    expect(run('--serial', join(dir, 'a')).status).toBe(2);
    expect(run().status).toBe(2);
    expect(existsSync(file)).toBe(false);
    writeFileSync(file, 'mine');
    expect(run('--mqtt', 'mqtt://127.0.0.1:1').stderr).toMatch(/CAPTURE_IO/);
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });
});
