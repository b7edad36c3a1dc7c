import type { TileFile } from './edge.ts';
import type { Files } from './files.ts';

/** Puts the tiles that an edge has grown in place, durably. Safe to repeat after a crash. */
export async function writeTiles(files: Files, grown: readonly TileFile[]): Promise<void> {
  for (const { path, bytes } of grown) await files.write(path, bytes);
  await files.syncFolders();
}

/** Takes away the partial tiles that a published full one makes superfluous. */
export async function removeSuperseded(files: Files, grown: readonly TileFile[]): Promise<void> {
  for (const { supersedes } of grown) {
    if (supersedes !== undefined) await files.removeFolder(supersedes);
  }
}
