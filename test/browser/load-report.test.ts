import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportPage } from '../../sim/fleet/report/page.ts';
import { madeRun } from '../unit/sim/fleet/made-run.ts';
import { chromiumPath, launch, watch } from './chromium.ts';
import { inspect } from './inspection.ts';

const RUNS = {
  'of eight cameras': madeRun({
    cameras: 8,
    seconds: 60,
    stallAtSecond: 30,
    isDockSeen: true,
    options: { loop: 'open' },
  }),
  'of a thousand cameras, with errors, of a dock that is not seen': madeRun({
    ...{ cameras: 1_000, seconds: 600, isDockSeen: false, failure: 'SOME_LONG_CODE_OF_ERROR' },
    where: 'mqtts://a-very-long-name-of-a-docking-station.precinct-seven.police.example:8883/with/a/path',
  }),
};

describe.skipIf(chromiumPath === undefined)('the report of a load run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-report-'));
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  // By day and by night, from a phone to 4K, with everything unfolded: nobody is kept out, nothing is cut off, and nothing is asked for.
  it.each(Object.entries(RUNS))('%s can be read by everybody', async (_name, run) => {
    const path = join(folder, 'out.html');
    writeFileSync(path, reportPage(run));
    // What forbids scripts in the page would also forbid the inspection's own.
    const page = await browser.newPage({ bypassCSP: true });
    const { complaints } = watch(page, []);
    await page.goto(pathToFileURL(path).href);
    expect(await inspect(page)).toEqual({ severe: [], lesser: [] });
    for (const summary of await page.locator('summary').all()) await summary.click();
    expect(await inspect(page)).toEqual({ severe: [], lesser: [] });
    expect(complaints).toEqual([]);
    await page.close();
  });
});
