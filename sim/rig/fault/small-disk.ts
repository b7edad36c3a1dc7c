import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

/** A file system of its own in a folder, with little room. */
export interface SmallDisk {
  readonly path: string;
  /** Takes it away with all that is on it; programs that still use it must have ended. */
  close(): void;
}

/**
 * Mounts a disk in memory that holds `bytes`, at `folder`: full means really full, for native code as well. That takes root and the right
 * to mount; where either is missing, `cannot` says why.
 */
export function openSmallDisk(folder: string, bytes: number): SmallDisk | { readonly cannot: string } {
  if (process.platform !== 'linux') return { cannot: `tmpfs is Linux's, and this is ${process.platform}` };
  if (process.getuid?.() !== 0) return { cannot: 'only root may mount' };
  mkdirSync(folder, { recursive: true });
  try {
    run('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=700`, 'holdfast-small-disk', folder]);
  } catch (error) {
    return { cannot: error instanceof Error ? error.message.trim() : 'mount failed' };
  }
  return { path: folder, close: () => run('umount', [folder]) };
}

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
