import h264 from 'h264-mp4-encoder';
import { BufferSource, EncodedPacketSink, Input, MP4 } from 'mediabunny';
import { CaptureError } from '../error.ts';
import type { Footage, Gop, Shot } from './footage.ts';
import { drawFrame, type Scene } from './picture.ts';

const FILE = 'gop.mp4';
// The fastest of the encoder's settings: a few milliseconds a frame at 640x360.
const SPEED = 10;

/**
 * Draws one shot and encodes it as one group of pictures, on the calling thread. The encoder hands over its
 * bytes only when it is finished, so each group has an encoder of its own and comes back as a small MP4,
 * of which only the frames are kept.
 * Throws CaptureError ENCODER_FAILED.
 */
export async function encodeGop(scene: Scene, shot: Shot): Promise<Gop> {
  try {
    return await readFrames(await encodeFile(scene, shot));
  } catch (cause) {
    throw new CaptureError(
      'ENCODER_FAILED',
      `could not encode the pictures from frame ${shot.firstFrame} on`,
      {
        retry: 'never',
        facts: { firstFrame: shot.firstFrame, frames: shot.frames },
        cause,
      },
    );
  }
}

async function encodeFile(scene: Scene, shot: Shot): Promise<Uint8Array<ArrayBuffer>> {
  const encoder = await h264.createH264MP4Encoder();
  try {
    configure(encoder, scene.footage);
    for (let index = 0; index < shot.frames; index++) encoder.addFrameYuv(drawFrame(scene, shot, index));
    encoder.finalize();
    const bytes = encoder.FS.readFile(FILE, { encoding: 'binary' });
    encoder.FS.unlink(FILE);
    return Uint8Array.from(bytes);
  } finally {
    encoder.delete();
  }
}

function configure(encoder: h264.H264MP4Encoder, footage: Footage): void {
  encoder.outputFilename = FILE;
  encoder.width = footage.width;
  encoder.height = footage.height;
  encoder.frameRate = footage.fps;
  encoder.speed = SPEED;
  // A rate control that starts afresh each second would make the picture pulse, so the quantiser is fixed.
  encoder.quantizationParameter = footage.quantizer;
  encoder.groupOfPictures = footage.fps;
  encoder.initialize();
}

async function readFrames(file: Uint8Array<ArrayBuffer>): Promise<Gop> {
  const input = new Input({ formats: [MP4], source: new BufferSource(file) });
  const track = await input.getPrimaryVideoTrack();
  const config = await track?.getDecoderConfig();
  if (!track || !config) throw new TypeError('the encoder made no video track');
  const frames: Uint8Array[] = [];
  for await (const packet of new EncodedPacketSink(track).packets()) {
    const type = await track.determinePacketType(packet);
    if ((type === 'key') !== (frames.length === 0))
      throw new TypeError(`frame ${frames.length} is a ${type} frame`);
    frames.push(packet.data);
  }
  if (frames.length === 0) throw new TypeError('the encoder made no frames');
  return {
    codec: config.codec,
    description: Uint8Array.from(bytesOf(config.description)),
    bytes: Uint8Array.from(Buffer.concat(frames)),
    frameSizes: frames.map((frame) => frame.length),
  };
}

// Typed loosely by the media library, whose types lean on a browser's.
function bytesOf(description: unknown): Uint8Array {
  if (ArrayBuffer.isView(description)) {
    return new Uint8Array(description.buffer, description.byteOffset, description.byteLength);
  }
  if (description instanceof ArrayBuffer) return new Uint8Array(description);
  throw new TypeError('the encoder made no decoder configuration');
}
