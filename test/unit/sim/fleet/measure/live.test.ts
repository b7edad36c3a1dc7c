import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { LiveView, sparks } from '../../../../../sim/fleet/measure/live.ts';
import type { SecondPoint } from '../../../../../sim/fleet/result.ts';

function point(second: number): SecondPoint {
  return {
    ...{ second, MBps: 88.25, chunks: 340, recordings: 2, p50Ms: 4.2, p99Ms: 31, maxMs: 40 },
    ...{ generatorCpuPercent: null, dock: null },
  };
}

function shown(isTTY: boolean, seconds: number): string {
  const out = new PassThrough();
  const stream = Object.assign(out, { isTTY }) as unknown as NodeJS.WriteStream;
  const view = new LiveView(stream);
  for (let second = 0; second < seconds; second += 1) view.show(point(second), 0);
  return String(out.read() ?? '');
}

it('writes a plain line every five seconds where there is no terminal', () => {
  const text = shown(false, 11);
  expect(text.trim().split('\n')).toHaveLength(2);
  expect(text).toContain('5 s  88.3 MB/s  340 chunks  2 recordings  0 errors');
  expect(text).toContain('dock unknown, unknown');
  expect(text).not.toContain('\u001b');
});

it('draws over itself on a terminal', () => {
  const text = shown(true, 2);
  expect(text).toContain('\u001b[1A');
  expect(text).toContain('p99 31 ms');
});

it('draws rates against the highest', () => {
  expect(sparks([0, 50, 100])).toBe('▁▅█');
  expect(sparks([0, 0])).toBe('▁▁');
});
