import { EncodedPacket, EncodedVideoPacketSource, Mp4OutputFormat, NullTarget, Output } from 'mediabunny';
import { CHUNK_BYTES_MAX } from '../../proto/limits.ts';
import type { PlainChunk } from '../ports.ts';
import type { Footage, Gop } from './footage/footage.ts';

/**
 * One piece of a recording that a player can take in one go: first the init segment (`ftyp`, `moov`), then
 * fragments (`moof`, `mdat`; ISO 14496-12). Joined in order they are the MP4 file, byte for byte.
 */
export interface Segment {
  readonly bytes: Uint8Array;
  readonly mediaStartMs: number;
  /** 0 for the init segment. */
  readonly mediaMs: number;
}

/** Makes one MP4 out of groups of pictures, and gives out its chunks as its segments become whole. */
export interface Muxer {
  /** Adds the next group. It becomes one fragment, given out when the group after it has come. */
  add(gop: Gop): Promise<readonly PlainChunk[]>;
  /** Gives the rest. The MP4's own index at the end (`mfra`) is left out, as it belongs to no fragment. */
  finish(): Promise<readonly PlainChunk[]>;
}

/** A segment whose length in time is not known yet; the init segment has no start. */
export interface Piece {
  readonly bytes: Uint8Array;
  readonly startMs: number | undefined;
}

/** An output that writes nowhere: what becomes whole is collected and taken from here. */
export interface FragmentedOutput {
  readonly output: Output;
  take(): readonly Piece[];
}

/** Cuts a segment into chunks of at most 256 KiB; no chunk spans two segments, and the last one says that it is. */
export function cutSegment(segment: Segment): readonly PlainChunk[] {
  const chunks: PlainChunk[] = [];
  for (let start = 0; start < segment.bytes.length; start += CHUNK_BYTES_MAX) {
    const end = Math.min(start + CHUNK_BYTES_MAX, segment.bytes.length);
    chunks.push({
      bytes: segment.bytes.subarray(start, end),
      mediaStartMs: segment.mediaStartMs,
      mediaMs: segment.mediaMs,
      endOfFragment: end === segment.bytes.length,
    });
  }
  return chunks;
}

/** A muxer for what one encoder makes: media time starts at 0, and goes on frame after frame without a gap. */
export async function openMuxer(footage: Footage): Promise<Muxer> {
  // Every group starts with the only key frame in it, so this makes one fragment of each, however short.
  const fragmented = openFragmentedOutput(0);
  const source = new EncodedVideoPacketSource('avc');
  fragmented.output.addVideoTrack(source);
  await fragmented.output.start();
  const millis = (frames: number): number => Math.round((frames * 1000) / footage.fps);
  const ends: number[] = [];
  let frames = 0;
  const chunks = (): readonly PlainChunk[] =>
    fragmented.take().flatMap(({ bytes, startMs }) => {
      const endMs = startMs === undefined ? 0 : ends.shift();
      const mediaStartMs = startMs ?? 0;
      return cutSegment({ bytes, mediaStartMs, mediaMs: (endMs ?? mediaStartMs) - mediaStartMs });
    });
  return {
    add: async (gop) => {
      for (const packet of packetsOf(gop, frames, footage.fps))
        await source.add(packet, metaOf(gop, footage));
      frames += gop.frameSizes.length;
      ends.push(millis(frames));
      return chunks();
    },
    finish: async () => {
      await fragmented.output.finalize();
      return chunks();
    },
  };
}

/** Starts a fragment at each key frame that comes at least `fragmentSeconds` after the start of the one before. */
export function openFragmentedOutput(fragmentSeconds: number): FragmentedOutput {
  const whole: Piece[] = [];
  let boxes: Uint8Array[] = [];
  let startMs: number | undefined;
  const flush = (): void => {
    whole.push({ bytes: Uint8Array.from(Buffer.concat(boxes)), startMs });
    boxes = [];
  };
  const format = new Mp4OutputFormat({
    fastStart: 'fragmented',
    minimumFragmentDuration: fragmentSeconds,
    onFtyp: (bytes) => boxes.push(bytes.slice()),
    onMoov: (bytes) => {
      boxes.push(bytes.slice());
      flush();
    },
    onMoof: (bytes, _position, startSeconds) => {
      startMs = Math.round(startSeconds * 1000);
      boxes.push(bytes.slice());
    },
    onMdat: (bytes) => {
      boxes.push(bytes.slice());
      flush();
    },
  });
  return { output: new Output({ format, target: new NullTarget() }), take: () => whole.splice(0) };
}

function packetsOf(gop: Gop, firstFrame: number, fps: number): readonly EncodedPacket[] {
  let offset = 0;
  return gop.frameSizes.map((size, index) => {
    const data = gop.bytes.subarray(offset, offset + size);
    offset += size;
    return new EncodedPacket(data, index === 0 ? 'key' : 'delta', (firstFrame + index) / fps, 1 / fps);
  });
}

function metaOf(gop: Gop, footage: Footage): EncodedVideoChunkMetadata {
  return {
    decoderConfig: {
      codec: gop.codec,
      codedWidth: footage.width,
      codedHeight: footage.height,
      description: gop.description,
    },
  };
}
