import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { enrolledCameras } from '../../../../dock/keys/enrolled.ts';
import { formatIdentity } from '../../../../proto/identity.ts';
import { CAMERA_KEY, cameraId, dockId, LEDGER_VKEY } from '../../proto/fixture.ts';

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

  test('are none where there is no folder', () => {
    expect(enrolledCameras(join(registry, 'nowhere'))).toEqual([]);
  });
});
