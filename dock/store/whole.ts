import { dirname } from 'node:path';
import type { Disk } from './disk.ts';
import { isMissing } from './errors.ts';

/** Leaves either the old file or all of the new one behind, whenever the plug is pulled; resolves once it is the new one. */
export async function replaceFile(disk: Disk, path: string, parts: readonly Uint8Array[]): Promise<void> {
  const temporary = `${path}.tmp`;
  const file = await disk.open(temporary, 'write');
  try {
    // A longer one may lie there from before a crash.
    await file.truncate(0);
    await file.write(parts, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(temporary, path);
  await disk.syncFolder(dirname(path));
}

/** All bytes of a file, or undefined when it is missing. For files whose size has a limit. */
export async function readWhole(disk: Disk, path: string): Promise<Uint8Array | undefined> {
  try {
    const file = await disk.open(path, 'read');
    try {
      const bytes = new Uint8Array(await file.size());
      return bytes.subarray(0, await file.read(bytes, 0));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Makes a folder whose parent is there already, and makes its name durable. */
export async function ensureFolder(disk: Disk, folder: string): Promise<void> {
  await disk.makeFolder(folder);
  await disk.syncFolder(dirname(folder));
}

/**
 * Moves a folder so that both names are durable. May be repeated after a crash at any point; does nothing
 * when there is nothing to move.
 */
export async function moveFolder(disk: Disk, from: string, to: string): Promise<void> {
  if ((await disk.size(from)) !== undefined) await disk.rename(from, to);
  await disk.syncFolder(dirname(to));
  await disk.syncFolder(dirname(from));
}
