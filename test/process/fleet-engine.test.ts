import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openKeys } from '../../device/keys/file-keys.ts';
import { type LoadRecording, makeFilm } from '../../sim/fleet/engine/film.ts';
import { makeFleet, monotonicUs } from '../../sim/fleet/engine/fleet.ts';
import { closedLoop, Reel } from '../../sim/fleet/engine/itinerary.ts';
import type { ChunkTimes, Meter } from '../../sim/fleet/result.ts';
import type { Program } from '../../sim/rig/program.ts';
import { Site } from '../../sim/rig/site.ts';

const CAMERAS = 4;
const CHUNK_BYTES = 64 * 1_024;
const RECORDINGS_EACH = 2;
const CHUNKS_EACH = 9;

const folder = mkdtempSync(join(tmpdir(), 'holdfast-fleet-'));
const programs: Program[] = [];
afterEach(async () => {
  for (const program of programs.reverse()) await program.stop();
  rmSync(folder, { recursive: true, force: true });
});

// What the meter was told is durable is in the dock's folder, byte for byte, and nothing is counted twice or forgotten.
test('a fleet uploads to a real dock, and what it counts is what the dock holds', async () => {
  const cameras = Array.from({ length: CAMERAS }, (_, index) => `load-${index}`);
  const people = [{ id: '4411', name: 'Officer Reyes', roles: ['officer'] }];
  const at = { dir: folder, dockId: 'dock-1', site: 'yard', password: 'correct horse battery' };
  const site = await Site.prepare({ ...at, cameras, people, unsealed: true });
  const started = (program: Program): void => void programs.push(program);
  const policy = await site.startPolicy({ regime: 'doj', started });
  const dock = await site.startDock({ mqtt: 'embedded:0', policyUrl: policy.url, started });
  const meter = new Count();
  const film = makeFilm(13, CHUNK_BYTES);
  const made: LoadRecording[] = [];
  const fleet = makeFleet({
    ...{ url: dock.mqtt ?? '', site: 'yard', firstCamera: 0, window: 8, meter },
    keys: cameras.map((camera) => openKeys(site.keysDir(camera))),
    itinerary: (camera, keys) =>
      closedLoop(new Reel({ film, keys, camera, made: (recording) => made.push(recording) }), {
        ...{ startUs: monotonicUs(), chunksEach: CHUNKS_EACH, recordings: RECORDINGS_EACH },
      }),
  });
  await fleet.run();
  fleet.close();
  expect(meter.codes).toEqual([]);
  expect(meter.recordings).toBe(CAMERAS * RECORDINGS_EACH);
  expect(meter.chunks).toHaveLength(CAMERAS * RECORDINGS_EACH * CHUNKS_EACH);
  for (const { intendedUs, sentUs, durableUs, bytes } of meter.chunks) {
    expect(bytes).toBe(CHUNK_BYTES);
    expect(sentUs).toBeGreaterThanOrEqual(intendedUs);
    expect(durableUs).toBeGreaterThan(sentUs);
  }
  expect(made).toHaveLength(CAMERAS * RECORDINGS_EACH);
  for (const { recordingId, chunks } of made) {
    const stored = readFileSync(join(folder, 'dock/recordings', recordingId, 'chunks'));
    expect(digest(stored)).toBe(digest(Buffer.concat(chunks.map(({ bytes }) => bytes))));
  }
});

class Count implements Meter {
  readonly chunks: ChunkTimes[] = [];
  readonly codes: string[] = [];
  recordings = 0;

  chunk(_camera: number, times: ChunkTimes): void {
    this.chunks.push(times);
  }
  recording(): void {
    this.recordings += 1;
  }
  unfinished(): void {
    this.codes.push('UNFINISHED');
  }
  // A dock that is busy for longer than a camera waits is asked by what was sent last; nothing is wrong then.
  retransmit(): void {}
  failed(_camera: number, code: string): void {
    this.codes.push(code);
  }
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
