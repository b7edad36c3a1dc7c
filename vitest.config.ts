import { existsSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongFirst } from './test/sequence.ts';

const SECOND_MS = 1_000;
const MEMORY_DISK = '/dev/shm';
const MEMORY_DISK_BYTES_MIN = 1024 ** 3;

/** A disk in memory, where there is one with room: fast tests sync thousands of files, and none of them pulls a plug. */
function fastFolder(): string {
  if (!existsSync(MEMORY_DISK)) return tmpdir();
  const { bavail, bsize } = statfsSync(MEMORY_DISK);
  return bavail * bsize >= MEMORY_DISK_BYTES_MIN ? MEMORY_DISK : tmpdir();
}

/** A deadline that only a hung program meets. */
const PROGRAMS = {
  globalSetup: ['./test/built.ts'],
  testTimeout: 180 * SECOND_MS,
  hookTimeout: 120 * SECOND_MS,
};
const MEASURED = ['test/process/{memory,footage,bench-wire,bench-seal,bench-decide,bench-release}.test.ts'];

export default defineConfig({
  test: {
    pool: 'forks',
    sequence: { sequencer: LongFirst },
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
        // Real programs wait more than they work, so more files go side by side than there are cores here; they share no port and no folder.
        extends: true,
        test: {
          ...PROGRAMS,
          name: 'programs',
          include: ['test/{process,browser,world}/**/*.test.ts'],
          exclude: MEASURED,
          maxWorkers: 5,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // What is measured has the machine to itself.
        extends: true,
        test: {
          ...PROGRAMS,
          name: 'measured',
          include: MEASURED,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
