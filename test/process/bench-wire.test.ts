import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const BENCH = fileURLToPath(new URL('../../dist/sim/bench/wire-main.js', import.meta.url));

interface Row {
  readonly ber: number;
  readonly wireRatio: number;
  readonly goodput: number;
  readonly zmodem: null;
}

interface Result {
  readonly serial: readonly Row[];
  readonly mqtt: { readonly wireRatio: number };
  readonly realTime: Readonly<Record<'virtual' | 'pty', { readonly goodput: number }>>;
}

// Goal: the benchmark ends with one line of JSON, our figures in virtual time are those of real programs' links in real time,
// and a machine without lrzsz only lacks ZMODEM. Method: the built command on a small recording, with a PATH that has nothing.
test('bench:wire measures and says so in its last line', () => {
  const empty = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  const flags = ['--json', '--rounds', '1', '--bytes', '262144'];
  const { stdout, stderr } = spawnSync(process.execPath, [BENCH, ...flags], {
    encoding: 'utf8',
    env: { ...process.env, PATH: empty },
    timeout: 120_000,
  });
  rmSync(empty, { recursive: true });
  expect(stderr).toContain('ZMODEM is left out');
  const result = JSON.parse(stdout) as Result;
  expect(result.serial.map(({ ber, zmodem }) => [ber, zmodem])).toEqual(
    [0, 1e-6, 1e-5, 1e-4].map((ber) => [ber, null]),
  );
  for (const { wireRatio, goodput } of result.serial) {
    expect(wireRatio).toBeGreaterThan(1);
    expect(goodput).toBeGreaterThan(0.5);
  }
  expect(result.mqtt.wireRatio).toBeLessThan(1.02);
  const { virtual, pty } = result.realTime;
  // The machine's own pauses are in the second one.
  expect(Math.abs(virtual.goodput - pty.goodput)).toBeLessThan(0.1);
});
