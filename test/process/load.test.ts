import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type OwnDock, startOwnDock } from '../../sim/fleet/own-dock.ts';
import type { LoadOptions, LoadResult, SecondPoint } from '../../sim/fleet/result.ts';
import { runLoad } from '../../sim/fleet/run.ts';
import { COMMAND } from '../../sim/rig/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-load-test-'));
const targets: OwnDock[] = [];
afterAll(async () => {
  for (const target of targets) await target.close();
  rmSync(folder, { recursive: true, force: true });
});

const OPTIONS: LoadOptions = {
  ...{ cameras: 10, transport: 'mqtt', loop: 'open', profile: null, windowChunks: 8, chunkBytes: 16 * 1_024 },
  baud: null,
  ...{ durationSeconds: 12, warmUpSeconds: 2, rampSeconds: 1, payloadScale: 1, timeWarp: 1, seed: 1 },
};

describe('holdfast load', () => {
  // Goal: the command measures a dock of its own and leaves nothing behind. Method: the built command, closed loop, with page and JSON.
  it('says what a dock does as fast as it can, and cleans up', () => {
    const report = join(folder, 'report.html');
    const args = [
      '--cameras',
      '4',
      '--chunk-kib',
      '64',
      '--chunks-each',
      '16',
      '--seconds',
      '5',
      '--warm-up',
      '2',
    ];
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [COMMAND, 'load', ...args, '--dir', folder, '--json', '--report', report],
      { encoding: 'utf8', timeout: 60_000 },
    );
    const result = JSON.parse(stdout) as LoadResult;
    expect(result.errors, stderr).toEqual({});
    expect(status).toBe(0);
    expect(result.durable.bytes).toBe(result.durable.chunks * 64 * 1_024);
    expect(result.durable.recordings).toBeGreaterThan(4);
    expect(result.chunkLatencyMs.count).toBeGreaterThan(100);
    expect(result.erasableMs.count).toBeGreaterThan(4);
    expect(result.dock.rssMiB?.max).toBeGreaterThan(50);
    expect(result.dock.fsyncs).toBeGreaterThan(result.durable.recordings);
    expect(result.dock.eventLoopDelayMs).toBeGreaterThan(0);
    expect(result.dock.queues?.['stagingBytes']).toBeGreaterThan(64 * 1_024);
    expect(result.bays.each.map(({ camera }) => camera)).toEqual([0, 1, 2, 3]);
    expect(readFileSync(report, 'utf8')).toContain('4 simulated cameras');
    expect(readdirSync(folder)).toEqual(['report.html']);
    expect(stderr).toContain('MB/s');
  });

  // Goal: serial bays are loaded by the firmware's own upload over real ports. Method: two lines with some noise; how fast is for a benchmark.
  it.skipIf(process.platform !== 'linux')('fills serial bays, each at the rate of its line', () => {
    const args = ['--bays', '2', '--bit-error-rate', '1e-6', '--chunks-each', '8', '--seconds', '8'];
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [COMMAND, 'load', ...args, '--dir', folder, '--json'],
      { encoding: 'utf8', timeout: 60_000 },
    );
    const result = JSON.parse(stdout) as LoadResult;
    expect(result.errors, stderr).toEqual({});
    expect(status).toBe(0);
    expect(result.options).toMatchObject({ transport: 'serial', cameras: 2, baud: 921_600 });
    expect(result.durable.recordings).toBeGreaterThan(1);
    expect(result.line?.slowest).toBeGreaterThan(0.3);
    expect(result.line?.mean).toBeLessThan(1);
    expect(result.kept?.ledgerBytesPerGiB).toBeGreaterThan(0);
    expect(result.kept?.indexBytesPerGiB).toBeGreaterThan(0);
  });

  it('wants bays, or cameras at a rate', () => {
    const { status, stderr } = spawnSync(process.execPath, [COMMAND, 'load', '--bays', '2', '--rate', '5'], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining('leave --cameras, --rate and --profile away'),
    ]);
  });

  it.each([
    [['--cameras', '0'], /whole number from 1/],
    [['--window', '9'], /whole number from 1 to 8/],
    [['--seconds', '3', '--warm-up', '3'], /leaves nothing/],
  ])('refuses %s with a reason, before anything is started', (args, why) => {
    const { status, stderr } = spawnSync(process.execPath, [COMMAND, 'load', ...args], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toMatch(why);
  });

  // Goal: shifts come in by the profile's plan, cameras are torn out and go on, and all that came back is whole. Method: a small day, fast.
  it('plays a day of shifts with cameras that are torn out and come back', async () => {
    const target = await startOwnDock({ cameras: 6, dir: folder });
    targets.push(target);
    const day = { profile: 'precinct', payloadScale: 0.001, timeWarp: 5_000 } as const;
    const result = await runLoad({
      options: {
        ...OPTIONS,
        ...day,
        cameras: 6,
        chunkBytes: 64 * 1_024,
        durationSeconds: 18,
        warmUpSeconds: 0,
      },
      pace: { loop: 'day', ...day, cutShare: 0.5, returnShare: 1 },
      ...{ target, version: 'test', threads: 1 },
    });
    expect(result.errors).toEqual({});
    // 6.8 files a camera, to the file.
    expect(result.durable.recordings).toBe(41);
    expect(result.unfinished).toBe(0);
    // Some seconds after each end of a shift and nothing between; spread over the day, no second would be without a chunk. A machine that
    // is slow needs longer for each, so how many are left says nothing.
    expect(result.series.filter(({ chunks }) => chunks === 0).length).toBeGreaterThan(1);
  });

  // Goal: a dock that stands still shows in the latencies, as every chunk that was due meanwhile waited. Method: a real dock, stopped for
  // half a second in an open loop; of the time of each chunk counted from when it was sent, nothing of it may be missing from the other.
  it('shows a dock that stood still for half a second', async () => {
    const target = await startOwnDock({ cameras: OPTIONS.cameras, dir: folder });
    const stall = (point: SecondPoint): void => {
      if (point.second !== 5) return;
      target.dock.signal('SIGSTOP');
      setTimeout(() => target.dock.signal('SIGCONT'), 500);
    };
    targets.push(target);
    const result = await runLoad({
      ...{ options: OPTIONS, target, version: 'test', threads: 1, seen: stall },
      pace: { loop: 'steady', chunksEach: 32, chunksPerSecond: 100 },
    });
    expect(result.errors).toEqual({});
    // A twentieth of a thousand chunks waited, evenly up to half a second.
    expect(result.chunkLatencyMs.p99).toBeGreaterThan(300);
    expect(result.chunkLatencyMs.max).toBeGreaterThan(450);
    expect(result.chunkLatencyMs.p50).toBeLessThan(300);
    const still = result.series.filter(({ p99Ms }) => (p99Ms ?? 0) > 300).map(({ second }) => second);
    expect(still).toEqual(expect.arrayContaining([6]));
  });
});
