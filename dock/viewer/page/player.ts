import { SealError } from '../../../proto/errors.ts';
import { fragmentAt, type ChunkSpan } from '../../../proto/fragments.ts';
import type { Manifest } from '../../../proto/manifest.ts';
import { ApiError } from './api.ts';
import { checkChunk } from './evidence.ts';
import type { Part } from './part.ts';
import { Parts } from './parts.ts';
import { withChunk } from './player-film.ts';
import { SourceFeed } from './source-feed.ts';

/** Chunks under way at once; two seconds of footage or more. */
const AHEAD_CHUNKS = 3;
/** Somebody who holds a key down passes many places; only where the playhead comes to rest is worth an opening. */
const STILL_MS = 100;
/** Whoever cannot be reached is tried again, so long, and longer while there is still something to show: a dock starts in seconds. */
const TRY_AGAIN_MS = 500;
const PATIENCE_MS = 10_000;
const AHEAD_S_MIN = 0.5;
/** The browser's idea of where a fragment ends differs from the manifest's by less than this. */
const EDGE_S = 0.05;
/** A session that ends sooner has not ended by its age: to ask again would be to argue. */
const ASK_AGAIN_MS_MIN = 60_000;

/** What the player has done so far. `checked` counts chunks whose hash was found to be what the camera signed. */
export type Progress =
  | ({ readonly at: 'playing' | 'checked-all'; readonly asking: boolean } & Checked)
  | ({ readonly at: 'stopped'; readonly because: string; readonly bad: boolean } & Checked);

/** `asking`: the next part is being asked for. */
interface Checked {
  readonly checked: number;
  /** Which ones, in order. */
  readonly spans: readonly ChunkSpan[];
}

export interface PlayerOptions {
  readonly video: HTMLVideoElement;
  /** What the recording begins with. */
  readonly first: Part;
  /** Asks for what one grant covers from this chunk on. */
  readonly openPart: (from: number) => Promise<Part>;
  /** Where it begins to play, seconds. */
  readonly startS: number;
  /** Resolves once nobody holds the playhead in their hand. */
  readonly letGo: () => Promise<void>;
  readonly onProgress: (progress: Progress) => void;
}

/**
 * Plays one recording: fetches chunk by chunk, a few ahead, checks each against the signed manifest, opens what is sealed, and
 * only then gives it to the browser. A grant covers a part, so it asks for the next one while this one still plays, and where
 * the person jumps out of it. The first chunk that is not what the camera signed ends it and clears the screen.
 */
export class Player {
  readonly #options: PlayerOptions;
  readonly #manifest: Manifest;
  readonly #parts: Parts;
  readonly #stop = new AbortController();
  readonly #ahead = new Map<number, Promise<Uint8Array<ArrayBuffer>>>();
  /** Chunks that were found to be what the camera signed. */
  #spans: readonly ChunkSpan[] = [];
  #asking = false;
  #failingSinceMs: number | undefined;

  constructor(options: PlayerOptions) {
    this.#options = options;
    this.#manifest = options.first.evidence.manifest;
    this.#parts = new Parts(options.first, options.openPart);
  }

