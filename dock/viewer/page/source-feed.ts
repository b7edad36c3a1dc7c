import { isEnough, keptSpan, type Room, ROOMS, SLACK_S } from './feed-budget.ts';

/** A full buffer is tried again after so long. */
const FULL_MS = 250;

export interface Footage {
  readonly mediaType: string;
  readonly durationS: number;
  /** The last moment up to this one, seconds, at which the footage can be cut and still be played from. */
  readonly cutS: (seconds: number) => number;
}

/** One `<video>` fed through Media Source Extensions (W3C MSE); knows nothing of where the bytes come from. */
export class SourceFeed {
  readonly #video: HTMLVideoElement;
  readonly #media: MediaSource;
  readonly #buffer: SourceBuffer;
  readonly #address: string;
  readonly #cutS: Footage['cutS'];

  private constructor(
    video: HTMLVideoElement,
    opened: { media: MediaSource; buffer: SourceBuffer; address: string; cutS: Footage['cutS'] },
  ) {
    this.#video = video;
    this.#media = opened.media;
    this.#buffer = opened.buffer;
    this.#address = opened.address;
    this.#cutS = opened.cutS;
  }

  /** Throws an Error in words when this browser cannot play such media. */
  static async open(video: HTMLVideoElement, { mediaType, durationS, cutS }: Footage): Promise<SourceFeed> {
    if (!('MediaSource' in globalThis) || !MediaSource.isTypeSupported(mediaType)) {
      throw new Error(`This browser cannot play ${mediaType}.`);
    }
    const media = new MediaSource();
    const address = URL.createObjectURL(media);
    const opened = once(media, 'sourceopen');
    video.src = address;
    await opened;
    const buffer = media.addSourceBuffer(mediaType);
    // Known from the manifest, so the length of the whole shows before the whole is there.
    media.duration = durationS;
    return new SourceFeed(video, { media, buffer, address, cutS });
  }

  /** Seconds of footage buffered beyond the playhead; 0 when the playhead is outside of what is buffered. */
  aheadS(): number {
    return (this.endS() ?? this.#video.currentTime) - this.#video.currentTime;
  }

  /** Where the footage around the playhead ends; undefined when the playhead is outside of what is buffered. */
  endS(): number | undefined {
    const { buffered, currentTime } = this.#video;
    for (let range = 0; range < buffered.length; range += 1) {
      const end = buffered.end(range);
      if (buffered.start(range) - SLACK_S <= currentTime && currentTime < end) return end;
    }
    return undefined;
  }

  isFull(): boolean {
    return isEnough({ aheadS: this.aheadS(), paused: this.#video.paused });
  }

  /** Resolves when more may be wanted: the playhead moves, by playing or by hand, or is about to; or when the signal is aborted. */
  playheadMoves(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const heard = new AbortController();
      const done = (): void => {
        heard.abort();
        resolve();
      };
      for (const event of ['timeupdate', 'seeking', 'play'])
        this.#video.addEventListener(event, done, { signal: heard.signal });
      signal.addEventListener('abort', done, { signal: heard.signal });
      if (signal.aborted) done();
    });
  }

  /** Resolves once the browser has taken the bytes in. It may have to forget footage for it, or to wait until some was watched. */
  async append(bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        this.#buffer.appendBuffer(bytes);
        await this.#settled();
        return await this.#keepWithin(ROOMS.usual);
      } catch (error) {
        if (!(error instanceof DOMException) || error.name !== 'QuotaExceededError') throw error;
        await this.#makeRoom(signal);
      }
    }
  }

  /** The next bytes do not follow the last ones; they begin a fragment. */
  jump(): void {
    // Once all is appended the parser is at rest anyway, and may not be told so.
    if (this.#media.readyState === 'open') this.#buffer.abort();
  }

  end(): void {
    if (this.#media.readyState === 'open' && !this.#buffer.updating) this.#media.endOfStream();
  }

  /** Takes the footage off the screen; nothing of it can be played on. */
  close(): void {
    this.#video.pause();
    this.#video.removeAttribute('src');
    this.#video.load();
    URL.revokeObjectURL(this.#address);
  }

  /**
   * The browser's buffer is full: forgets what was watched and what is far ahead, then what is watched just now, and else waits
   * until the playhead has moved. One that stands still for want of these very bytes does not, so it does not wait long.
   */
  async #makeRoom(signal: AbortSignal): Promise<void> {
    const before = bufferedS(this.#buffer);
    await this.#keepWithin(ROOMS.less);
    if (bufferedS(this.#buffer) < before) return;
    await this.#keepWithin(ROOMS.least);
    if (bufferedS(this.#buffer) < before) return;
    const waited = new AbortController();
    const timer = setTimeout(() => waited.abort(), FULL_MS);
    await this.playheadMoves(AbortSignal.any([signal, waited.signal]));
    clearTimeout(timer);
  }

  /** Forgets what lies outside of this room around the playhead. */
  async #keepWithin(room: Room): Promise<void> {
    const playhead = { atS: this.#video.currentTime, endS: this.endS(), cutS: this.#cutS };
    const { fromS, toS } = keptSpan(playhead, room);
    if (firstS(this.#buffer) < fromS) await this.#forget(0, fromS);
    if (lastS(this.#buffer) > toS) await this.#forget(toS, Number.POSITIVE_INFINITY);
  }

  async #forget(fromS: number, toS: number): Promise<void> {
    this.#buffer.remove(fromS, toS);
    await this.#settled();
  }

  async #settled(): Promise<void> {
    if (!this.#buffer.updating) return;
    const failed = once(this.#buffer, 'error').then(() => {
      throw new Error('This browser could not read the footage.');
    });
    await Promise.race([once(this.#buffer, 'updateend'), failed]);
  }
}

function firstS({ buffered }: SourceBuffer): number {
  return buffered.length === 0 ? Number.POSITIVE_INFINITY : buffered.start(0);
}

function lastS({ buffered }: SourceBuffer): number {
  return buffered.length === 0 ? 0 : buffered.end(buffered.length - 1);
}

function bufferedS({ buffered }: SourceBuffer): number {
  let sum = 0;
  for (let range = 0; range < buffered.length; range += 1) sum += buffered.end(range) - buffered.start(range);
  return sum;
}

function once(target: EventTarget, type: string): Promise<void> {
  return new Promise((resolve) => {
    target.addEventListener(type, () => resolve(), { once: true });
  });
}
