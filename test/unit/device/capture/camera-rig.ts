import { createHash } from 'node:crypto';
import { expect, vi } from 'vitest';
import { type Camera, type CameraOptions, createCamera } from '../../../../device/capture/camera.ts';
import type { Film } from '../../../../device/capture/recovery.ts';
import { type FileFlash, openFlash } from '../../../../device/flash/file-flash.ts';
import { type Manifest, openManifest } from '../../../../proto/manifest.ts';
import { checker } from '../../../../device/keys/checker.ts';
import { FaultDisk } from '../../../../sim/fault/disk.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { BOOT_ID, SMALL, type TestKeys, testKeys } from '../camera-kit.ts';

/** A camera on a disk in memory, with a clock that a test moves. */
export interface Rig {
  readonly camera: Camera;
  readonly flash: FileFlash;
  readonly clock: ManualClock;
  readonly disk: FaultDisk;
  readonly keys: TestKeys;
}

export async function rig(
  options: Partial<CameraOptions> = {},
  world: { readonly disk?: FaultDisk; readonly keys?: TestKeys; readonly capacityBytes?: number } = {},
): Promise<Rig> {
  const { disk = new FaultDisk({ seed: 'camera' }), keys = testKeys(), ...room } = world;
  const flash = await openFlash('/camera', { disk: disk.mount(), reserveBytes: 60_000, ...room });
  const clock = new ManualClock();
  const camera = createCamera({
    flash,
    clock,
    keys,
    bootId: BOOT_ID,
    officerId: '4411',
    incidentTag: '24-118842',
    ticket: () => undefined,
    preEventMs: 0,
    footage: SMALL,
    ...options,
  });
  return { camera, flash, clock, disk, keys };
}

/** What the flash holds of a film: its manifest, checked with the camera's key, and its bytes. */
export async function developed(
  { flash, keys }: Pick<Rig, 'flash' | 'keys'>,
  film: Film | undefined,
): Promise<{ readonly manifest: Manifest; readonly bytes: Uint8Array<ArrayBuffer> }> {
  const waiting = await flash.waiting();
  const closed = waiting.find(({ recordingId }) => recordingId === film?.recordingId);
  if (!film || !closed) throw new TypeError('the flash does not hold this film');
  const manifest = openManifest(closed.signedManifest, keys.publicKey, checker);
  const bytes = Uint8Array.from(await flash.read(film.recordingId, 0, closed.contentBytes));
  expect(film).toMatchObject({
    bytes: bytes.length,
    chunks: manifest.chunks.length,
    counter: manifest.counter,
  });
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(
    Buffer.from(film.plainSha256 ?? []).toString('hex'),
  );
  return { manifest, bytes };
}

/** Lets the camera look for that many seconds, one at a time, as it would if nobody pressed anything. */
export async function look(clock: ManualClock, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    clock.advance(1000);
    await vi.waitFor(() => expect(clock.pending).toBe(1), { interval: 2 });
  }
}
