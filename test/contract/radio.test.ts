import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../device/clock/system.ts';
import type { PeerCall, Radio } from '../../device/ports.ts';
import { openFolderRadio } from '../../device/radio/folder-radio.ts';
import { isCameraId } from '../../proto/ids.ts';
import { Chance } from '../../sim/fault/chance.ts';
import { Air } from '../../sim/fault/memory-radio.ts';

// Goal: the folder of sockets and what stands in for it keep the promise of the port. Method: the same cameras on both.

interface World {
  readonly join: (camera: PeerCall['camera']) => Promise<Radio>;
  /** Something arrives at a camera, whatever it is. */
  readonly whisper: (camera: PeerCall['camera'], line: string) => Promise<void>;
  readonly end: () => Promise<void>;
}

const done = (): Promise<void> => Promise.resolve();

async function folderWorld(): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-air-'));
  const folder = join(dir, 'unit');
  const clock = systemClock();
  return {
    join: (camera) => openFolderRadio({ folder, camera, clock }),
    whisper: (camera, line) =>
      new Promise((resolve, reject) => {
        const socket = connect(join(folder, `${camera}.sock`));
        socket.once('data', () => socket.end(`${line}\n`));
        socket.once('close', () => resolve()).once('error', reject);
      }),
    end: () => rm(dir, { recursive: true }),
  };
}

function airWorld(): Promise<World> {
  const air = new Air({ chance: new Chance('contract') });
  return Promise.resolve({
    join: (camera) => Promise.resolve(air.join(camera)),
    whisper: (camera, line) => Promise.resolve(air.whisper(camera, line)),
    end: done,
  });
}

const [cam1, cam2, cam3] = ['cam-1', 'cam-2', 'cam-3'].map((name) => {
  if (!isCameraId(name)) throw new TypeError(`${name} is no camera`);
  return name;
}) as [PeerCall['camera'], PeerCall['camera'], PeerCall['camera']];

function callOf(camera: PeerCall['camera'], number: number): PeerCall {
  return { callId: number.toString(16).padStart(32, '0'), camera, tag: 'north', cause: 'taser' };
}

describe.each([
  ['a folder of sockets', folderWorld],
  ['what stands in for it', airWorld],
] as const)('Radio on %s', (_name, make) => {
  let world: World;
  const open: Radio[] = [];
  const heard = new Map<string, PeerCall[]>();

  beforeEach(async () => {
    world = await make();
    heard.clear();
  });
  afterEach(async () => {
    for (const radio of open.splice(0)) await radio.close();
    await world.end();
  });

  async function camera(id: PeerCall['camera']): Promise<Radio> {
    const radio = await world.join(id);
    open.push(radio);
    const calls: PeerCall[] = [];
    heard.set(id, calls);
    radio.onCall((call) => calls.push(call));
    return radio;
  }

  it('carries a call to everyone near, whole, and not back', async () => {
    const one = await camera(cam1);
    await camera(cam2);
    await camera(cam3);
    one.call(callOf(cam1, 1));
    await expect
      .poll(() => [heard.get(cam2), heard.get(cam3)])
      .toEqual([[callOf(cam1, 1)], [callOf(cam1, 1)]]);
    await expect.poll(() => one.counts().reached).toBe(2);
    expect(heard.get(cam1)).toEqual([]);
    expect(one.counts().heard).toBe(0);
  });

  it('has nobody to tell where nobody is, and says nothing of it', async () => {
    const one = await camera(cam1);
    expect(() => one.call(callOf(cam1, 1))).not.toThrow();
    const two = await camera(cam2);
    two.call(callOf(cam2, 2));
    await expect.poll(() => heard.get(cam1)).toEqual([callOf(cam2, 2)]);
    // Whoever comes while a call is being made may hear it; nobody hears their own.
    expect(heard.get(cam2)).not.toContainEqual(callOf(cam2, 2));
  });

  // Method: what is no JSON, no call, of another version, in somebody's own name, too long; then a call.
  it('hands on nothing but calls of others, and counts the rest', async () => {
    const one = await camera(cam1);
    const good = { v: 1, call: callOf(cam2, 7).callId, camera: 'cam-2', tag: 'north', cause: 'taser' };
    const bad = [
      ...['', 'stop', '[]', 'null', '"cam-2"', '{"v":1}'],
      ...[
        { v: 2 },
        { camera: 'cam-1' },
        { camera: '../x' },
        { call: 'x' },
        { cause: 'peer' },
        { tag: 'a b' },
      ].map((change) => JSON.stringify({ ...good, ...change })),
      JSON.stringify({ ...good, camera: 'cam-2'.padEnd(2000, '2') }),
    ];
    for (const line of bad) await world.whisper(cam1, line);
    await expect.poll(() => one.counts().garbled).toBe(bad.length);
    expect(heard.get(cam1)).toEqual([]);
    await world.whisper(cam1, JSON.stringify(good));
    await expect.poll(() => heard.get(cam1)).toEqual([callOf(cam2, 7)]);
  });

  it('is silent for whoever does not listen any more, and once it is closed', async () => {
    const one = await camera(cam1);
    const two = await camera(cam2);
    const brief: PeerCall[] = [];
    const cancel = two.onCall((call) => brief.push(call));
    one.call(callOf(cam1, 1));
    await expect.poll(() => brief).toHaveLength(1);
    cancel();
    one.call(callOf(cam1, 2));
    await expect.poll(() => heard.get(cam2)).toHaveLength(2);
    expect(brief).toHaveLength(1);
    await two.close();
    one.call(callOf(cam1, 3));
    const again = await camera(cam2);
    one.call(callOf(cam1, 4));
    await expect.poll(() => again.counts().heard).toBeGreaterThan(0);
    expect(heard.get(cam2)?.at(-1)).toEqual(callOf(cam1, 4));
  });
});
