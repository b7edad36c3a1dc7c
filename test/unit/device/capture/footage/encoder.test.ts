import { describe, expect, it } from 'vitest';
import { openEncoder } from '../../../../../device/capture/footage/encoder.ts';
import { encodeGop } from '../../../../../device/capture/footage/gop.ts';
import { makeScene } from '../../../../../device/capture/footage/picture.ts';
import { SMALL } from '../../camera-kit.ts';

const shot = (firstFrame: number, frames: number) => ({
  firstFrame,
  frames,
  startWallUs: 0,
  cameraId: 'cam-1',
  officerId: '4411',
});

/** NAL unit types of one frame: 5 is a picture that needs no other (ITU-T H.264, table 7-1). */
function nalTypes(frame: Uint8Array): readonly number[] {
  const types: number[] = [];
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  for (let at = 0; at + 4 < frame.length; at += 4 + view.getUint32(at))
    types.push((frame[at + 4] ?? 0) & 0x1f);
  return types;
}

describe('the encoder', () => {
  // Goal: groups of any length are H.264 that starts with its only key frame, under one set of decoder settings.
  // Method: look at the NAL units of groups of 5, 1 and 3 frames.
  it('makes groups of pictures that fit one init segment', async () => {
    const encoder = await openEncoder(SMALL);
    expect(encoder.codec).toMatch(/^avc1\.4200[0-9a-f]{2}$/);
    const descriptions: string[] = [];
    for (const [first, frames] of [
      [0, 5],
      [5, 1],
      [6, 3],
    ] as const) {
      const gop = await encoder.encode(shot(first, frames));
      descriptions.push(Buffer.from(gop.description).toString('hex'));
      expect([gop.codec, gop.frameSizes.length]).toEqual([encoder.codec, frames]);
      expect(gop.frameSizes.reduce((sum, size) => sum + size, 0)).toBe(gop.bytes.length);
      let offset = 0;
      for (const [index, size] of gop.frameSizes.entries()) {
        expect(nalTypes(gop.bytes.subarray(offset, offset + size))).toEqual([index === 0 ? 5 : 1]);
        offset += size;
      }
    }
    expect(new Set(descriptions).size).toBe(1);
    await encoder.close();
  });

  // Goal: the same shot gives the same bytes, so that a run can be made again. Method: twice.
  it('depends on nothing but the shot', async () => {
    const [one, two] = [
      await encodeGop(makeScene(SMALL), shot(10, 5)),
      await encodeGop(makeScene(SMALL), shot(10, 5)),
    ];
    expect(Buffer.compare(one.bytes, two.bytes)).toBe(0);
  });

  // Goal: a shot that cannot be made is an error, never an empty group. Method: ask for no frames.
  it('says so when it fails', async () => {
    await expect(encodeGop(makeScene(SMALL), shot(0, 0))).rejects.toMatchObject({ code: 'ENCODER_FAILED' });
  });
});
