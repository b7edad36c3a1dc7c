import { existsSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { defineConfig } from 'vitest/config';

const SECOND_MS = 1_000;
const MEMORY_DISK = '/dev/shm';
const MEMORY_DISK_BYTES_MIN = 1024 ** 3;

/** A disk in memory, where there is one with room: fast tests sync thousands of files, and none of them pulls a plug. */
function fastFolder(): string {
  if (!existsSync(MEMORY_DISK)) return tmpdir();
  const { bavail, bsize } = statfsSync(MEMORY_DISK);
  return bavail * bsize >= MEMORY_DISK_BYTES_MIN ? MEMORY_DISK : tmpdir();
}

export default defineConfig({
  test: {
    pool: 'forks',
    reporters: ['default', './test/reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['test/{unit,property,golden,contract,tidy}/**/*.test.ts'],
          // All cores, and modules loaded once a worker instead of once a file: nothing here keeps state in a
          // module (test/tidy sees to it), and this halves the time of `npm run check`.
          maxWorkers: '100%',
          isolate: false,
          env: { TMPDIR: fastFolder() },
          testTimeout: 20 * SECOND_MS,
        },
      },
      {
        // Real programs: they share ports, cores and the disk, so one file at a time and after the fast
        // ones, and a deadline that only a hung program meets.
        extends: true,
        test: {
          name: 'programs',
          include: ['test/{process,browser}/**/*.test.ts'],
          globalSetup: ['./test/built.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 180 * SECOND_MS,
          hookTimeout: 120 * SECOND_MS,
        },
      },
    ],
  },
});
