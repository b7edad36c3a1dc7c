import { writeSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule, Vitest } from 'vitest/node';
import { skippingForbidden } from './peer.ts';

/** How a whole run went. `failed` counts everything that must be mended, not only tests. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Counts tests, plus files and suites that broke outside a test and errors nobody caught: a run that
 * failed must never read `0 failed`. Where skipping is forbidden a skipped test is a failed one.
 */
export function tally(modules: readonly TestModule[], unhandled: number, noSkip: boolean): Tally {
  let passed = 0;
  // Nothing to run is a mistyped name or a lost file, and vitest ends such a run with an error.
  let failed = unhandled + (modules.length === 0 ? 1 : 0);
  let skipped = 0;
  for (const module of modules) {
    failed += module.errors().length;
    for (const suite of module.children.allSuites()) failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') passed += 1;
      else if (state === 'skipped' && !noSkip) skipped += 1;
      else failed += 1;
    }
  }
  return { passed, failed, skipped };
}

/** The one line that scripts read: `12 passed, 0 failed`, with `, 3 skipped` when any were. */
export function tallyLine(counts: Tally): string {
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
  return `${counts.passed} passed, ${counts.failed} failed${skipped}`;
}

/**
 * Prints the tally as the very last line of a run. vitest awaits its reporters together and may still
 * say something after them, so outside watch mode the line waits for the process to exit.
 */
export default class TallyReporter implements Reporter {
  #watch = false;

  onInit(vitest: Vitest): void {
    this.#watch = vitest.config.watch;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const counts = tally(modules, unhandled.length, skippingForbidden());
    if (this.#watch) return print(counts);
    process.once('exit', () => {
      if (counts.failed > 0) process.exitCode = 1;
      print(counts);
    });
  }
}

// Synchronous and straight to the descriptor: nothing may be lost or follow when the process is exiting.
function print(counts: Tally): void {
  writeSync(1, `\n${tallyLine(counts)}\n`);
}
