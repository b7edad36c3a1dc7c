import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { indexCosts } from '../../../../sim/bench/growth/index-cell.ts';
import { growthPage } from '../../../../sim/bench/growth/page.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-growth-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Goal: an index of the size that was asked for is measured, is drawn, and is gone after. How fast it is, is not judged here.
it('measures an index as it grows, and draws it', async () => {
  const rows = await indexCosts([50, 500], folder);
  expect(rows.map((costs) => costs.rows)).toEqual([50, 500]);
  for (const costs of rows) for (const value of Object.values(costs)) expect(value).toBeGreaterThan(0);
  // A sync costs more than a look.
  expect(rows[1]?.begin).toBeGreaterThan(rows[1]?.find ?? 0);
  expect(readdirSync(folder)).toEqual([]);
  const cameras = [10, 1_000].map((count) => ({
    ...{ cameras: count, cpuMs: 1, p50Ms: 2, p99Ms: 9, rssMiB: 150, errors: 0 },
  }));
  const page = growthPage(cameras, rows);
  expect(page).toContain('10 cameras');
  expect(page).toContain('50 recordings');
  for (const what of ['Processor time', 'Latency of a chunk', 'asks of its index'])
    expect(page).toContain(what);
  expect(page).not.toContain('NaN');
});
