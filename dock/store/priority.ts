import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { setPriority } from 'node:os';

/**
 * Lets the calling thread alone stand back behind the rest of the program, by so many steps of 1 to 19 (`nice`). Linux has a priority
 * for each thread; elsewhere nothing happens, as nothing depends on it.
 */
export function standBack(steps: number): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(Number(basename(readlinkSync('/proc/thread-self'))), steps);
  } catch {
    // A container may have no /proc, or forbid it.
  }
}
