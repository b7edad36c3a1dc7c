import { open } from 'node:fs/promises';
import { openEncoder } from '../../device/capture/footage/encoder.ts';
import { FOOTAGE_DEFAULT, type Gop } from '../../device/capture/footage/footage.ts';
import { openMuxer } from '../../device/capture/fragment.ts';

/** Different seconds in the film; it shows them again and again, since encoding an hour takes minutes. */
const SCENES = 30;

/** A fragmented MP4 as a camera with its usual picture would have filmed it. */
export interface LongFilm {
  readonly bytes: number;
  readonly seconds: number;
}

/** Writes a film of at least so many bytes, one fragment a second. */
export async function writeLongFilm(path: string, bytesMin: number): Promise<LongFilm> {
  const gops = await scenes();
  const muxer = await openMuxer(FOOTAGE_DEFAULT);
  const file = await open(path, 'w');
  try {
    let bytes = 0;
    let seconds = 0;
    const write = async (chunks: readonly { readonly bytes: Uint8Array }[]): Promise<void> => {
      for (const chunk of chunks) {
        await file.write(chunk.bytes);
        bytes += chunk.bytes.length;
      }
    };
    while (bytes < bytesMin) {
      const gop = gops[seconds % SCENES];
      if (gop === undefined) throw new RangeError('no scene');
      await write(await muxer.add(gop));
      seconds += 1;
    }
    await write(await muxer.finish());
    return { bytes, seconds };
  } finally {
    await file.close();
  }
}

async function scenes(): Promise<readonly Gop[]> {
  const encoder = await openEncoder(FOOTAGE_DEFAULT);
  const gops: Gop[] = [];
  for (let second = 0; second < SCENES; second += 1) {
    gops.push(
      await encoder.encode({
        firstFrame: second * FOOTAGE_DEFAULT.fps,
        frames: FOOTAGE_DEFAULT.fps,
        startWallUs: 1_800_000_000_000_000 + second * 1_000_000,
        cameraId: 'film',
        officerId: '',
      }),
    );
  }
  await encoder.close();
  return gops;
}
