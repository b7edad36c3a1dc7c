import type { Edge } from './edge.ts';
import type { Files } from './files.ts';
import { type Published, writeCheckpoint } from './published.ts';

/**
 * Puts the tiles that the edge has grown and then the signed checkpoint in place. Every tile is durable before
 * the checkpoint names it, so whoever reads a checkpoint finds its tree. Safe to repeat after a crash.
 */
export async function publish(files: Files, edge: Edge, published: Published): Promise<void> {
  const grown = edge.takeFiles();
  for (const { path, bytes } of grown) await files.write(path, bytes);
  await files.syncFolders();
  await writeCheckpoint(files, published);
  for (const { supersedes } of grown) {
    if (supersedes !== undefined) await files.removeFolder(supersedes);
  }
}
