import { describe, expect, it } from 'vitest';
import { FilmInHand } from '../../../../device/capture/film.ts';
import { recover } from '../../../../device/capture/recovery.ts';
import { openFlash } from '../../../../device/flash/file-flash.ts';
import { checker } from '../../../../device/keys/checker.ts';
import type { Sensors } from '../../../../device/ports.ts';
import { type Manifest, type Moment, openManifest } from '../../../../proto/manifest.ts';
import { FaultDisk } from '../../../../sim/fault/disk.ts';
import { chunkOf, headerOf, testKeys } from '../camera-kit.ts';

const at = (second: number): Moment => ({ wallUs: 50_000_000 + second * 1e6, monoUs: 5_000 + second * 1e6 });

describe('a film in hand', () => {
  // Goal: what the sensors say is signed beside the pictures, and a power cut takes none of it that was there before the last
  // whole fragment. Method: twelve seconds, a battery that falls and a place that moves; once closed, once cut off.
  it.each(['closed', 'cut off'] as const)('carries what its sensors say, and is %s', async (how) => {
    const keys = testKeys();
    const disk = new FaultDisk({ seed: how });
    const flash = await openFlash('/camera', { disk: disk.mount(), reserveBytes: 10 });
    const film = await FilmInHand.open(flash, headerOf(1, { triggered: at(0), cause: 'fall' }), keys);
    let second = 0;
    const sensors: Sensors = {
      batteryPercent: () => 40 - Math.floor(second / 4),
      position: () => ({ latitudeE7: second, longitudeE7: -second, accuracyDm: 30 }),
    };
    await film.carry(sensors);
    for (; second < 12; second++) {
      const { bytes, info } = chunkOf(second, 50);
      await film.store({ ...info, bytes }, at(second));
    }
    await flash.mark(headerOf(1).recordingId, { at: at(3), kind: 'mute' });
    let manifest: Manifest;
    if (how === 'closed') {
      const marks = [{ at: at(3), kind: 'mute' }];
      await film.close({ ended: at(12), stopReason: 'button', marks }, keys);
      const [closed] = await flash.waiting();
      manifest = openManifest(closed?.signedManifest ?? new Uint8Array(), keys.publicKey, checker);
    } else {
      disk.cutPower();
      const again = await openFlash('/camera', { disk: disk.mount(), reserveBytes: 10 });
      await recover(again, keys);
      const [closed] = await again.waiting();
      manifest = openManifest(closed?.signedManifest ?? new Uint8Array(), keys.publicKey, checker);
    }
    const ended = how === 'closed' ? at(12) : at(11);
    expect(manifest).toMatchObject({
      cause: 'fall',
      critical: true,
      marks: [],
      mutes: [{ from: at(3), to: ended }],
      battery: { startPercent: 40, endPercent: how === 'closed' ? 37 : 38 },
    });
    expect(manifest.track?.map((point) => [point.at, point.latitudeE7])).toEqual([
      [at(0), 0],
      [at(5), 5],
      [at(10), 10],
    ]);
  });
});
