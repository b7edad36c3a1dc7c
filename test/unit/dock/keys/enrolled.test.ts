import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { enrolledCameras, enrolledReader } from '../../../../dock/keys/enrolled.ts';
import { isCameraId } from '../../../../proto/ids.ts';
import { formatIdentity } from '../../../../proto/identity.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { CAMERA_KEY, cameraId, checked, dockId, LEDGER_VKEY } from '../../proto/fixture.ts';

const NOON_S = 1_795_348_800;

let registry: string;
beforeEach(() => {
  registry = mkdtempSync(join(tmpdir(), 'holdfast-registry-'));
});
afterEach(() => rmSync(registry, { recursive: true, force: true }));

// Goal: the list of cameras that may be expected holds cameras only, and nothing in the folder can break it.
describe('enrolled cameras', () => {
  test('are those whose file is the identity of that camera', () => {
    const { publicKey } = CAMERA_KEY;
    const path = join(registry, 'cam-1.json');
    writeFileSync(path, formatIdentity({ kind: 'camera', id: cameraId, publicKey }));
    utimesSync(path, NOON_S, NOON_S);
    writeFileSync(join(registry, 'cam-9.json'), formatIdentity({ kind: 'camera', id: cameraId, publicKey }));
    writeFileSync(
      join(registry, 'dock-1.json'),
      formatIdentity({ kind: 'dock', id: dockId, publicKey, ledger: LEDGER_VKEY }),
    );
    writeFileSync(join(registry, 'broken.json'), '{');
    writeFileSync(join(registry, 'notes.txt'), 'hello');
    mkdirSync(join(registry, 'folder.json'));
    expect(enrolledCameras(registry)).toEqual([{ camera: 'cam-1', enrolledUs: NOON_S * 1_000_000 }]);
  });

  // Goal: a registry of thousands is not read again and again, and whoever was enrolled is expected soon. Method: cameras that come and go,
  // and one whose file is spoiled in its place.
  test('are read again when somebody came or went, and now and then in any case', () => {
    const clock = new ManualClock(NOON_S * 1_000_000);
    const cameras = enrolledReader(registry, clock);
    // What happens in the folder, by the clock of this test; a moment is half a minute.
    const changed = (change: () => void, agoS: number): void => {
      change();
      const atS = clock.wallUs() / 1_000_000 - agoS;
      utimesSync(registry, atS, atS);
    };
    const enrol = (id: string) => (): void => {
      const identity = {
        kind: 'camera',
        id: checked(id, isCameraId),
        publicKey: CAMERA_KEY.publicKey,
      } as const;
      writeFileSync(join(registry, `${id}.json`), formatIdentity(identity));
    };
    const remove = (id: string) => (): void => rmSync(join(registry, `${id}.json`));
    const named = (afterS: number): readonly string[] => {
      clock.advance(afterS * 1_000);
      return cameras().map(({ camera }) => camera);
    };
    changed(enrol('cam-1'), 100);
    expect(named(0)).toEqual(['cam-1']);
    changed(enrol('cam-2'), 5);
    expect(named(9)).toEqual(['cam-1']);
    expect(named(1)).toEqual(['cam-1', 'cam-2']);
    // The same time again, as when two changes share a moment.
    changed(remove('cam-1'), 15);
    expect(named(10)).toEqual(['cam-2']);
    expect(named(40)).toEqual(['cam-2']);
    writeFileSync(join(registry, 'cam-2.json'), '{');
    expect(named(10)).toEqual(['cam-2']);
    expect(named(600)).toEqual([]);
  });

  test('are none where there is no folder', () => {
    expect(enrolledCameras(join(registry, 'nowhere'))).toEqual([]);
  });
});
