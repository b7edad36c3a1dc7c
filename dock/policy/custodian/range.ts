import { wholeFragments, type ChunkSpan } from '../../../proto/fragments.ts';
import type { ChunkInfo } from '../../../proto/manifest.ts';

/** The most footage that one grant covers. */
export const GRANT_MEDIA_MS_MAX = 600_000;

/**
 * The chunks that one grant covers: from the start of the fragment that holds the first one asked for (by default the first of
 * all), as many whole fragments as were asked for and hold at most `mediaMsMax` of footage, and never less than one. By the
 * times that the camera signed. Asking for the answer gives the answer.
 */
export function grantedRange(
  chunks: readonly ChunkInfo[],
  asked: ChunkSpan | undefined,
  mediaMsMax: number,
): ChunkSpan {
  const [start, askedEnd] = wholeFragments(chunks, asked ?? [0, chunks.length]);
  let [, end] = wholeFragments(chunks, [start, start + 1]);
  let media = widened(NOTHING, chunks, [start, end]);
  while (end < askedEnd) {
    const [, next] = wholeFragments(chunks, [end, end + 1]);
    media = widened(media, chunks, [end, next]);
    if (media.endMs - media.startMs > mediaMsMax) break;
    end = next;
  }
  return [start, end];
}

interface Media {
  readonly startMs: number;
  readonly endMs: number;
}

const NOTHING: Media = { startMs: Number.POSITIVE_INFINITY, endMs: 0 };

/** Every chunk of a fragment names the time of the whole; the initialisation segment shows nothing. */
function widened(media: Media, chunks: readonly ChunkInfo[], [from, to]: ChunkSpan): Media {
  let { startMs, endMs } = media;
  for (const { mediaStartMs, mediaMs } of chunks.slice(Math.max(1, from), to)) {
    startMs = Math.min(startMs, mediaStartMs);
    endMs = Math.max(endMs, mediaStartMs + mediaMs);
  }
  return { startMs, endMs };
}
