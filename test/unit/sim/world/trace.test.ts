import { expect, test } from 'vitest';
import type { RecordingId } from '../../../../proto/ids.ts';
import { makeScene } from '../../../../sim/world/scene.ts';
import { Trace } from '../../../../sim/world/trace.ts';

// Goal: two runs with one hash were the same run. Method: the same lines, other lines, and lines cut elsewhere.

function hashOf(...lines: readonly string[]): string {
  const trace = new Trace();
  for (const line of lines) trace.line(line);
  return trace.hash;
}

test('the hash is of the lines, their order and their ends', () => {
  expect(hashOf('a', 'b')).toBe(hashOf('a', 'b'));
  expect(hashOf('a', 'b')).not.toBe(hashOf('b', 'a'));
  expect(hashOf('ab')).not.toBe(hashOf('a', 'b'));
});

test('it can be asked for in between', () => {
  const trace = new Trace();
  trace.line('a');
  const early = trace.hash;
  trace.line('b');
  expect([early, trace.hash, trace.lines]).toEqual([hashOf('a'), hashOf('a', 'b'), 2]);
});

test('what happens is in it with its time and its bytes, and is counted', () => {
  const lines: string[] = [];
  const scene = makeScene('seed', (line) => lines.push(line));
  const recordingId = 'ab'.repeat(16) as RecordingId;
  const captured = { what: 'captured', camera: 'cam-1', recordingId, index: 0, isFragmentEnd: true } as const;
  scene.clock.advance(2);
  scene.history.record({ ...captured, plain: Uint8Array.of(1, 2, 3) });
  scene.history.record({ ...captured, plain: Uint8Array.of(1, 2, 4) });
  scene.fault('bit-rot', 'dock-1', 'idle');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^2000 captured /);
  expect(lines[0]).not.toBe(lines[1]);
  expect(scene.coverage.total('bit-rot')).toBe(1);
  expect(scene.history.of('captured')).toHaveLength(2);
});
