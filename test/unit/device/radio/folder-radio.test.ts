import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PeerCall, Radio } from '../../../../device/ports.ts';
import { CALL_MS_MAX, openFolderRadio } from '../../../../device/radio/folder-radio.ts';
import { RadioError } from '../../../../device/radio/error.ts';
import { isCameraId } from '../../../../proto/ids.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';

// Goal: what only a folder of sockets can suffer: names that are taken, left behind or no sockets, calls that are late, neighbours that hang.
// Method: real sockets, and a clock that a test moves.

let folder = '';
const open: Radio[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-radio-'));
});
afterEach(async () => {
  for (const radio of open.splice(0)) await radio.close();
  rmSync(folder, { recursive: true });
});

function idOf(name: string): PeerCall['camera'] {
  if (!isCameraId(name)) throw new TypeError(`${name} is no camera`);
  return name;
}

async function radio(name: string, clock = new ManualClock()): Promise<Radio> {
  const one = await openFolderRadio({ folder, camera: idOf(name), clock });
  open.push(one);
  return one;
}

const call: PeerCall = { callId: '0'.repeat(32), camera: idOf('cam-1'), tag: '', cause: 'holster' };
const line = JSON.stringify({ v: 1, call: call.callId, camera: 'cam-1', tag: '', cause: 'holster' });

it('gives a name to one camera at a time', async () => {
  const first = await radio('cam-1');
  await expect(radio('cam-1')).rejects.toMatchObject({ code: 'RADIO_TAKEN' });
  await first.close();
  expect(existsSync(join(folder, 'cam-1.sock'))).toBe(false);
  await expect(radio('cam-1')).resolves.toBeDefined();
});

it('leaves a file alone that is no socket, and says what cannot be used', async () => {
  writeFileSync(join(folder, 'cam-1.sock'), 'mine');
  await expect(radio('cam-1')).rejects.toMatchObject({ code: 'RADIO_PATH' });
  expect(existsSync(join(folder, 'cam-1.sock'))).toBe(true);
  const long = openFolderRadio({
    ...{ folder: join(folder, 'x'.repeat(100)), camera: idOf('cam-2'), clock: new ManualClock() },
  });
  await expect(long).rejects.toBeInstanceOf(RadioError);
});

// Method: a call that is greeted, and goes on when the camera has stood still for longer than a call may take; then one at once.
it('hears nothing that was called long ago', async () => {
  const clock = new ManualClock();
  // Timers of a camera that stands still do not ring.
  const still = { monoUs: () => clock.monoUs(), after: () => () => undefined };
  const one = await openFolderRadio({ folder, camera: idOf('cam-2'), clock: still });
  open.push(one);
  const heard: PeerCall[] = [];
  one.onCall((got) => heard.push(got));
  const socket = connect(join(folder, 'cam-2.sock'));
  await new Promise((resolve) => socket.once('data', resolve));
  clock.advance(CALL_MS_MAX + 1);
  socket.end(`${line}\n`);
  await expect.poll(() => one.counts().late).toBe(1);
  const soon = connect(join(folder, 'cam-2.sock')).once('data', () => soon.end(`${line}\n`));
  await expect.poll(() => heard).toEqual([call]);
});

// Method: a neighbour that takes connections and greets nobody, and one that greets otherwise; a third hears all the same, and in the end
// neither is left a connection.
it('waits for nobody', async () => {
  const taken = new Set<object>();
  const hung = createServer((socket) => {
    taken.add(socket);
    socket.on('error', () => undefined).once('close', () => taken.delete(socket));
    socket.resume();
  });
  await new Promise<void>((resolve) => hung.listen(join(folder, 'cam-0.sock'), resolve));
  const rude = createServer((socket) => socket.on('error', () => undefined).end('go away\n'));
  await new Promise<void>((resolve) => rude.listen(join(folder, 'cam-3.sock'), resolve));
  const clock = new ManualClock();
  const one = await radio('cam-1', clock);
  const two = await radio('cam-2');
  const heard: PeerCall[] = [];
  two.onCall((got) => heard.push(got));
  one.call(call);
  await expect.poll(() => heard).toEqual([call]);
  await expect.poll(() => taken.size).toBe(1);
  expect(one.counts().reached).toBe(1);
  clock.advance(CALL_MS_MAX);
  await expect.poll(() => taken.size).toBe(0);
  hung.close();
  rude.close();
});
