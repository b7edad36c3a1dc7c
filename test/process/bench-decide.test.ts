import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const BENCH = fileURLToPath(new URL('../../dist/sim/bench/decide-main.js', import.meta.url));

interface Times {
  readonly p50Us: number;
  readonly p99Us: number;
}

interface Result {
  readonly alone: Times;
  readonly bare: Times & { readonly perSecond: number };
  readonly together: { readonly perSecond: number; readonly perCpuSecond: number };
  readonly overhead: number;
  readonly overheadCpu: number;
  readonly overheadMax: number;
  readonly allowed: number;
  readonly gates: number;
  readonly ok: boolean;
  readonly conditions: { readonly facts: number; readonly recordings: number };
}

// Goal: the benchmark ends with one line of JSON that says what was measured. Method: the built command on a small agency. How fast
// this machine is at this moment is not judged here, only that both sides did their work.
test('bench:decide measures and says so in its last line', () => {
  const size = ['--facts', '2000', '--recordings', '150', '--people', '50'];
  const flags = ['--json', '--no-limits', '--rounds', '2', '--batch', '40', ...size];
  const { stdout, stderr, status } = spawnSync(process.execPath, [BENCH, ...flags], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  expect([status, stderr]).toEqual([0, '']);
  const result = JSON.parse(stdout) as Result;
  expect(result.conditions).toMatchObject({ facts: 2_000, recordings: 150 });
  for (const { p50Us, p99Us } of [result.alone, result.bare]) {
    expect(p50Us).toBeGreaterThan(1);
    expect(p99Us).toBeGreaterThanOrEqual(p50Us);
  }
  for (const rate of [result.bare.perSecond, result.together.perSecond, result.together.perCpuSecond])
    expect(rate).toBeGreaterThan(1);
  // Some are allowed and some are not, and every question is at least one of Cedar's.
  expect(result.allowed).toBeGreaterThan(0.1);
  expect(result.allowed).toBeLessThan(0.9);
  expect(result.gates).toBeGreaterThanOrEqual(1);
  const { overhead, overheadCpu, overheadMax } = result;
  expect(overheadMax).toBe(2);
  expect(result.ok).toBe(Math.max(overhead, overheadCpu) <= overheadMax);
});
