import { execFileSync } from 'node:child_process';

/**
 * No file of this running program may grow past `bytes` from now on (RLIMIT_FSIZE, set from outside by prlimit(1), Linux): a write
 * beyond that ends with EFBIG. Of all trouble for disks this alone needs no root and is met by native code as well, so by SQLite, too.
 * Node ignores the signal that comes with it. Throws when there is no prlimit or no such process of ours.
 */
export function limitFiles(pid: number, bytes: number | 'unlimited'): void {
  // The hard limit stays where it is, or nobody could lift the soft one again.
  execFileSync('prlimit', [`--pid=${pid}`, `--fsize=${bytes}:`], { stdio: ['ignore', 'ignore', 'pipe'] });
}
