import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemDisk } from '../../../../dock/store/disk.ts';
import { Sightings } from '../../../../dock/store/sightings.ts';
import { isCameraId } from '../../../../proto/ids.ts';
import { checked } from '../../proto/fixture.ts';

const camera = checked('cam-1', isCameraId);
const other = checked('cam-2', isCameraId);
const NOON_US = 1_795_348_800_000_000;

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-sightings-'));
  path = join(dir, 'sightings.json');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

// Goal: a restart remembers when each camera was here, and a damaged file costs no more than that.
describe('sightings', () => {
  test('survive a restart, each camera with its newest', async () => {
    const first = await Sightings.open(path);
    first.note(camera, NOON_US);
    first.note(other, NOON_US + 1);
    first.note(camera, NOON_US + 5);
    first.note(camera, NOON_US + 2);
    await first.close();
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
      'cam-1': '2026-11-22T12:00:00.000005Z',
      'cam-2': '2026-11-22T12:00:00.000001Z',
    });
    const again = await Sightings.open(path);
    expect([again.seenUs(camera), again.seenUs(other)]).toEqual([NOON_US + 5, NOON_US + 1]);
  });

  test.each(['', '{"cam-1":', '[]', '{"cam-1":5,"../x":"2026-11-22T12:00:00.000000Z"}'])(
    'a damaged file means nothing seen: %s',
    async (text) => {
      writeFileSync(path, text);
      const sightings = await Sightings.open(path);
      expect(sightings.seenUs(camera)).toBeUndefined();
      sightings.note(camera, NOON_US);
      await sightings.close();
      expect((await Sightings.open(path)).seenUs(camera)).toBe(NOON_US);
    },
  );

  test('are written once a second at the most, and at once when it ends', async () => {
    const waits: { readonly ms: number; readonly wake: () => void }[] = [];
    const clock = {
      after: (ms: number, wake: () => void) => {
        waits.push({ ms, wake });
        return () => undefined;
      },
    };
    const written = (): readonly string[] =>
      Object.keys(JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>);
    const sightings = await Sightings.open(path, { clock });
    sightings.note(camera, NOON_US);
    await expect.poll(() => waits.length).toBe(1);
    sightings.note(other, NOON_US);
    expect(written()).toEqual(['cam-1']);
    waits[0]?.wake();
    await expect.poll(() => waits.length).toBe(2);
    expect(written()).toEqual(['cam-1', 'cam-2']);
    sightings.note(camera, NOON_US + 7);
    await sightings.close();
    expect((await Sightings.open(path)).seenUs(camera)).toBe(NOON_US + 7);
    expect(waits.map(({ ms }) => ms)).toEqual([1_000, 1_000]);
  });

  test('a disk that takes nothing ends nothing, and is tried again', async () => {
    let isFull = true;
    const disk = {
      ...systemDisk,
      rename: async (from: string, to: string) =>
        isFull ? Promise.reject(new Error('ENOSPC')) : systemDisk.rename(from, to),
    };
    const sightings = await Sightings.open(path, { disk });
    sightings.note(camera, NOON_US);
    await sightings.close();
    expect(sightings.seenUs(camera)).toBe(NOON_US);
    isFull = false;
    sightings.note(other, NOON_US);
    await sightings.close();
    expect((await Sightings.open(path)).seenUs(camera)).toBe(NOON_US);
  });
});
