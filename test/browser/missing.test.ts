import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launch, watch } from './chromium.ts';
import { Installation, OFFICER, PASSWORD, SERGEANT } from './installation.ts';

// Goal: who answers for the cameras sees on the page what is missing, or that nothing is, and reaches it by keyboard; an officer
// sees no such list. Method: the real page and dock, where nothing is missing; then the dock's answer with something in it.

describe.skipIf(chromiumPath === undefined)('missing footage on the page', () => {
  let installation: Installation;
  let browser: Browser;
  beforeAll(async () => {
    installation = await Installation.open();
    browser = await launch([]);
  });
  afterAll(async () => {
    await browser?.close();
    await installation?.close();
  });

  async function signIn(person: string): Promise<{ page: Page; complaints: readonly string[] }> {
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
    const { complaints } = watch(page, [installation.dockUrl, installation.policyUrl]);
    await page.goto(installation.dockUrl);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('input[name=person]').fill(person);
    await page.locator('input[name=password]').fill(PASSWORD);
    await page.locator('form button').click();
    await page.getByRole('heading', { name: 'Recordings' }).waitFor();
    return { page, complaints };
  }

  it('is listed for a sergeant', async () => {
    const { page, complaints } = await signIn(SERGEANT);
    const region = page.getByRole('region', { name: 'Missing footage' });
    await region.getByText('Nothing is missing.').waitFor();
    const text = 'Recording 2 of camera cam-1 never came, and a later one did.';
    const missing = [{ camera: 'cam-1', kind: 'gap', since: '2026-11-21T08:00:00.000000Z', text }];
    await page.route('**/v1/missing', (route) => route.fulfill({ json: { missing } }));
    await region.getByText(text).waitFor();
    expect(await region.getByText('Nothing is missing.').count()).toBe(0);
    expect(await region.getByRole('listitem').innerText()).toMatch(/Since .*2026/);
    const list = region.getByRole('list');
    for (let presses = 0; presses < 20; presses += 1) {
      await page.keyboard.press('Tab');
      if (await list.evaluate((one) => one === one.ownerDocument.activeElement)) break;
    }
    expect(await list.evaluate((one) => one === one.ownerDocument.activeElement)).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('is not there for an officer', async () => {
    const { page, complaints } = await signIn(OFFICER);
    expect(await page.getByRole('heading', { name: 'Missing footage' }).count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});
