import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeFilm } from '../../sim/rig/film.ts';
import type { Program } from '../../sim/rig/program.ts';
import { openPtyPair, type PtyPair } from '../../sim/rig/pty.ts';
import { Site } from '../../sim/rig/site.ts';
import type { ViewerClient } from '../../sim/rig/viewer.ts';

const SHOWN_MS_MAX = 30_000;
const LOOK_MS = 20;

type Bay = Awaited<ReturnType<ViewerClient['bays']>>[number];

const dir = mkdtempSync(join(tmpdir(), 'holdfast-bays-'));
const film = join(dir, 'film.mp4');
const running: Program[] = [];
let site: Site;
let cable: PtyPair;
let mqtt: string;
let operator: ViewerClient;

beforeAll(async () => {
  await writeFilm(film, { seconds: 3, quantizer: 10, grain: 40 });
  site = await Site.prepare({
    ...{ dir, dockId: 'dock-1', site: 'bays', cameras: ['cam-1', 'cam-2'], password: 'bays-password' },
    people: [{ id: 'op-1', name: 'Operator Lund', roles: ['dock_operator'] }],
  });
  const policy = await site.startPolicy({ regime: 'doj' });
  running.push(policy.program);
  cable = await openPtyPair({ uart: { baud: 3_000_000, latencyMs: 2, seed: 'bays' } });
  const dock = await site.startDock({ serial: [cable.dockPath], mqtt: 'embedded:0', policyUrl: policy.url });
  running.unshift(dock.program);
  mqtt = dock.mqtt ?? '';
  operator = await site.signIn({ dockUrl: dock.url, policyUrl: policy.url }, 'op-1');
});
afterAll(async () => {
  for (const program of running) await program.stop();
  await cable?.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Waits until the camera's bay is as wanted. */
async function shown(camera: string, isWanted: (bay: Bay) => boolean): Promise<Bay> {
  for (const endMs = performance.now() + SHOWN_MS_MAX; performance.now() < endMs; ) {
    const bay = (await operator.bays()).find(
      (one) => one.camera === camera || one.lastReceipt?.camera === camera,
    );
    if (bay !== undefined && isWanted(bay)) return bay;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  throw new Error(`${camera} was never shown so: ${JSON.stringify(await operator.bays())}`);
}

// Goal: what a display shows of a real camera is what the camera says and what the dock measures. Method: a camera on a serial line
// and one over MQTT, each with a film; the dock is asked while they upload and afterwards.
it.each([
  ['cam-1', () => ['--serial', cable.cameraPath]],
  ['cam-2', () => ['--mqtt', mqtt]],
] as const)('shows battery, queue, rate and receipt of %s', async (id, link) => {
  const args = ['--officer', '4411', '--incident', '26-1', '--battery', '37', '--media', film, '--once'];
  const camera = site.startCamera(id, link(), { args });
  running.unshift(camera);
  const busy = shown(id, ({ bitsPerSecond, queue }) => bitsPerSecond !== undefined && queue !== undefined);
  const closed = await camera.until('closed');
  expect(await busy).toMatchObject({
    ...{ state: 'receiving', officer: '4411', batteryPercent: 37, recording: closed['recording'] },
    queue: { recordings: 1 },
  });
  const { queue, totalBytes, secondsLeft } = await busy;
  expect(queue?.bytes).toBe(totalBytes);
  expect(secondsLeft).toBeGreaterThanOrEqual(0);
  const { lastReceipt } = await shown(id, (bay) => bay.lastReceipt !== undefined);
  expect(lastReceipt).toMatchObject({ camera: id, outcome: 'accepted', recording: closed['recording'] });
});
