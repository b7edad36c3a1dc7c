import type { Clock } from '../ports.ts';
import type { Encoder } from './footage/encoder.ts';
import type { Shot } from './footage/footage.ts';
import type { Take } from './recorder.ts';

// A machine too busy to keep up loses pictures rather than falling ever further behind its clock.
const LAG_GOPS_MAX = 5;

interface LensOptions {
  readonly clock: Clock;
  /** What is burned into the picture. */
  readonly names: Pick<Shot, 'cameraId' | 'officerId'>;
  /** How long a whole take is, in milliseconds: a whole number of frames. */
  readonly gopMs: number;
}

/** The eye of the camera: while it is open, pictures follow one another without a gap, take after take. */
export class Lens {
  readonly #encoder: Encoder;
  readonly #clock: Clock;
  #names: LensOptions['names'];
  readonly #gopUs: number;
  /** Monotonic time of the first frame that no take holds yet; undefined while the lens is covered. */
  #seenToUs: number | undefined;
  #frame = 0;

  constructor(encoder: Encoder, { clock, names, gopMs }: LensOptions) {
    this.#encoder = encoder;
    this.#clock = clock;
    this.#names = names;
    this.#gopUs = gopMs * 1000;
  }

  /** RFC 6381, e.g. `avc1.420016`. */
  get codec(): string {
    return this.#encoder.codec;
  }

  /** Monotonic time at which the next whole take will have been seen; undefined while covered. */
  get dueUs(): number | undefined {
    return this.#seenToUs === undefined ? undefined : this.#seenToUs + this.#gopUs;
  }

  /** Monotonic time up to which everything has been taken; undefined while covered. */
  get seenUs(): number | undefined {
    return this.#seenToUs;
  }

  /** Whose the pictures are from that moment on: a frame that is half seen by then is nobody's. */
  wornBy(officerId: string, fromUs: number): void {
    this.#names = { ...this.#names, officerId };
    if (this.#seenToUs !== undefined) this.#seenToUs = fromUs;
  }

  /** Starts to see at this moment; no change when it is open already. */
  open(atUs: number): void {
    this.#seenToUs ??= atUs;
  }

  cover(): void {
    this.#seenToUs = undefined;
  }

  close(): Promise<void> {
    this.cover();
    return this.#encoder.close();
  }

  /**
   * The takes that have been seen up to `untilUs`, oldest first. With `cut` the last one may be shorter than
   * the others, so that nothing before `untilUs` is missing but part of a frame; `framesMin` makes it at least so long.
   * Throws CaptureError ENCODER_FAILED.
   */
  async *takes(untilUs: number, { cut = false, framesMin = 0 } = {}): AsyncGenerator<Take> {
    if (this.#seenToUs !== undefined && untilUs - this.#seenToUs > LAG_GOPS_MAX * this.#gopUs)
      this.#seenToUs = untilUs - this.#gopUs;
    const { fps } = this.#encoder.footage;
    const whole = Math.round((fps * this.#gopUs) / 1_000_000);
    for (let given = 0; ; ) {
      // Whoever took the last one may have covered the lens since.
      const fromUs = this.#seenToUs;
      if (fromUs === undefined) return;
      const seen = Math.floor(((untilUs - fromUs) * fps) / 1_000_000);
      const frames = Math.min(whole, Math.max(seen, cut ? framesMin - given : 0));
      if (frames <= 0 || (frames < whole && !cut)) return;
      yield await this.#take(fromUs, frames);
      given += frames;
    }
  }

  async #take(startUs: number, frames: number): Promise<Take> {
    const start = { monoUs: startUs, wallUs: this.#clock.wallUs() - (this.#clock.monoUs() - startUs) };
    const shot = { ...this.#names, firstFrame: this.#frame, frames, startWallUs: start.wallUs };
    this.#frame += frames;
    this.#seenToUs = startUs + Math.round((frames * 1_000_000) / this.#encoder.footage.fps);
    const gop = await this.#encoder.encode(shot);
    return { gop, start, durationMs: (frames * 1000) / this.#encoder.footage.fps };
  }
}
