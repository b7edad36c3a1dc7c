import { CaptureError } from '../error.ts';

/** How the simulated lens and encoder are set. */
export interface Footage {
  /** Pixels, even, 160..1920. */
  readonly width: number;
  /** Pixels, even, 120..1080. */
  readonly height: number;
  /** Frames a second, 1..30. */
  readonly fps: number;
  /** H.264 quantiser, 10 (best) to 51. Fixed, so every group of pictures has the same decoder settings. */
  readonly quantizer: number;
  /** Peak sensor noise in grey levels, 0..40. Real footage is noisy; this is what gives a fragment its size. */
  readonly grain: number;
}

// At 640x360 and 10 frames a second this comes to 100-320 KB a second: the size of a real camera's fragment,
// at about a tenth of a core, and now and then a fragment that needs two chunks.
export const FOOTAGE_DEFAULT: Footage = { width: 640, height: 360, fps: 10, quantizer: 26, grain: 12 };

// One group of pictures is one second: the most that a power cut can take with it, and one MP4 fragment.
export const GOP_MS = 1000;

/** One stretch of frames to draw and encode: what a real camera would have seen from `startWallUs` on. */
export interface Shot {
  /** Number of the first frame, counted from the camera's boot. */
  readonly firstFrame: number;
  /** How many frames, 1..fps. */
  readonly frames: number;
  /** Wall clock at the first frame, microseconds, as burned into the picture. */
  readonly startWallUs: number;
  readonly cameraId: string;
  readonly officerId: string;
}

/** One group of pictures: the first frame can be decoded alone, each other one needs those before it. */
export interface Gop {
  /** RFC 6381, e.g. `avc1.420016`. */
  readonly codec: string;
  /** AVCDecoderConfigurationRecord (ISO 14496-15), the same for every group a camera makes. */
  readonly description: Uint8Array;
  /** All frames one after the other, each as length-prefixed NAL units. */
  readonly bytes: Uint8Array;
  readonly frameSizes: readonly number[];
}

/** Throws CaptureError FOOTAGE_RANGE, which names the setting and its range. */
export function checkFootage(footage: Footage): Footage {
  checkRange('width', footage.width, [160, 1920]);
  checkRange('height', footage.height, [120, 1080]);
  checkRange('fps', footage.fps, [1, 30]);
  checkRange('quantizer', footage.quantizer, [10, 51]);
  checkRange('grain', footage.grain, [0, 40]);
  if (footage.width % 2 !== 0 || footage.height % 2 !== 0) {
    throw new CaptureError(
      'FOOTAGE_RANGE',
      `the picture must have an even width and height, not ${footage.width}x${footage.height}`,
      {
        retry: 'never',
      },
    );
  }
  return footage;
}

function checkRange(name: string, value: number, [low, high]: readonly [number, number]): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw new CaptureError(
    'FOOTAGE_RANGE',
    `${name} must be a whole number from ${low} to ${high}, not ${value}`,
    {
      retry: 'never',
    },
  );
}
