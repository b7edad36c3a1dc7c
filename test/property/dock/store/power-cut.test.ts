import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoreWorld } from './world.ts';
import type { Op } from './world.ts';
import { runs } from '../../../runs.ts';

const job = fc.record({
  job: fc.oneof(
    { weight: 4, arbitrary: fc.constant('upload' as const) },
    { weight: 3, arbitrary: fc.constant('manifest' as const) },
    { weight: 2, arbitrary: fc.constant('hold' as const) },
    { weight: 1, arbitrary: fc.constant('quarantine' as const) },
  ),
  recording: fc.nat(3),
  chunks: fc.integer({ min: 1, max: 4 }),
});

const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ op: fc.constant('calm' as const), job }) },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('storm' as const),
      fuse: fc.nat(40),
      jobs: fc.array(job, { minLength: 1, maxLength: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('fill' as const), bytes: fc.nat(3_000) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('free' as const) }) },
);

const survives = (lie?: 'files' | 'names'): fc.IAsyncProperty<[string, Op[]]> =>
  fc.asyncProperty(fc.string(), fc.array(op, { maxLength: 15 }), (seed, ops) =>
    new StoreWorld(seed, lie).run(ops),
  );

describe('the store under power cuts and full disks', () => {
  // Goal: what resolved is there afterwards, byte for byte; what did not is either there whole or not claimed; no
  // index ever has two contents. Method: random callers side by side on a disk that forgets and tears what was
  // not synced, restarted again and again and compared with a model of what was promised.
  it('keeps every promise it made', async () => {
    await fc.assert(survives(), { numRuns: runs(150) });
  });

  // Goal: the test above can fail. Method: the same on a disk whose syncs are empty words, first for the content
  // of files, then for their names.
  it.each(['files', 'names'] as const)('would notice if %s were not synced', async (lie) => {
    const { failed } = await fc.check(survives(lie), { numRuns: 150, endOnFailure: true });
    expect(failed).toBe(true);
  });
});
