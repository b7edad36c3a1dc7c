import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ProcessSampler } from '../../../../../sim/fleet/measure/sampler.ts';

let proc = '';

beforeEach(() => {
  proc = mkdtempSync(join(tmpdir(), 'holdfast-proc-'));
  mkdirSync(join(proc, '7/fd'), { recursive: true });
});
afterEach(() => rmSync(proc, { recursive: true }));

function running(userTicks: number, systemTicks: number): void {
  const fields = `S 1 7 7 0 -1 4194560 100 0 0 0 ${userTicks} ${systemTicks} 0 0 20 0 11 0 100`;
  writeFileSync(join(proc, '7/stat'), `7 (a (strange) name) ${fields}\n`);
  writeFileSync(join(proc, '7/status'), 'Name:\tnode\nVmRSS:\t  204800 kB\nThreads:\t11\n');
  for (const fd of ['0', '1', '2']) writeFileSync(join(proc, '7/fd', fd), '');
}

// 60 ticks of user and 15 of system time, 10 ms each, in one second.
it('reads the share of a core, memory and descriptors', async () => {
  const sampler = new ProcessSampler(7, proc);
  running(100, 10);
  expect((await sampler.sample(1_000)).cpuPercent).toBeNull();
  running(160, 25);
  expect(await sampler.sample(2_000, { fsyncs: 12 })).toEqual({
    ...{ cpuPercent: 75, rssMiB: 200, fds: 3, fsyncs: 12, eventLoopDelayMs: null, queues: null },
  });
});

it('says unknown, and never zero, of a process that is gone', async () => {
  expect(await new ProcessSampler(8, proc).sample(1_000)).toEqual({
    ...{ cpuPercent: null, rssMiB: null, fds: null, fsyncs: null, eventLoopDelayMs: null, queues: null },
  });
});
