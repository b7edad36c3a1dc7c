// Enough to ride out a slow moment, little enough to hold in memory and to leave unfetched when nobody watches on.
const AHEAD_S = 30;
const BEHIND_S = 20;

/** One `<video>` fed through Media Source Extensions (W3C MSE); knows nothing of where the bytes come from. */
export class SourceFeed {
  readonly #video: HTMLVideoElement;
  readonly #media: MediaSource;
  readonly #buffer: SourceBuffer;
  readonly #address: string;

  private constructor(
    video: HTMLVideoElement,
    opened: { media: MediaSource; buffer: SourceBuffer; address: string },
  ) {
    this.#video = video;
    this.#media = opened.media;
    this.#buffer = opened.buffer;
    this.#address = opened.address;
  }

  /** Throws an Error in words when this browser cannot play such media. */
  static async open(video: HTMLVideoElement, mediaType: string, durationS: number): Promise<SourceFeed> {
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
    return new SourceFeed(video, { media, buffer, address });
  }

  /** Seconds of footage buffered beyond the playhead; 0 when the playhead is outside of what is buffered. */
  aheadS(): number {
    const { buffered, currentTime } = this.#video;
    for (let range = 0; range < buffered.length; range += 1) {
      // A frame's breadth of slack: footage may start a little after the second it is asked for.
      if (buffered.start(range) - 0.2 <= currentTime && currentTime <= buffered.end(range)) {
        return buffered.end(range) - currentTime;
      }
    }
    return 0;
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

  async append(bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        this.#buffer.appendBuffer(bytes);
        return await this.#settled();
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

  /** The browser's buffer is full: forgets what was watched, or waits until some of it has been. */
  async #makeRoom(signal: AbortSignal): Promise<void> {
    const keepFromS = this.#video.currentTime - BEHIND_S;
    const { buffered } = this.#buffer;
    if (keepFromS > 0 && buffered.length > 0 && buffered.start(0) < keepFromS) {
      this.#buffer.remove(0, keepFromS);
      return this.#settled();
    }
    return this.playheadMoves(signal);
  }

  async #settled(): Promise<void> {
    if (!this.#buffer.updating) return;
    const failed = once(this.#buffer, 'error').then(() => {
      throw new Error('This browser could not read the footage.');
    });
    await Promise.race([once(this.#buffer, 'updateend'), failed]);
  }
}

function once(target: EventTarget, type: string): Promise<void> {
  return new Promise((resolve) => {
    target.addEventListener(type, () => resolve(), { once: true });
  });
}
