import type { ChunkInfo } from './manifest.ts';

/** Chunks `start..end` of one recording, the second one exclusive. */
export type ChunkSpan = readonly [start: number, end: number];

/**
 * The smallest span of whole fragments that holds what was asked, with at least one fragment in it. Chunk 0 is the
 * initialisation segment: it comes with the fragment after it. What lies past the end counts as the last chunk.
 */
export function wholeFragments(chunks: readonly ChunkInfo[], [from, to]: ChunkSpan): ChunkSpan {
  const last = chunks.length - 1;
  let start = Math.max(0, Math.min(from, last));
  while (!begins(chunks, start)) start -= 1;
  let end = Math.max(Math.min(to, chunks.length), Math.min(start + (start === 0 ? 2 : 1), chunks.length));
  while (end < chunks.length && !begins(chunks, end)) end += 1;
  return [start, end];
}

/** Index of the first chunk of the fragment that is shown at this moment; never chunk 0. */
export function fragmentAt(chunks: readonly ChunkInfo[], ms: number): number {
  let found = 1;
  for (const [index, { mediaStartMs }] of chunks.entries()) {
    if (index > 0 && begins(chunks, index) && mediaStartMs <= ms) found = index;
  }
  return found;
}

/** Media can be cut in front of these: the initialisation segment, what follows it, and what follows a whole fragment. */
function begins(chunks: readonly ChunkInfo[], index: number): boolean {
  return index <= 1 || chunks[index - 1]?.endOfFragment === true;
}
