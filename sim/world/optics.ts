import type { Muxer } from '../../device/capture/fragment.ts';
import type { Optics } from '../../device/capture/optics.ts';
import type { Gop } from '../../device/capture/footage/footage.ts';
import type { PlainChunk } from '../../device/ports.ts';
import type { Chance } from '../fault/chance.ts';

/** How much footage a camera of a world makes. */
export interface FootageSize {
  /** How long a group of pictures lasts: a whole number of seconds, in milliseconds. */
  readonly gopMs: number;
  /** Most bytes of one group of pictures; each has from half to all of it. */
  readonly gopBytesMax: number;
  /** Most bytes of a chunk. */
  readonly chunkBytesMax: number;
}

const INIT_BYTES = 40;

/**
 * A lens that sees bytes of chance, and a muxer that makes chunks of them in the order and with the delay of the real one: first
 * an init segment, then a fragment for each group of pictures once the next one has come. `tell` hears of every plain chunk.
 */
export function chanceOptics(
  size: FootageSize,
  chance: Chance,
  tell: (muxer: number) => (chunk: PlainChunk) => void,
): Optics {
  const pictures = chance.split('pictures');
  let muxers = 0;
  return {
    gopMs: size.gopMs,
    openEncoder: (footage) =>
      Promise.resolve({
        footage,
        codec: 'avc1.420016',
        encode: ({ frames }) => Promise.resolve(makeGop(frames, size, pictures)),
        close: () => Promise.resolve(),
      }),
    openMuxer: ({ fps }) => {
      muxers += 1;
      return Promise.resolve(makeMuxer(size, { fps, init: pictures.bytes(INIT_BYTES), tell: tell(muxers) }));
    },
  };
}

function makeGop(frames: number, { gopBytesMax }: FootageSize, chance: Chance): Gop {
  const bytes = chance.bytes(Math.max(1, gopBytesMax - chance.below(Math.ceil(gopBytesMax / 2))));
  const frameSizes = Array.from<number>({ length: frames }).fill(1);
  frameSizes[0] = bytes.length - frames + 1;
  return { codec: 'avc1.420016', description: new Uint8Array(), bytes, frameSizes };
}

function makeMuxer(
  { chunkBytesMax }: FootageSize,
  {
    fps,
    init,
    tell,
  }: { readonly fps: number; readonly init: Uint8Array; readonly tell: (chunk: PlainChunk) => void },
): Muxer {
  let frames = 0;
  let held: PlainChunk | undefined;
  const give = (whole: PlainChunk | undefined): readonly PlainChunk[] => {
    const chunks = whole === undefined ? [] : cut(whole, chunkBytesMax);
    for (const chunk of chunks) tell(chunk);
    return chunks;
  };
  return {
    add: ({ bytes, frameSizes }) => {
      const before = held ?? { bytes: init, mediaStartMs: 0, mediaMs: 0, endOfFragment: true };
      const mediaStartMs = Math.round((frames * 1_000) / fps);
      frames += frameSizes.length;
      const mediaMs = Math.round((frames * 1_000) / fps) - mediaStartMs;
      held = { bytes, mediaStartMs, mediaMs, endOfFragment: true };
      return Promise.resolve(give(before));
    },
    finish: () => {
      const last = held;
      held = undefined;
      return Promise.resolve(give(last));
    },
  };
}

function cut({ bytes, ...fragment }: PlainChunk, chunkBytesMax: number): readonly PlainChunk[] {
  const count = Math.ceil(bytes.length / chunkBytesMax);
  return Array.from({ length: count }, (_, index) => ({
    ...fragment,
    bytes: bytes.subarray(index * chunkBytesMax, (index + 1) * chunkBytesMax),
    endOfFragment: index === count - 1,
  }));
}
