import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { baysOf, lineOf } from '../../../../../sim/fleet/measure/bays.ts';
import { keptBy, sizesOf, steadyOf } from '../../../../../sim/fleet/measure/kept.ts';
import type { SecondPoint } from '../../../../../sim/fleet/result.ts';

const GIB = 1_024 ** 3;
const folder = mkdtempSync(join(tmpdir(), 'holdfast-kept-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Goal: what a dock keeps beside footage is counted whole, and footage is not. Method: a folder laid out as a dock's.
it('weighs ledger and index, and no footage', () => {
  mkdirSync(join(folder, 'ledger/tiles/0'), { recursive: true });
  mkdirSync(join(folder, 'recordings/ab'), { recursive: true });
  writeFileSync(join(folder, 'ledger/checkpoint'), Buffer.alloc(100));
  writeFileSync(join(folder, 'ledger/tiles/0/000'), Buffer.alloc(900));
  writeFileSync(join(folder, 'index.db'), Buffer.alloc(4_096));
  writeFileSync(join(folder, 'index.db-wal'), Buffer.alloc(50));
  writeFileSync(join(folder, 'recordings/ab/chunks'), Buffer.alloc(9_999));
  expect(sizesOf(folder)).toEqual({ ledgerBytes: 1_000, indexBytes: 4_146 });
});

it('says what each GiB costs of what the run itself added', () => {
  const before = { ledgerBytes: 500, indexBytes: 4_096 };
  const after = { ledgerBytes: 2_500, indexBytes: 24_096 };
  expect(keptBy(before, after, 4 * GIB)).toEqual({
    ...after,
    ...{ gib: 4, ledgerBytesPerGiB: 500, indexBytesPerGiB: 5_000 },
  });
  expect(keptBy(before, after, 0)).toBeNull();
});

// Goal: growth shows, and the first minute, in which everything is made, does not hide it. Method: a dock that grows by 1 MiB a second.
it('holds the last minute against the second', () => {
  const series = Array.from({ length: 240 }, (_, second): SecondPoint => {
    const dock = {
      ...{ cpuPercent: 10, rssMiB: second < 60 ? 900 : 200 + second, fds: 80, fsyncs: null },
      ...{ eventLoopDelayMs: null, queues: null },
    };
    return {
      ...{ second, MBps: 1, chunks: 1, recordings: 0, p50Ms: 1, p99Ms: 1, maxMs: 1 },
      ...{ generatorCpuPercent: 1, dock },
    };
  });
  expect(steadyOf(series)).toEqual({
    rssMiB: { second: 290, last: 410, ratio: 1.414 },
    fds: { second: 80, last: 80, ratio: 1 },
  });
  expect(steadyOf(series.slice(0, 179))).toBeNull();
  expect(steadyOf(series.map((point) => ({ ...point, dock: null })))).toEqual({ rssMiB: null, fds: null });
});

it('says what share of its line each bay carried', () => {
  const count = (camera: number, bytes: number) =>
    [camera, { camera, bytes, recordings: 0, errors: 0, retransmits: 0, worstUs: 0 }] as const;
  const bays = baysOf(new Map([count(0, 921_600), count(1, 829_440)]), 2, 10);
  expect(lineOf(921_600, bays, 10)).toEqual({ baud: 921_600, slowest: 0.9, mean: 0.95 });
  expect(lineOf(null, bays, 10)).toBeNull();
});
