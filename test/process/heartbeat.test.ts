import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { writeFilm } from '../../sim/rig/film.ts';
import type { Program } from '../../sim/rig/program.ts';
import { openPtyPair } from '../../sim/rig/pty.ts';
import { Site } from '../../sim/rig/site.ts';
import { Network } from './network.ts';

// So long without a word on a line and over MQTT, and what a busy machine may add.
const SILENCE_MS = { line: 3_000, mqtt: 10_000 } as const;
const BUSY_MS = 1_500;
const ARRIVED_MS_MAX = 90_000;

const dir = mkdtempSync(join(tmpdir(), 'holdfast-heartbeat-'));
const film = join(dir, 'film.mp4');
let site: Site;
let policyUrl: string;
const running: Program[] = [];
const cleaning: (() => Promise<void>)[] = [];

beforeAll(async () => {
  await writeFilm(film, { seconds: 2, quantizer: 10, grain: 40 });
  site = await Site.prepare({
    ...{ dir, dockId: 'dock-1', site: 'pulse', cameras: ['cam-1', 'cam-2'], password: 'heartbeat-password' },
    people: [{ id: '4411', name: 'Officer Reyes', roles: ['officer'] }],
  });
  const policy = await site.startPolicy({ regime: 'doj' });
  running.push(policy.program);
  policyUrl = policy.url;
});

afterEach(async () => {
  for (const clean of cleaning.splice(0).toReversed()) await clean();
});

afterAll(async () => {
  await Promise.all(running.map((program) => program.stop()));
  rmSync(dir, { recursive: true, force: true });
});

function startCamera(id: string, link: readonly string[]): Program {
  const args = ['--officer', '4411', '--incident', '26-1', '--once', '--media', film];
  const camera = site.startCamera(id, link, { args });
  cleaning.push(() => camera.kill());
  return camera;
}

/** Waits until both programs say that the session is over; how long that took, in milliseconds. */
async function noticed(camera: Program, dock: Program, over: keyof typeof SILENCE_MS): Promise<number> {
  const startMs = performance.now();
  const silent = camera.until('interrupted', ({ because }) => because === 'silent');
  await Promise.all([
    silent,
    dock.until('link-ended', ({ why }) => String(why).includes(`${SILENCE_MS[over]} ms`)),
  ]);
  return performance.now() - startMs;
}

// Goal: a dead line is noticed by both ends within three seconds of an upload, though no port ever says so, and the
// upload goes on where it was. Method: real programs over a cable with a line rate; it is pulled out and put back.
it('finds a dead serial line by its silence, and goes on when it lives again', async () => {
  const cable = await openPtyPair({ uart: { baud: 3_000_000, latencyMs: 5, seed: 'heartbeat' } });
  cleaning.push(() => cable.close());
  const { program: dock } = await site.startDock({ serial: [cable.dockPath], policyUrl });
  cleaning.push(() => dock.stop());
  const camera = startCamera('cam-1', ['--serial', cable.cameraPath]);
  await camera.until('progress');
  cable.unplug();
  expect(await noticed(camera, dock, 'line')).toBeLessThan(SILENCE_MS.line + BUSY_MS);
  expect(camera.events.some(({ event }) => event === 'receipt')).toBe(false);
  cable.plug();
  await camera.until('erased', undefined, ARRIVED_MS_MAX);
});

// Goal: the same for a half-open connection, which TCP itself would keep for minutes. Method: a network in front of
// the embedded broker stops carrying in the middle of an upload; the camera's next connection passes.
it('finds a half-open connection by its silence, and goes on over the next', async () => {
  const { program: dock, mqtt } = await site.startDock({ mqtt: 'embedded', policyUrl });
  cleaning.push(() => dock.stop());
  const network = await Network.before({ port: Number(new URL(mqtt ?? '').port) });
  cleaning.push(() => network.close());
  let frozen = false;
  const args = ['--officer', '4411', '--incident', '26-1', '--once', '--media', film];
  const camera = site.startCamera('cam-2', ['--mqtt', network.url], {
    args,
    seen: ({ event }) => {
      if (event !== 'progress' || frozen) return;
      frozen = true;
      network.freeze();
    },
  });
  cleaning.push(() => camera.kill());
  await camera.until('progress');
  expect(await noticed(camera, dock, 'mqtt')).toBeLessThan(SILENCE_MS.mqtt + BUSY_MS);
  await camera.until('erased', undefined, ARRIVED_MS_MAX);
});
