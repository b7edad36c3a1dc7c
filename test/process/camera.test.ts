import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { isCameraId } from '../../proto/ids.ts';
import { enrolCamera } from '../../dock/keys/enrolment.ts';
import { writeFilm } from '../../sim/rig/film.ts';
import { Program } from '../../sim/rig/program.ts';

const dir = mkdtempSync(join(tmpdir(), 'holdfast-camera-'));
const running: Program[] = [];

beforeAll(() => {
  const id = 'cam-1';
  if (!isCameraId(id)) throw new TypeError('cam-1 is a camera');
  enrolCamera({ id, out: join(dir, 'keys'), registries: [join(dir, 'enrolled')] });
});
afterEach(async () => {
  for (const program of running.splice(0)) await program.stop();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A camera in a yard without a dock: the broker that it would talk to is nowhere. */
function camera(name: string, ...args: readonly string[]): Program {
  const program = Program.start([
    ...['device', '--id', 'cam-1', '--keys', join(dir, 'keys'), '--flash', join(dir, name)],
    ...['--mqtt', 'mqtt://127.0.0.1:1', '--officer', '4411', '--pre-event', '0', '--fps', '2', ...args],
  ]);
  running.push(program);
  return program;
}

type Answer = Readonly<Record<string, unknown>>;

/** Says the lines to the socket at once and gives an answer to each. */
async function ask(path: string, lines: readonly string[]): Promise<readonly Answer[]> {
  const socket = connect(path);
  socket.write(lines.map((line) => `${line}\n`).join(''));
  const answers: Answer[] = [];
  for await (const line of createInterface({ input: socket })) {
    const answer = JSON.parse(line) as Answer;
    answers.push(answer);
    if (answers.length === lines.length) break;
  }
  socket.destroy();
  return answers;
}

// Goal: commands on stdin drive a real camera from its button to its shutdown. Method: a recording with everything that can
// be said of it, a battery that goes critical in the next one, and an exit in order.
it('is driven over stdin, and ends by itself when its battery is almost empty', async () => {
  const program = camera('stdin');
  await program.until('ready');
  program.say('undock 4412');
  await program.until('undocked');
  program.say('double-press');
  const { recording } = await program.until('recording');
  for (const line of ['mark weapon', 'mute', 'category use-of-force', 'assign 9']) program.say(line);
  expect((await program.until('refused'))['message']).toMatch(/a recording stays with whom it began with/);
  program.say('status');
  expect(await program.until('status')).toMatchObject({
    ...{ state: 'recording', officer: '4412', muted: true, battery: 'good', clock: 'set' },
  });
  program.say('hold');
  await program.until('closed', (event) => event['recording'] === recording);
  program.say('taser');
  const next = await program.until('recording', (event) => event['recording'] !== recording);
  program.say('battery 4%');
  const closed = await program.until('closed', (event) => event['recording'] === next['recording']);
  expect(closed['stopReason']).toBe('battery');
  expect(await program.exited).toBe(0);
});

// Goal: the same on a local socket, for several clients, each line answered in its order; two cameras do not share one.
// Method: two clients on one socket, a second camera with the same path.
it('is driven over a local socket', async () => {
  const control = join(dir, 'control');
  const program = camera('socket', '--control', control);
  await program.until('ready');
  const begun = await ask(control, ['undock', 'record', 'stealth on', 'stealth on', 'fly']);
  expect(begun.map(({ came }) => came)).toEqual(['done', 'done', 'done', 'ignored', 'refused']);
  expect(begun[1]).toHaveProperty('recording');
  expect(begun[4]?.['why']).toMatch(/^no command "fly"; there are record, /);
  const [status, clock, stopped] = await ask(control, ['status', 'clock +3600s', 'stop']);
  expect(status).toMatchObject({ state: 'recording', stealth: true, officer: '4411' });
  expect(clock).toEqual({ came: 'done' });
  expect(stopped?.['recording']).toBe(begun[1]?.['recording']);
  const other = camera('other', '--control', control);
  expect(await other.exited).not.toBe(0);
  expect(other.stderr).toMatch(/another camera listens on/);
  expect((await ask(control, ['quit']))[0]).toEqual({ came: 'done' });
  expect(await program.exited).toBe(0);
});

// Goal: an empty battery is a power loss: nothing is closed, and the next start recovers it. Method: empty during a recording.
it('loses its power without a word, and recovers at the next start', async () => {
  const program = camera('dead');
  await program.until('ready');
  program.say('record');
  const { recording } = await program.until('recording');
  // Long enough for whole fragments.
  await new Promise((resolve) => setTimeout(resolve, 3_500));
  program.say('battery 0%');
  await program.until('power-lost');
  expect(await program.exited).toBeNull();
  expect(program.events.filter(({ event }) => event === 'closed')).toEqual([]);
  const again = camera('dead');
  const closed = await again.until('closed');
  expect(closed).toMatchObject({ recording, stopReason: 'power-loss' });
});

// Goal: a film goes through the machine as anything that is seen does: while it is recorded the camera hears commands, and its end
// is the end of the recording. Method: a slow memory, so that there is time to talk; a state, a refusal, and a clean end.
it('hears commands while it records a film', async () => {
  const film = join(dir, 'film.mp4');
  await writeFilm(film, { seconds: 4, quantizer: 10, grain: 40 });
  const program = camera('film', '--undocked', '--media', film, '--flash-write-kibs', '600');
  const { recording } = await program.until('recording');
  for (const line of ['mark weapon', 'mute', 'status']) program.say(line);
  expect((await program.until('refused'))['message']).toMatch(/it cannot be muted/);
  expect(await program.until('status')).toMatchObject({ state: 'recording', officer: '4411', muted: false });
  const closed = await program.until('closed');
  expect(closed).toMatchObject({ recording, stopReason: 'replay' });
  program.say('quit');
  expect(await program.exited).toBe(0);
});