  /** Runs until the end of the footage, the first fault, or `close`. Never rejects. */
  async run(): Promise<void> {
    const { video } = this.#options;
    let feed: SourceFeed | undefined;
    try {
      const { mediaType, chunks } = this.#manifest;
      const cutS = (seconds: number): number =>
        (chunks[fragmentAt(chunks, seconds * 1_000)]?.mediaStartMs ?? 0) / 1_000;
      feed = await SourceFeed.open(video, { mediaType, durationS: lengthS(this.#manifest), cutS });
      // Where the browser wants a second gesture first, the person presses play.
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
    this.#tell({ at: 'stopped', ...this.#done(), because, bad: false });
    this.close();
  }

  close(): void {
    this.#stop.abort();
    this.#parts.forget();
  }

  async #feedAll(feed: SourceFeed): Promise<void> {
    const { video, startS } = this.#options;
    const { chunks } = this.#manifest;
    const { signal } = this.#stop;
    let next = 0;
    let wanted = false;
    const onSeek = (): void => {
      wanted = true;
    };
    video.addEventListener('seeking', onSeek, { signal });
    while (!signal.aborted) {
      if (wanted) {
        wanted = false;
        const at = this.#wantedAt(feed);
        // It goes on where it was going on: the next chunk belongs to that fragment, or begins it.
        if (at <= next && fragmentOf(chunks, next) === at) continue;
        next = at;
        feed.jump();
        this.#ahead.clear();
        if (this.#parts.find(next) === undefined) await this.#comesToRest();
        continue;
      }
      if (next >= chunks.length || feed.isFull()) {
        if (next >= chunks.length) feed.end();
        await feed.playheadMoves(signal);
        continue;
      }
      const bytes = await this.#next(next, feed);
      // The person may have jumped meanwhile; what was fetched for the old place would tear the new one.
      if (!wanted && bytes !== undefined) {
        await feed.append(bytes, signal);
        next += 1;
        // From here on the browser knows what it is to play, and so where.
        if (next === 1 && startS > 0) video.currentTime = startS;
      }
    }
  }

  /** Until the playhead has been let go, or moved again. */
  async #comesToRest(): Promise<void> {
    const { video, letGo } = this.#options;
    const { signal } = this.#stop;
    const moved = new Promise<void>((resolve) => {
      for (const [target, event] of [
        [video, 'seeking'],
        [signal, 'abort'],
      ] as const)
        target.addEventListener(event, () => resolve(), { once: true });
    });
    await pause(STILL_MS, signal);
    await Promise.race([letGo(), moved]);
  }

  /** The chunk that comes next for the playhead: where the footage around it ends, or the playhead itself where there is none. */
  #wantedAt(feed: SourceFeed): number {
    const { chunks } = this.#manifest;
    const endS = feed.endS();
    if (endS === undefined) return fragmentAt(chunks, this.#options.video.currentTime * 1_000);
    const isEnd = endS >= lengthS(this.#manifest) - EDGE_S;
    return isEnd ? chunks.length : fragmentAt(chunks, (endS + EDGE_S) * 1_000);
  }

  /** One more chunk; undefined when it is to be asked for again. A fault that may pass ends nothing at once. */
  async #next(index: number, feed: SourceFeed): Promise<Uint8Array<ArrayBuffer> | undefined> {
    try {
      const part = this.#parts.find(index) ?? (await this.#openPart(index));
      const bytes = await this.#chunk(index, part);
      this.#failingSinceMs = undefined;
      return bytes;
    } catch (error) {
      const isPassing = error instanceof ApiError && error.kind === 'passing';
      this.#failingSinceMs ??= performance.now();
      const isLong = performance.now() - this.#failingSinceMs > PATIENCE_MS;
      if (!isPassing || (isLong && feed.aheadS() < AHEAD_S_MIN)) throw error;
      this.#ahead.clear();
      await pause(TRY_AGAIN_MS, this.#stop.signal);
      return undefined;
    }
  }

  async #openPart(from: number): Promise<Part> {
    this.#asking = true;
    this.#report();
    try {
      const part = await this.#parts.open(from);
      // Closed while it was asked for: these keys came too late to be wanted.
      if (this.#stop.signal.aborted) this.#parts.forget();
      return part;
    } finally {
      this.#asking = false;
      this.#report();
    }
  }

  /**
   * That chunk, with the next ones begun: fetching, checking and opening go on while the browser takes this one in. Undefined when
   * the session of this part has ended by its age; the part is forgotten then.
   */
  async #chunk(index: number, part: Part): Promise<Uint8Array<ArrayBuffer> | undefined> {
    for (let at = index; at < Math.min(part.range[1], index + AHEAD_CHUNKS); at += 1) {
      if (this.#ahead.has(at)) continue;
      const fetched = this.#fetchChecked(at, part);
      // Whoever waits for it hears of a failure; when nobody does any more, it is of no interest.
      fetched.catch(() => undefined);
      this.#ahead.set(at, fetched);
    }
    const wanted = this.#ahead.get(index) ?? this.#fetchChecked(index, part);
    this.#ahead.delete(index);
    try {
      return await wanted;
    } catch (error) {
      const isGone = error instanceof ApiError && error.kind === 'gone';
      if (!isGone || performance.now() - part.openedAtMs < ASK_AGAIN_MS_MIN) throw error;
      this.#ahead.clear();
      this.#parts.drop(part);
      return undefined;
    }
  }

  async #fetchChecked(index: number, part: Part): Promise<Uint8Array<ArrayBuffer>> {
    const promised = this.#manifest.chunks[index];
    if (promised === undefined) throw new Error('The footage is longer than the manifest says.');
    const bytes = await part.fetch(index, this.#stop.signal);
    if (!(await checkChunk(bytes, promised))) throw new BadChunk(index);
    this.#spans = withChunk(this.#spans, index);
    this.#report();
    return unsealed(part, index, bytes);
  }

  #report(): void {
    const done = this.#done();
    const all = done.checked >= this.#manifest.chunks.length;
    this.#tell({ at: all ? 'checked-all' : 'playing', ...done, asking: this.#asking });
  }

  #fail(error: unknown): void {
    const bad = error instanceof BadChunk || error instanceof SealedChunk;
    const gone = error instanceof ApiError && error.kind === 'gone';
    const words = error instanceof Error ? error.message : 'The footage cannot be shown.';
    const because = gone ? 'The dock gives no more of it: the release or this session has ended.' : words;
    this.#tell({ at: 'stopped', ...this.#done(), because, bad });
    this.close();
  }

  #done(): Checked {
    return { checked: this.#spans.reduce((sum, [start, end]) => sum + end - start, 0), spans: this.#spans };
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

async function unsealed(
  { unseal }: Part,
  index: number,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  if (unseal === undefined) return bytes;
  try {
    return await unseal(index, bytes);
  } catch (error) {
    if (error instanceof SealError) throw new SealedChunk(index);
    throw error;
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** The chunk that begins the fragment of this one; past the end there is none but the end. */
function fragmentOf(chunks: Manifest['chunks'], index: number): number {
  let start = Math.min(index, chunks.length);
  while (start < chunks.length && start > 1 && chunks[start - 1]?.endOfFragment !== true) start -= 1;
  return start;
}

function lengthS({ chunks }: Manifest): number {
  const last = chunks.at(-1);
  return last === undefined ? 0 : (last.mediaStartMs + last.mediaMs) / 1_000;
}
