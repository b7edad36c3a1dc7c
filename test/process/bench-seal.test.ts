import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const BENCH = fileURLToPath(new URL('../../dist/sim/bench/seal-main.js', import.meta.url));

interface Result {
  readonly cells: readonly {
    readonly name: string;
    readonly ratio: number;
    readonly ratioMin: number;
    readonly oursMibPerSecond: number;
    readonly plainMibPerSecond: number;
    readonly ok: boolean;
  }[];
  readonly ok: boolean;
}

// Goal: the benchmark ends with one line of JSON and an exit code that says the same. Method: the built command on a few chunks.
// How fast this machine is at this moment is not judged here, only that both sides did their work.
test('bench:seal measures and says so in its last line', () => {
  const flags = ['--json', '--processes', '3', '--rounds', '5', '--chunks', '4'];
  const { stdout, status } = spawnSync(process.execPath, [BENCH, ...flags], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  const result = JSON.parse(stdout) as Result;
  expect(result.cells.map(({ name, ratioMin }) => [name, ratioMin])).toEqual([
    ['seal', 0.7],
    ['verify', 0.7],
  ]);
  for (const { ratio, ratioMin, oursMibPerSecond, plainMibPerSecond, ok } of result.cells) {
    expect(ratio).toBeGreaterThan(0.1);
    expect(Math.min(oursMibPerSecond, plainMibPerSecond)).toBeGreaterThan(1);
    // Both figures are rounded, and so may lie on either side of a limit.
    if (Math.abs(ratio - ratioMin) > 0.001) expect(ok).toBe(ratio > ratioMin);
  }
  expect(result.ok).toBe(result.cells.every(({ ok }) => ok));
  expect(status).toBe(result.ok ? 0 : 1);
});
