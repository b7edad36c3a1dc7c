import { defineConfig } from 'vitest/config';

const SECOND_MS = 1_000;

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
