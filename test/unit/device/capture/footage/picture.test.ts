import { describe, expect, it } from 'vitest';
import { CELL_WIDTH, glyph } from '../../../../../device/capture/footage/font.ts';
import { FOOTAGE_DEFAULT, type Shot } from '../../../../../device/capture/footage/footage.ts';
import { captions, drawFrame, makeScene } from '../../../../../device/capture/footage/picture.ts';

const SHOT: Shot = {
  firstFrame: 120,
  frames: 10,
  // 2026-11-21T08:03:04.900Z
  startWallUs: 1_795_248_184_900_000,
  cameraId: 'cam-1',
  officerId: '4411',
};

/** Reads a line of burned-in text back from the luma of a frame, by comparing each cell with every character. */
function readLine(
  frame: Uint8Array,
  place: { readonly y: number; readonly scale: number; readonly width: number },
): string {
  const { y, scale, width } = place;
  const middle = scale >> 1;
  let text = '';
  for (let x = 3 * scale; x + CELL_WIDTH * scale < width; x += CELL_WIDTH * scale) {
    const rows = Array.from({ length: 7 }, (_, row) =>
      [0, 1, 2, 3, 4].reduce((bits, column) => {
        const luma = frame[(y + row * scale + middle) * width + x + column * scale + middle] ?? 0;
        return bits | (luma > 128 ? 0x10 >> column : 0);
      }, 0),
    );
    const found = ' -.:_@/+?0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'
      .split('')
      .find((one) => glyph(one).every((bits, row) => bits === rows[row]));
    text += found ?? '#';
  }
  return text.trimEnd();
}

describe('the picture', () => {
  const { width, height, fps } = FOOTAGE_DEFAULT;
  const scene = makeScene(FOOTAGE_DEFAULT);

  // Goal: camera, officer, clock and frame number can be read off the picture. Method: read the pixels back, cell by
  // cell, of two frames.
  it('says who recorded what and when', () => {
    for (const index of [0, 3]) {
      const frame = drawFrame(scene, SHOT, index);
      expect(readLine(frame, { y: 3, scale: 3, width })).toBe('CAM-1 OFFICER 4411');
      const bottom = readLine(frame, { y: height - 27, scale: 3, width });
      expect(bottom).toBe(
        ['2026-11-21 08:03:04.900Z F000120', '2026-11-21 08:03:05.200Z F000123'][index / 3],
      );
      expect(captions(SHOT, index, fps)[1]).toBe(bottom);
    }
  });

  // Goal: it moves: a player that shows frames shows change. Method: compare two frames away from the text.
  it('changes from frame to frame', () => {
    const [one, two] = [drawFrame(scene, SHOT, 0), drawFrame(scene, SHOT, 1)];
    const middle = (frame: Uint8Array): Uint8Array => frame.subarray(width * 40, width * (height - 40));
    const changed = middle(one).filter((luma, at) => luma !== middle(two)[at]).length;
    expect(changed).toBeGreaterThan(middle(one).length / 2);
  });

  // Goal: the same shot is the same picture, so a run can be made again. Method: two scenes.
  it('depends on nothing but its settings', () => {
    expect(Buffer.compare(drawFrame(makeScene(FOOTAGE_DEFAULT), SHOT, 4), drawFrame(scene, SHOT, 4))).toBe(0);
  });

  // Goal: any names that identities allow leave the picture whole. Method: the longest ones on the smallest picture.
  it('cuts a text that is too long', () => {
    const small = { ...FOOTAGE_DEFAULT, width: 160, height: 120 };
    const shot = { ...SHOT, cameraId: 'c'.repeat(32), officerId: 'W@_.-'.repeat(12) };
    const frame = drawFrame(makeScene(small), shot, 0);
    expect(frame).toHaveLength((160 * 120 * 3) / 2);
    expect(readLine(frame, { y: 1, scale: 1, width: 160 })).toBe('C'.repeat(26));
  });

  it('draws a block for a character it does not know', () => {
    expect([...glyph('ß')]).toEqual(Array.from({ length: 7 }, () => 0x1f));
    expect(glyph('a')).toEqual(glyph('A'));
  });
});
