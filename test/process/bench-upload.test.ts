import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { peer } from '../peer.ts';

const BENCH = fileURLToPath(new URL('../../dist/sim/bench/upload-main.js', import.meta.url));
const PEERS = ['sink', 'tus', 'aedesNaive', 'cp', 'rsync'];

interface Result {
  readonly rounds: number;
  readonly durableMBps: number;
  readonly ratios: Readonly<
    Record<string, { readonly median: number; readonly min: number; readonly max: number }>
  >;
  readonly wide: { readonly MBps: number; readonly slowestCamera: number };
}

// Goal: every cell stores what it was given, checked by reading it again, and the last line says how they compare. Method: the built
// command on little. How fast this machine is at this moment is not judged here.
test.skipIf(peer('rsync') === undefined || peer('openssl') === undefined)(
  'bench measures the dock beside its peers',
  () => {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [BENCH, '--json', '--no-limits', '--rounds', '1', '--mib', '64'],
      { encoding: 'utf8', timeout: 180_000 },
    );
    expect(status, stderr).toBe(0);
    const result = JSON.parse(stdout) as Result;
    expect(result.rounds).toBe(1);
    expect(result.durableMBps).toBeGreaterThan(1);
    expect(Object.keys(result.ratios)).toEqual(PEERS);
    for (const { median, min, max } of Object.values(result.ratios)) {
      expect(min).toBeGreaterThan(0.01);
      expect(median).toBeGreaterThanOrEqual(min);
      expect(max).toBeGreaterThanOrEqual(median);
    }
    expect(result.wide.slowestCamera).toBeGreaterThan(0);
  },
);
