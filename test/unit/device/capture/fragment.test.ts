import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny';
import { beforeAll, describe, expect, it } from 'vitest';
import { childrenOf } from '../../../../device/capture/box.ts';
import type { Gop } from '../../../../device/capture/footage/footage.ts';
import { encodeGop } from '../../../../device/capture/footage/gop.ts';
import { makeScene } from '../../../../device/capture/footage/picture.ts';
import { cutSegment, openMuxer } from '../../../../device/capture/fragment.ts';
import type { PlainChunk } from '../../../../device/ports.ts';
import { concat } from '../../../../proto/bytes.ts';
import { CHUNK_BYTES_MAX } from '../../../../proto/limits.ts';
import { SMALL } from '../camera-kit.ts';

const typesOf = (bytes: Uint8Array): readonly string[] =>
  childrenOf(bytes, 0, bytes.length).map(({ type }) => type);

describe('cutting a segment', () => {
  // Goal: chunks join to the segment, none is too large or empty, and only the last ends the fragment. Method: lengths
  // around the limit.
  it.each([1, CHUNK_BYTES_MAX - 1, CHUNK_BYTES_MAX, CHUNK_BYTES_MAX + 1, 2 * CHUNK_BYTES_MAX + 5])(
    '%i bytes',
    (length) => {
      const bytes = Uint8Array.from({ length }, (_, index) => index);
      const chunks = cutSegment({ bytes, mediaStartMs: 3000, mediaMs: 1000 });
      expect(Buffer.compare(concat(...chunks.map((chunk) => chunk.bytes)), bytes)).toBe(0);
      expect(chunks).toHaveLength(Math.ceil(length / CHUNK_BYTES_MAX));
      expect(chunks.map((chunk) => chunk.endOfFragment)).toEqual(
        chunks.map((_, index) => index === chunks.length - 1),
      );
      for (const chunk of chunks) expect(chunk).toMatchObject({ mediaStartMs: 3000, mediaMs: 1000 });
    },
  );
});

describe('one MP4 out of many groups of pictures', () => {
  const gops: Gop[] = [];
  beforeAll(async () => {
    const scene = makeScene(SMALL);
    for (const [index, frames] of [5, 2, 5, 1].entries()) {
      const shot = {
        firstFrame: index * 5,
        frames,
        startWallUs: index * 1e6,
        cameraId: 'cam-1',
        officerId: '1',
      };
      gops.push(await encodeGop(scene, shot));
    }
  });

  const mux = async (): Promise<readonly (readonly PlainChunk[])[]> => {
    const muxer = await openMuxer(SMALL);
    const given: (readonly PlainChunk[])[] = [];
    for (const gop of gops) given.push(await muxer.add(gop));
    given.push(await muxer.finish());
    return given;
  };

  // Goal: segments come out while the recording runs: the init segment with the first fragment, then one fragment a
  // group, however short, each timed without a gap. Method: groups of 5, 2, 5 and 1 frames at 5 a second.
  it('gives one fragment a group as soon as the next has come', async () => {
    const given = await mux();
    expect(given.map((chunks) => chunks.length)).toEqual([0, 2, 1, 1, 1]);
    const all = given.flat();
    expect(all.map(({ bytes }) => typesOf(bytes))).toEqual([
      ['ftyp', 'moov'],
      ...gops.map(() => ['moof', 'mdat']),
    ]);
    expect(all.map(({ mediaStartMs, mediaMs }) => [mediaStartMs, mediaMs])).toEqual([
      [0, 0],
      [0, 1000],
      [1000, 400],
      [1400, 1000],
      [2400, 200],
    ]);
  });

  // Goal: joined, they are an MP4 that a demuxer of its own mind reads: every frame once, in order, at its time.
  // Method: read it with mediabunny; also cut after each fragment, as a power cut would leave it.
  it('is a whole MP4 after every fragment', async () => {
    const chunks = (await mux()).flat().map(({ bytes }) => bytes);
    for (const [fragments, frames] of [
      [1, 5],
      [2, 7],
      [3, 12],
      [4, 13],
    ] as const) {
      const source = new BufferSource(concat(...chunks.slice(0, fragments + 1)));
      const input = new Input({ formats: ALL_FORMATS, source });
      const track = await input.getPrimaryVideoTrack();
      expect(await track?.getCodec()).toBe('avc');
      expect(await input.getMimeType()).toBe(`video/mp4; codecs="${gops[0]?.codec}"`);
      expect([await track?.getCodedWidth(), await track?.getCodedHeight()]).toEqual([
        SMALL.width,
        SMALL.height,
      ]);
      const times: number[] = [];
      const keys: number[] = [];
      if (!track) throw new TypeError('no track');
      for await (const packet of new EncodedPacketSink(track).packets()) {
        if (packet.type === 'key') keys.push(times.length);
        times.push(Math.round(packet.timestamp * 1000));
      }
      expect(times).toEqual(Array.from({ length: frames }, (_, index) => index * 200));
      expect(keys).toEqual([0, 5, 7, 12].slice(0, fragments));
      expect(await input.computeDuration()).toBeCloseTo(frames / 5, 3);
    }
  });

  // Goal: two recordings made of the same pictures are the same bytes but for the time of making. Method: the moofs.
  it('needs nothing but the pictures', async () => {
    const [one, two] = [(await mux()).flat(), (await mux()).flat()];
    expect(one.slice(1)).toEqual(two.slice(1));
  });
});
