// Enough to ride out a slow moment, little enough to hold in memory and to leave unfetched when nobody watches on.
const AHEAD_S = 30;
const BEHIND_S = 20;
/** So little where the browser has no room for more. */
const BEHIND_S_MIN = 2;
/** A full buffer is tried again after so long. */
const FULL_MS = 250;
/** What is kept lies within this of the playhead, however long the film is and wherever somebody has been in it. */
const KEPT_S = 60;
/** A frame's breadth of slack: footage may start a little after the second it is asked for. */
const SLACK_S = 0.2;

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
    return this.aheadS() >= AHEAD_S;
  }

  /** Resolves when the playhead moves, by playing or by hand, or when the signal is aborted. */
  playheadMoves(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#video.removeEventListener('timeupdate', done);
        this.#video.removeEventListener('seeking', done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#video.addEventListener('timeupdate', done);
      this.#video.addEventListener('seeking', done);
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });
  }

  /** Resolves once the browser has taken the bytes in. It may have to forget footage for it, or to wait until some was watched. */
  async append(bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        this.#buffer.appendBuffer(bytes);
        await this.#settled();
        return await this.#keepWithin(KEPT_S, KEPT_S);
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
    await this.#keepWithin(BEHIND_S, AHEAD_S);
    if (bufferedS(this.#buffer) < before) return;
    await this.#keepWithin(BEHIND_S_MIN, BEHIND_S_MIN);
    if (bufferedS(this.#buffer) < before) return;
    const waited = new AbortController();
    const timer = setTimeout(() => waited.abort(), FULL_MS);
    await this.playheadMoves(AbortSignal.any([signal, waited.signal]));
    clearTimeout(timer);
  }

  /** Forgets what is further from the playhead than so many seconds; what it plays out of stays whole ahead of it. */
  async #keepWithin(behindS: number, aheadS: number): Promise<void> {
    const { currentTime } = this.#video;
    // A little earlier, so that rounding never takes the first frame of what stays.
    const fromS = this.#cutS(currentTime - behindS) - SLACK_S / 2;
    const toS = Math.max(currentTime + aheadS, this.endS() ?? 0) + SLACK_S;
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
