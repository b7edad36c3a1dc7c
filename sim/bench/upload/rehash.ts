import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FilmChunk } from '../../fleet/engine/film.ts';

/** Reads a stored file again; throws unless it is these chunks, one after another, and nothing else. */
export async function checkStored(path: string, chunks: readonly FilmChunk[]): Promise<void> {
  const found = createHash('sha256');
  for await (const bytes of createReadStream(path, { highWaterMark: 1_024 * 1_024 }))
    found.update(bytes as Uint8Array);
  const wanted = createHash('sha256');
  for (const { bytes } of chunks) wanted.update(bytes);
  if (!found.digest().equals(wanted.digest())) throw new Error(`${path} is not what was sent`);
}

/** The chunks of one camera, which begins at another place of the film than its neighbours. */
export function reelOf(film: readonly FilmChunk[], camera: number, count: number): readonly FilmChunk[] {
  return Array.from({ length: count }, (_, at) => {
    const chunk = film[(camera * 7 + at) % film.length];
    if (chunk === undefined) throw new RangeError('no film');
    return chunk;
  });
}
