import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { isCameraId } from '../../proto/ids.ts';
import { enrolCamera } from '../../dock/keys/enrolment.ts';
import { Program } from '../../sim/rig/program.ts';

const dir = mkdtempSync(join(tmpdir(), 'holdfast-unit-'));
const air = join(dir, 'air');
const NAMES = ['cam-1', 'cam-2', 'cam-3', 'cam-4'] as const;
const running: Program[] = [];

beforeAll(() => {
  for (const id of NAMES) {
    if (!isCameraId(id)) throw new TypeError(`${id} is no camera`);
    enrolCamera({ id, out: join(dir, id, 'keys'), registries: [join(dir, 'enrolled')] });
  }
});
afterEach(async () => {
  for (const program of running.splice(0)) await program.stop();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A camera that is worn; the broker that it would talk to is nowhere. */
async function camera(id: (typeof NAMES)[number], ...args: readonly string[]): Promise<Program> {
  const program = Program.start([
    ...[
      'device',
      '--id',
      id,
      '--keys',
      join(dir, id, 'keys'),
      '--flash',
      join(dir, id, 'flash'),
      '--undocked',
    ],
    ...['--mqtt', 'mqtt://127.0.0.1:1', '--officer', '4411', '--pre-event', '0', '--fps', '1'],
    ...['--radio', air, '--tag', 'north', ...args],
  ]);
  running.push(program);
  await program.until('ready');
  return program;
}

const saying = (program: Program, event: string): number =>
  program.events.filter((one) => one.event === event).length;

async function status(program: Program): Promise<Readonly<Record<string, unknown>>> {
  const before = saying(program, 'status');
  program.say('status');
  return program.until('status', () => saying(program, 'status') > before);
}

// Goal: a trigger on one camera begins a recording on those near it, once, with the name of who called; one that hangs delays nobody, and hears nothing of
// what was called before it went on. Method: four real cameras, one of which stands still while the first is triggered.
it('begins on every camera near, and ends there', { timeout: 120_000 }, async () => {
  const [one, two, three, still] = await Promise.all(NAMES.map((id) => camera(id)));
  if (!one || !two || !three || !still) throw new TypeError('there are four cameras');
  still.signal('SIGSTOP');
  one.say('holster');
  const { call } = await one.until('called');
  for (const near of [two, three]) {
    expect(await near.until('recording')).toMatchObject({ peer: 'cam-1' });
    expect(await near.until('heard')).toMatchObject({ call, from: 'cam-1', cause: 'holster', came: 'done' });
  }
  // It has waited for nobody: its own recording is under way as well.
  await one.until('recording');
  await expect.poll(async () => (await status(one))['radioReached'], { timeout: 10_000 }).toBe(2);
  // Longer than a call lives.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  still.signal('SIGCONT');
  expect(await status(still)).toMatchObject({ state: 'ready', radioHeard: 0 });
  for (const near of [two, three]) expect(saying(near, 'called')).toBe(0);
  expect(saying(one, 'heard')).toBe(0);

  // Who was called calls nobody, also when it goes on; nor is anybody called for what the unit has not settled.
  two.say('stop');
  await two.until('closed');
  two.say('record');
  await two.until('recording', () => saying(two, 'recording') === 2);
  two.say('taser');
  await two.until('called');
  expect(await one.until('heard')).toMatchObject({ from: 'cam-2', cause: 'taser', came: 'ignored' });
  expect(await still.until('recording')).toMatchObject({ peer: 'cam-2' });
  expect(saying(two, 'called')).toBe(1);
});

// Goal: what anybody may say to the socket can end nothing and is no command; a camera that died leaves its name to the next. Method: noise, a call
// of another unit, and a camera killed on the spot.
it('believes nobody, and outlives one that dies', { timeout: 120_000 }, async () => {
  const [one, two] = await Promise.all([camera('cam-1'), camera('cam-2')]);
  two.say('record');
  await two.until('recording');
  const id = '1'.repeat(32);
  const foreign = JSON.stringify({ v: 1, call: id, camera: 'cam-9', tag: 'south', cause: 'fall' });
  for (const line of ['stop', 'battery 0%', '{"v":1,"stop":true}', foreign]) await whisper('cam-2', line);
  expect(await two.until('heard')).toMatchObject({ from: 'cam-9', came: 'ignored' });
  expect(await status(two)).toMatchObject({ state: 'recording', radioHeard: 1, radioIgnored: 3 });
  await one.kill();
  two.say('taser');
  await two.until('called');
  const again = await camera('cam-1');
  again.say('lightbar');
  await again.until('called');
  expect(await two.until('heard', ({ from }) => from === 'cam-1')).toMatchObject({ cause: 'light-bar' });
  const twin = Program.start([
    ...['device', '--id', 'cam-1', '--keys', join(dir, 'cam-1', 'keys'), '--flash', join(dir, 'twin')],
    ...['--mqtt', 'mqtt://127.0.0.1:1', '--radio', air],
  ]);
  running.push(twin);
  expect(await twin.exited).toBe(1);
  expect(twin.stderr).toMatch(/another cam-1 is on the air/);
});

function whisper(id: string, line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(join(air, `${id}.sock`));
    socket.once('data', () => socket.end(`${line}\n`));
    socket.once('close', () => resolve()).once('error', reject);
  });
}
