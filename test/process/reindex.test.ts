import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Depot, holdfast } from './depot.ts';

const depot = new Depot();
beforeAll(async () => {
  await depot.open();
  await depot.start();
});
afterAll(() => depot.close());

const reindex = (...more: readonly string[]) =>
  holdfast('dock', 'reindex', '--data', depot.data, '--keys', join(depot.data, 'keys'), ...more);

// Goal: an operator who has lost the index, or does not trust it, makes it from files and ledger, and the dock goes on as if nothing had
// been. Method: the built command beside a running dock, on a stopped one, and after the index was deleted.
it('makes the index of a stopped dock anew', async () => {
  const recordings = [await depot.take('cam-1'), await depot.take('cam-2')];
  const running = reindex();
  expect(running.status).toBe(1);
  expect(running.err).toContain('is a dock using it?');
  await depot.dock.stop();
  const same = JSON.parse(reindex('--check', '--json').out) as unknown;
  expect(same).toMatchObject({ event: 'reindexed', differences: [], unexplained: [], holdings: { held: 2 } });
  expect(reindex()).toMatchObject({
    status: 0,
    out: expect.stringContaining('the same, row by row') as unknown,
  });
  expect(existsSync(join(depot.data, 'index.db.old-1'))).toBe(true);
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(depot.data, `index.db${suffix}`), { force: true });
  expect(reindex()).toMatchObject({ status: 0, out: expect.stringContaining('2 held') as unknown });
  await depot.start('--scrub-mib-s', '0');
  const third = await depot.take('cam-3');
  await depot.dock.stop();
  expect(holdfast('dock', 'scrub', '--data', depot.data, '--json').out).toContain('"copies":3');
  for (const recording of [...recordings, third])
    expect(readFileSync(depot.chunks(recording)).length).toBeGreaterThan(0);
  expect(depot.verify()).toMatchObject({ ok: true });
});
