import { join } from 'node:path';
import type { Place } from './examine.ts';

// As much as is overwritten at a time.
const ZEROS = new Uint8Array(64 * 1024);

/**
 * Destroys the wraps and the content in one folder; manifest and stamps stay. The wraps go first: without them the content
 * of a sealed recording is noise, wherever a copy of it may lie. May be repeated after a crash at any point.
 */
export async function destroyFiles(place: Place): Promise<void> {
  const { disk, folder } = place;
  if ((await disk.size(folder)) === undefined) return;
  const names = await disk.list(folder);
  for (const name of names.filter(isWraps)) await overwrite(place, name);
  for (const name of [...names.filter(isWraps), ...names.filter(isContent)]) {
    await disk.remove(join(folder, name));
    await disk.syncFolder(folder);
  }
}

// With what an interrupted write left beside them.
const isWraps = (name: string): boolean => name === 'wraps' || name === 'wraps.tmp';
const isContent = (name: string): boolean => name === 'chunks' || name === 'chunks.tmp';

async function overwrite({ disk, folder }: Place, name: string): Promise<void> {
  const file = await disk.open(join(folder, name), 'write');
  try {
    const bytes = await file.size();
    for (let at = 0; at < bytes; at += ZEROS.length)
      await file.write([ZEROS.subarray(0, Math.min(ZEROS.length, bytes - at))], at);
    await file.sync();
  } finally {
    await file.close();
  }
}
