import { SealError } from '../../../proto/errors.ts';
import type { ChunkInfo, Manifest } from '../../../proto/manifest.ts';
import { ApiError } from './api.ts';
import { checkChunk } from './evidence.ts';
import { SourceFeed } from './source-feed.ts';

/** Chunks under way at once; two seconds of footage or more. */
const AHEAD_CHUNKS = 3;

/** What the player has done so far. `checked` counts chunks whose hash was found to be what the camera signed. */
export type Progress =
  | { readonly at: 'playing'; readonly checked: number }
  | { readonly at: 'checked-all'; readonly checked: number }
  | { readonly at: 'stopped'; readonly checked: number; readonly because: string; readonly bad: boolean };

export interface PlayerOptions {
  readonly video: HTMLVideoElement;
  readonly manifest: Manifest;
  /** Half-open range of chunks that the grant opens. */
  readonly range: readonly [number, number];
  readonly fetchChunk: (index: number, signal: AbortSignal) => Promise<Uint8Array<ArrayBuffer>>;
  /** Opens a sealed chunk whose hash was found right; absent when the recording is stored as recorded. */
  readonly unseal:
    | ((index: number, stored: Uint8Array<ArrayBuffer>) => Promise<Uint8Array<ArrayBuffer>>)
    | undefined;
  readonly onProgress: (progress: Progress) => void;
}

/**
 * Plays one opened recording: fetches chunk by chunk, a few ahead, checks each against the signed manifest, opens what is
 * sealed, and only then gives it to the browser. The first chunk that is not what the camera signed ends it and clears the screen.
 */
export class Player {
  readonly #options: PlayerOptions;
  readonly #stop = new AbortController();
  readonly #checked = new Set<number>();
  readonly #ahead = new Map<number, Promise<Uint8Array<ArrayBuffer>>>();

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  /** Runs until the end of the footage, the first fault, or `close`. Never rejects. */
  async run(): Promise<void> {
    const { video, manifest } = this.#options;
    let feed: SourceFeed | undefined;
    try {
      feed = await SourceFeed.open(video, manifest.mediaType, lengthS(manifest));
      // Where the browser wants a second gesture first, the person presses play in the controls.
      void video.play().catch(() => undefined);
      await this.#feedAll(feed);
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#fail(error);
    }
    if (this.#stop.signal.aborted) feed?.close();
    else this.#stop.signal.addEventListener('abort', () => feed?.close());
  }

  /** Takes the footage off the screen, for this reason. */
  halt(because: string): void {
    this.#tell({ at: 'stopped', checked: this.#checked.size, because, bad: false });
    this.close();
  }

  close(): void {
    this.#stop.abort();
  }

  async #feedAll(feed: SourceFeed): Promise<void> {
    const { video, manifest, range } = this.#options;
    const { signal } = this.#stop;
    const [start, end] = range;
    let next = start;
    let wanted = false;
    const onSeek = (): void => {
      wanted = feed.aheadS() === 0;
    };
    video.addEventListener('seeking', onSeek, { signal });
    while (!signal.aborted) {
      if (wanted) {
        wanted = false;
        next = fragmentAt(manifest.chunks, video.currentTime * 1_000);
        feed.jump();
        this.#ahead.clear();
      }
      if (next >= end || feed.isFull()) {
        if (next >= end) feed.end();
        await feed.playheadMoves(signal);
        continue;
      }
      const bytes = await this.#chunk(next, end);
      // The person may have jumped meanwhile; what was fetched for the old place would tear the new one.
      if (!wanted) {
        await feed.append(bytes, signal);
        next += 1;
      }
    }
  }

  /** That chunk, with the next ones begun: fetching, checking and opening go on while the browser takes this one in. */
  #chunk(index: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    for (let at = index; at < Math.min(end, index + AHEAD_CHUNKS); at += 1) {
      if (this.#ahead.has(at)) continue;
      const fetched = this.#fetchChecked(at);
      // Whoever waits for it hears of a failure; when nobody does any more, it is of no interest.
      fetched.catch(() => undefined);
      this.#ahead.set(at, fetched);
    }
    const wanted = this.#ahead.get(index) ?? this.#fetchChecked(index);
    this.#ahead.delete(index);
    return wanted;
  }

  async #fetchChecked(index: number): Promise<Uint8Array<ArrayBuffer>> {
    const { manifest, fetchChunk, range } = this.#options;
    const promised = manifest.chunks[index];
    if (promised === undefined) throw new Error('The footage is longer than the manifest says.');
    const bytes = await fetchChunk(index, this.#stop.signal);
    if (!(await checkChunk(bytes, promised))) throw new BadChunk(index);
    this.#checked.add(index);
    const all = this.#checked.size >= range[1] - range[0];
    this.#tell({ at: all ? 'checked-all' : 'playing', checked: this.#checked.size });
    return this.#unsealed(index, bytes);
  }

  async #unsealed(index: number, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const { unseal } = this.#options;
    if (unseal === undefined) return bytes;
    try {
      return await unseal(index, bytes);
    } catch (error) {
      if (error instanceof SealError) throw new SealedChunk(index);
      throw error;
    }
  }

  #fail(error: unknown): void {
    const bad = error instanceof BadChunk || error instanceof SealedChunk;
    const gone = error instanceof ApiError && error.kind === 'gone';
    const words = error instanceof Error ? error.message : 'The footage cannot be shown.';
    const because = gone ? 'The dock gives no more of it: the release or this session has ended.' : words;
    this.#tell({ at: 'stopped', checked: this.#checked.size, because, bad });
    this.close();
  }

  #tell(progress: Progress): void {
    if (!this.#stop.signal.aborted) this.#options.onProgress(progress);
  }
}

class BadChunk extends Error {
  constructor(index: number) {
    super(
      `Chunk ${index} is not what the camera signed. It was changed after the camera signed it, so nothing of it is shown.`,
    );
  }
}

class SealedChunk extends Error {
  constructor(index: number) {
    super(
      `Chunk ${index} is what the camera signed, but the key that came for it does not open it, so nothing of it is shown.`,
    );
  }
}

function lengthS({ chunks }: Manifest): number {
  const last = chunks.at(-1);
  return last === undefined ? 0 : (last.mediaStartMs + last.mediaMs) / 1_000;
}

/** Index of the first chunk of the fragment that holds this moment; chunk 0 is the initialisation segment. */
function fragmentAt(chunks: readonly ChunkInfo[], ms: number): number {
  let found = 1;
  for (const [index, { mediaStartMs }] of chunks.entries()) {
    const begins = index > 0 && (index === 1 || chunks[index - 1]?.endOfFragment === true);
    if (begins && mediaStartMs <= ms) found = index;
  }
  return found;
}
