import { expect, it } from 'vitest';
import { isSoundCopy } from '../../../../device/vault/sound.ts';
import type { CameraId } from '../../../../proto/ids.ts';
import { peekManifest, signManifest } from '../../../../proto/manifest.ts';
import { makeRecording } from '../../../../sim/world/town.ts';
import { sha256, testKeys } from '../camera-kit.ts';

const keys = { ...testKeys(), cameraId: 'cam-1' as CameraId };
const signer = { publicKey: new Uint8Array(32), sign: (message: Uint8Array) => keys.sign(message) };
const { recording, content } = makeRecording(1, [500, 300], { signer });
const vaultOf = (bytes: Uint8Array) => ({
  read: (_id: string, start: number, end: number) => Promise.resolve(bytes.subarray(start, end)),
});
const flipped = content.map((byte, index) => (index === 799 ? byte ^ 1 : byte));
const judge = (signedManifest: Uint8Array, bytes = content) =>
  isSoundCopy({ ...recording, signedManifest }, vaultOf(bytes), { keys, sha256 });
const change = (fields: object): Uint8Array =>
  signManifest({ ...peekManifest(recording.signedManifest), ...fields }, (message) => keys.sign(message));

// Goal: footage that a dock could not accept is freed only when it is bad in the camera too. Method: a sound copy, then
// one thing wrong at a time: content, signature, whose it is, its root, its name.
it('believes a copy only when every byte is what this camera signed', async () => {
  expect(await judge(recording.signedManifest)).toBe(true);
  expect(await judge(recording.signedManifest, flipped)).toBe(false);
  const unsigned = recording.signedManifest.map((byte, index, { length }) =>
    index === length - 1 ? byte ^ 1 : byte,
  );
  expect(await judge(unsigned)).toBe(false);
  expect(await judge(Uint8Array.of(1, 2, 3))).toBe(false);
  expect(await judge(change({ cameraId: 'cam-2' }))).toBe(false);
  expect(await judge(change({ root: new Uint8Array(32) }))).toBe(false);
  expect(await judge(change({ recordingId: 'ff'.repeat(16) }))).toBe(false);
});
