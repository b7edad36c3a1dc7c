import { type Encoder, openEncoder } from './footage/encoder.ts';
import { type Footage, GOP_MS } from './footage/footage.ts';
import { type Muxer, openMuxer } from './fragment.ts';

/** What stands between the light and a plain chunk: the part of a camera that a simulated world does without. */
export interface Optics {
  /** How long one group of pictures lasts, milliseconds: the most footage that a power cut can take with it. */
  readonly gopMs: number;
  openEncoder(footage: Footage): Promise<Encoder>;
  /** A new one for each recording. */
  openMuxer(footage: Footage): Promise<Muxer>;
}

/** H.264 in one-second fragments of MP4. */
export const cameraOptics: Optics = { gopMs: GOP_MS, openEncoder, openMuxer };
