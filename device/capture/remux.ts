import {
  EncodedAudioPacketSource,
  type EncodedPacket,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  type Input,
  type InputAudioTrack,
  type InputTrack,
  type InputVideoTrack,
  Mp4OutputFormat,
  type Output,
} from 'mediabunny';
import type { PlainChunk } from '../ports.ts';
import { CaptureError } from './error.ts';
import { cutSegment, openFragmentedOutput, type Piece, type Segment } from './fragment.ts';

/** What of a film is recorded: its main H.264 video, and its main sound when an MP4 can hold it. */
export interface Tracks {
  readonly video: InputVideoTrack;
  readonly audio: InputAudioTrack | undefined;
  readonly mediaType: string;
  readonly endMs: number;
}

// As long as a camera's own fragments, where the film has key frames that often.
const FRAGMENT_SECONDS = 1;

/** Throws CaptureError MEDIA_UNSUITABLE when there is no video or it is not H.264. */
export async function chooseTracks(input: Input, path: string): Promise<Tracks> {
  const video = await input.getPrimaryVideoTrack();
  if (!video) throw unsuitable(path, 'it has no video');
  const codec = await video.getCodec();
  if (codec !== 'avc') throw unsuitable(path, `its video is ${codec ?? 'of an unknown kind'}, not H.264`);
  const audio = await chooseAudio(input);
  const kept = audio ? [video, audio] : [video];
  const codecs = await Promise.all(kept.map((track) => track.getCodecParameterString()));
  return {
    video,
    audio,
    mediaType: `video/mp4; codecs="${codecs.filter((name) => name !== null).join(', ')}"`,
    endMs: Math.round((await input.computeDuration(kept)) * 1000),
  };
}

/**
 * The same frames and sound in one-second fragments, each starting with a key frame. What an edit list hides (as a
 * rule one frame of sound before the first) is frames too, and is kept.
 */
export async function* remux(tracks: Tracks): AsyncGenerator<PlainChunk> {
  let held: Piece | undefined;
  for await (const piece of piecesOf(tracks)) {
    if (held) yield* cutSegment(timed(held, piece.startMs));
    held = piece;
  }
  if (held) yield* cutSegment(timed(held, tracks.endMs));
}

async function* piecesOf(tracks: Tracks): AsyncGenerator<Piece> {
  const fragmented = openFragmentedOutput(FRAGMENT_SECONDS);
  const lanes = await openLanes(tracks, fragmented.output);
  await fragmented.output.start();
  for await (const { lane, packet } of interleave(lanes)) {
    await lane.add(packet);
    yield* fragmented.take();
  }
  await fragmented.output.finalize();
  yield* fragmented.take();
}

async function openLanes(tracks: Tracks, output: Output): Promise<readonly Lane[]> {
  const source = new EncodedVideoPacketSource('avc');
  output.addVideoTrack(source, { rotation: await tracks.video.getRotation() });
  const decoderConfig = await tracks.video.getDecoderConfig();
  if (!decoderConfig) throw new TypeError('its video cannot be described');
  const video = laneOf(tracks.video, (packet) => source.add(packet, { decoderConfig }));
  return tracks.audio ? [video, await audioLane(tracks.audio, output)] : [video];
}

async function chooseAudio(input: Input): Promise<InputAudioTrack | undefined> {
  const audio = await input.getPrimaryAudioTrack();
  const codec = await audio?.getCodec();
  const carried: readonly string[] = new Mp4OutputFormat().getSupportedAudioCodecs();
  return audio && codec && carried.includes(codec) ? audio : undefined;
}

interface Lane {
  readonly packets: AsyncIterator<EncodedPacket>;
  readonly add: (packet: EncodedPacket) => Promise<void>;
}

function laneOf(track: InputTrack, add: Lane['add']): Lane {
  return { packets: new EncodedPacketSink(track).packets(), add };
}

async function audioLane(track: InputAudioTrack, output: Output): Promise<Lane> {
  const codec = await track.getCodec();
  const decoderConfig = await track.getDecoderConfig();
  if (!codec || !decoderConfig) throw new TypeError('its sound cannot be described');
  const source = new EncodedAudioPacketSource(codec);
  output.addAudioTrack(source);
  return laneOf(track, (packet) => source.add(packet, { decoderConfig }));
}

/** The packets of all lanes in the order of their times, so that neither runs ahead and fills the memory. */
async function* interleave(
  lanes: readonly Lane[],
): AsyncGenerator<{ readonly lane: Lane; readonly packet: EncodedPacket }> {
  const heads = await Promise.all(lanes.map(async (lane) => ({ lane, head: await lane.packets.next() })));
  for (;;) {
    const [next] = heads
      .filter(({ head }) => head.done !== true)
      .toSorted((a, b) => timeOf(a.head) - timeOf(b.head));
    if (!next || next.head.done === true) return;
    yield { lane: next.lane, packet: next.head.value };
    next.head = await next.lane.packets.next();
  }
}

function timeOf(head: IteratorResult<EncodedPacket>): number {
  return head.done === true ? Infinity : head.value.timestamp;
}

function timed(piece: Piece, nextStartMs: number | undefined): Segment {
  const mediaStartMs = piece.startMs ?? 0;
  const mediaMs = piece.startMs === undefined ? 0 : Math.max(0, (nextStartMs ?? mediaStartMs) - mediaStartMs);
  return { bytes: piece.bytes, mediaStartMs, mediaMs };
}

function unsuitable(path: string, why: string): CaptureError {
  return new CaptureError('MEDIA_UNSUITABLE', `cannot replay ${path}: ${why}`, {
    retry: 'never',
    facts: { path },
  });
}
