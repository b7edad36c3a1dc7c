import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { FileKeys } from '../../../dock/keys/file-keys.ts';
import { testPlacesOf } from '../../../dock/keys/test-data.ts';
import { TestRoom, type TestRoomParts, withoutTestCameras } from '../../../dock/test-room.ts';
import { type CameraId, isCameraId } from '../../../proto/ids.ts';
import { OpenLink } from './ingest/puppet.ts';
import { checked } from '../proto/fixture.ts';

const KEY = new Uint8Array(32);
const camera = (id: string): CameraId => checked(id, isCameraId);

// Goal: nobody is in both rooms, by whichever way they come. Method: a registry of test cameras on disk, keys that know everybody, and links that
// name their camera or do not.
it('whoever is enrolled for tests is nobody to the dock itself', () => {
  const data = mkdtempSync(join(tmpdir(), 'holdfast-test-room-'));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const { registry } = testPlacesOf(data);
  mkdirSync(registry, { recursive: true });
  writeFileSync(join(registry, 'test-0001.json'), '{}');
  const knowsAll = { camera: () => KEY } as unknown as FileKeys;
  const keys = withoutTestCameras(knowsAll, { data });
  expect(keys.camera(camera('test-0001'))).toBeUndefined();
  expect(keys.camera(camera('cam-1'))).toBe(KEY);
  // It came from outside and becomes a file name.
  expect(keys.camera('../enrolled/test-0001' as CameraId)).toBe(KEY);
  const room = new TestRoom({ config: { data } } as TestRoomParts);
  const link = new OpenLink('mqtt');
  expect(room.isFor(Object.assign(link, { cameraId: camera('test-0001') }))).toBe(true);
  expect(room.isFor(Object.assign(link, { cameraId: camera('cam-1') }))).toBe(false);
  expect(room.isFor(new OpenLink('serial'))).toBe(false);
});
