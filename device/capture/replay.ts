import { type FileHandle, open } from 'node:fs/promises';
import { FilePathSource, Input, MP4, QTFF } from 'mediabunny';
import { CHUNK_BYTES_MAX, MEDIA_TYPE_BYTES_MAX } from '../../proto/limits.ts';
import type { PlainChunk } from '../ports.ts';
import { BOX_HEADER_BYTES_MAX, type Box, readBox, startOf, timescalesOf } from './box.ts';
import { CaptureError } from './error.ts';
import { chooseTracks, remux } from './remux.ts';

/** A film to record as if the lens had seen it. */
export interface Replay {
  /** RFC 6381, e.g. `video/mp4; codecs="avc1.42c01f"`. */
  readonly mediaType: string;
  /** Whether the recording will be the file, byte for byte; otherwise it is cut anew, without touching a frame. */
  readonly asIs: boolean;
  /** Throws CaptureError MEDIA_UNREADABLE when the file ends or changes while it is read. May be iterated once. */
  chunks(): AsyncIterable<PlainChunk>;
  close(): Promise<void>;
}

/** A film on its way into a recording, chunk by chunk. */
export class Reel {
  readonly #replay: Replay;
  readonly #chunks: AsyncIterator<PlainChunk>;
  #fragments = 0;
  #isWhole = false;

  constructor(replay: Replay) {
    this.#replay = replay;
    this.#chunks = replay.chunks()[Symbol.asyncIterator]();
  }

  get mediaType(): string {
    return this.#replay.mediaType;
  }

  /** What it has given by now ends with a whole fragment, and can be played. */
  get isPlayable(): boolean {
    // The first is the init segment.
    return this.#isWhole && this.#fragments > 1;
  }

  /** Undefined at its end. Throws CaptureError MEDIA_UNREADABLE as the film does. */
  async next(): Promise<PlainChunk | undefined> {
    const next = await this.#chunks.next();
    if (next.done === true) return undefined;
    this.#isWhole = next.value.endOfFragment;
    if (this.#isWhole) this.#fragments += 1;
    return next.value;
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
    await this.#replay.close();
  }
}

/** Bytes of the file that belong together, and when they play. */
interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly mediaStartMs: number;
  readonly mediaMs: number;
}

/**
 * Opens an MP4 (or QuickTime) file with H.264 video. A fragmented MP4 that starts with its init segment is
 * recorded as it is; any other is cut into fragments at its key frames, and nothing is decoded or encoded.
 * Throws CaptureError MEDIA_MISSING, MEDIA_UNREADABLE, MEDIA_UNSUITABLE.
 */
export async function openReplay(path: string): Promise<Replay> {
  const file = await openFile(path);
  const input = new Input({ formats: [MP4, QTFF], source: new FilePathSource(path) });
  const close = async (): Promise<void> => {
    input.dispose();
    await file.close();
  };
  try {
    const boxes = await scan(file, path);
    const tracks = await chooseTracks(input, path);
    const stretches = (await input.getFormat()) === MP4 ? await layOut(file, boxes, tracks.endMs) : undefined;
    const chunks = stretches ? () => readStretches(file, path, stretches) : () => remux(tracks);
    const mediaType = checkType(stretches ? await input.getMimeType() : tracks.mediaType, path);
    return { mediaType, asIs: stretches !== undefined, chunks: () => guarded(chunks(), path), close };
  } catch (error) {
    await close();
    throw asCaptureError(error, path);
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    throw new CaptureError('MEDIA_MISSING', `cannot open ${path}: ${reasonOf(cause)}`, {
      retry: 'never',
      facts: { path },
      cause,
    });
  }
}

/** All boxes of the file's top level. */
async function scan(file: FileHandle, path: string): Promise<readonly Box[]> {
  const { size } = await file.stat();
  if (size === 0) throw unreadable(path, 'it is empty');
  const boxes: Box[] = [];
  const head = new Uint8Array(BOX_HEADER_BYTES_MAX);
  for (let at = 0; at < size; ) {
    const { bytesRead } = await file.read(head, 0, head.length, at);
    const box = readBox(head.subarray(0, bytesRead), at, size);
    if (!box || (at === 0 && !/^(ftyp|moov|styp|wide|free|skip|mdat)$/.test(box.type))) {
      throw unreadable(
        path,
        at === 0 ? 'it is not an MP4' : `it breaks off in the box at byte ${at} of ${size}`,
      );
    }
    boxes.push(box);
    at = box.end;
  }
  return boxes;
}

