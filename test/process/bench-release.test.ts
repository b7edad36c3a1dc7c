import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const BENCH = fileURLToPath(new URL('../../dist/sim/bench/release-main.js', import.meta.url));

interface Latency {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

interface Result {
  readonly paced: Latency;
  readonly burst: Latency;
  readonly roundsP99Ms: readonly { readonly paced: number; readonly burst: number }[];
  readonly parts: { readonly listedMs: number; readonly openedMs: number };
  readonly p99MsMax: number;
  readonly ok: boolean;
  readonly conditions: { readonly recordings: number };
}

// Goal: the benchmark ends with one line of JSON, and everything that a report opens is played. Method: the built command with two
// officers. How fast this machine is at this moment is not judged here.
test('bench:release measures and says so in its last line', () => {
  const size = ['--recordings', '8', '--officers', '2', '--incidents', '4'];
  const flags = ['--json', '--no-limits', '--rounds', '2', '--reports', '2', '--burst', '2', ...size];
  const { stdout, stderr, status } = spawnSync(process.execPath, [BENCH, ...flags], {
    encoding: 'utf8',
    timeout: 150_000,
  });
  expect([status, stderr]).toEqual([0, '']);
  const result = JSON.parse(stdout) as Result;
  expect(result.conditions.recordings).toBe(8);
  expect(result.roundsP99Ms).toHaveLength(2);
  for (const { count, p50Ms, p99Ms, maxMs } of [result.paced, result.burst]) {
    expect(count).toBe(4);
    expect(p50Ms).toBeGreaterThan(0);
    expect([p50Ms, p99Ms, maxMs].toSorted((a, b) => a - b)).toEqual([p50Ms, p99Ms, maxMs]);
  }
  const { listedMs, openedMs } = result.parts;
  expect(Math.min(listedMs, openedMs)).toBeGreaterThan(0);
  expect(result.p99MsMax).toBe(2_000);
  expect(result.ok).toBe(Math.max(result.paced.p99Ms, result.burst.p99Ms) < result.p99MsMax);
});
