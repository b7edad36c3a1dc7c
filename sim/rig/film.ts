import { writeFile } from 'node:fs/promises';
import { openEncoder } from '../../device/capture/footage/encoder.ts';
import { FOOTAGE_DEFAULT } from '../../device/capture/footage/footage.ts';
import { openMuxer } from '../../device/capture/fragment.ts';
import { concat } from '../../proto/bytes.ts';

/**
 * Writes a real fragmented MP4 for `holdfast device --media`, faster than a camera would have filmed it. A finer
 * `quantizer` and more `grain` make it larger: 10 and 40 give about a megabyte a second. Each second is one fragment, however few
 * frames it has.
 */
export async function writeFilm(
  path: string,
  film: {
    readonly seconds: number;
    readonly fps?: number;
    readonly quantizer?: number;
    readonly grain?: number;
  },
): Promise<void> {
  const { seconds, ...wanted } = film;
  const footage = { ...FOOTAGE_DEFAULT, ...wanted };
  const encoder = await openEncoder(footage);
  const muxer = await openMuxer(footage);
  const parts: Uint8Array[] = [];
  for (let second = 0; second < seconds; second += 1) {
    const firstFrame = second * footage.fps;
    const gop = await encoder.encode({
      firstFrame,
      frames: footage.fps,
      startWallUs: 1_800_000_000_000_000 + second * 1_000_000,
      cameraId: 'film',
      officerId: '',
    });
    parts.push(...(await muxer.add(gop)).map((chunk) => chunk.bytes));
  }
  parts.push(...(await muxer.finish()).map((chunk) => chunk.bytes));
  await encoder.close();
  await writeFile(path, concat(...parts));
}