/**
 * Init segment and fragments of a file that can be recorded as it is, or undefined. A fragment ends with its
 * last `mdat`; what stands before the next `moof` (`styp`, `sidx`, `emsg`) belongs to the next fragment, and what
 * stands after the last to the last.
 */
async function layOut(
  file: FileHandle,
  boxes: readonly Box[],
  endMs: number,
): Promise<readonly Stretch[] | undefined> {
  const first = boxes.findIndex(({ type }) => type === 'moof' || type === 'mdat');
  const moov = boxes.find(({ type }) => type === 'moov');
  const init = boxes.slice(0, first).findLast(({ type }) => type === 'moov')?.end;
  if (boxes[0]?.type !== 'ftyp' || !moov || init === undefined) return undefined;
  if (init > CHUNK_BYTES_MAX || boxes[first]?.type !== 'moof') return undefined;
  const timescales = timescalesOf(await readRange(file, moov));
  const found: { start: number; end: number; startMs: number | undefined }[] = [];
  for (const [index, box] of boxes.entries()) {
    if (box.start < init) continue;
    const fresh = found.length === 0 || (boxes[index - 1]?.type === 'mdat' && box.type !== 'mdat');
    const last = fresh ? undefined : found.at(-1);
    const startMs = box.type === 'moof' ? startOf(await readRange(file, box), timescales) : undefined;
    if (last) Object.assign(last, { end: box.end, startMs: last.startMs ?? startMs });
    else found.push({ start: box.start, end: box.end, startMs });
  }
  return withTimes(init, joinTail(found), endMs);
}

/** Boxes after the last fragment, such as the index `mfra`, are carried by it. */
function joinTail<Part extends { end: number; readonly startMs: number | undefined }>(
  parts: readonly Part[],
): readonly Part[] {
  const last = parts.at(-1);
  const before = parts.at(-2);
  if (!last || !before || last.startMs !== undefined) return parts;
  return [...parts.slice(0, -2), { ...before, end: last.end }];
}

function withTimes(
  initBytes: number,
  parts: readonly { readonly start: number; readonly end: number; readonly startMs: number | undefined }[],
  endMs: number,
): readonly Stretch[] | undefined {
  const stretches: Stretch[] = [{ start: 0, end: initBytes, mediaStartMs: 0, mediaMs: 0 }];
  for (const [index, { start, end, startMs }] of parts.entries()) {
    if (startMs === undefined) return undefined;
    const nextMs = index + 1 < parts.length ? parts[index + 1]?.startMs : endMs;
    stretches.push({
      start,
      end,
      mediaStartMs: startMs,
      mediaMs: Math.max(0, (nextMs ?? startMs) - startMs),
    });
  }
  return stretches;
}

async function* readStretches(
  file: FileHandle,
  path: string,
  stretches: readonly Stretch[],
): AsyncGenerator<PlainChunk> {
  for (const { start, end, mediaStartMs, mediaMs } of stretches) {
    for (let at = start; at < end; at += CHUNK_BYTES_MAX) {
      const chunkEnd = Math.min(at + CHUNK_BYTES_MAX, end);
      const bytes = await readRange(file, { start: at, end: chunkEnd });
      if (bytes.length < chunkEnd - at) throw unreadable(path, 'it became shorter while it was read');
      yield { bytes, mediaStartMs, mediaMs, endOfFragment: chunkEnd === end };
    }
  }
}

async function readRange(
  file: FileHandle,
  range: { readonly start: number; readonly end: number },
): Promise<Uint8Array> {
  const bytes = new Uint8Array(range.end - range.start);
  const { bytesRead } = await file.read(bytes, 0, bytes.length, range.start);
  return bytes.subarray(0, bytesRead);
}

function checkType(mediaType: string, path: string): string {
  if (mediaType.length <= MEDIA_TYPE_BYTES_MAX) return mediaType;
  throw new CaptureError('MEDIA_UNSUITABLE', `cannot replay ${path}: it has too many kinds of tracks`, {
    retry: 'never',
    facts: { path, mediaType },
  });
}

async function* guarded(chunks: AsyncIterable<PlainChunk>, path: string): AsyncGenerator<PlainChunk> {
  try {
    yield* chunks;
  } catch (error) {
    throw asCaptureError(error, path);
  }
}

function asCaptureError(error: unknown, path: string): CaptureError {
  return error instanceof CaptureError ? error : unreadable(path, reasonOf(error), error);
}

function unreadable(path: string, why: string, cause?: unknown): CaptureError {
  return new CaptureError('MEDIA_UNREADABLE', `cannot replay ${path}: ${why}`, {
    retry: 'never',
    facts: { path },
    cause,
  });
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
