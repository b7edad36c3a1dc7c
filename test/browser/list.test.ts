import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Listing } from '../../dock/viewer/page/answers.ts';
import { chromiumPath, launch, watch } from './chromium.ts';
import { Installation, OFFICER, PASSWORD, SERGEANT } from './installation.ts';

// Goal: everybody finds in the list what concerns them: narrowed, searched and ordered by an address that can be sent on, by keyboard
// alone, among a thousand, and as it changes. Method: the real page and dock with one recording; where more are wanted, the dock's answer
// with copies of that one.

const CHANGE_MS_MAX = 2_000;
const MANY = 1_000;
const incident = '26-118842';

describe.skipIf(chromiumPath === undefined)('the list of recordings', () => {
  let installation: Installation;
  let browser: Browser;
  let recording: string;
  const contexts: BrowserContext[] = [];

  beforeAll(async () => {
    installation = await Installation.open();
    browser = await launch([]);
    recording = await installation.record(2, incident);
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
  });
  afterAll(async () => {
    await browser?.close();
    await installation?.close();
  });

  const signIn = async (
    person: string,
    options: { readonly width?: number; readonly before?: (page: Page) => Promise<void> } = {},
  ) => {
    const viewport = { width: options.width ?? 1280, height: 900 };
    const context = await browser.newContext({ viewport });
    contexts.push(context);
    const page = await context.newPage();
    await options.before?.(page);
    const { complaints } = watch(page, [installation.dockUrl, installation.policyUrl]);
    await page.goto(installation.dockUrl);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('input[name=person]').fill(person);
    await page.locator('input[name=password]').fill(PASSWORD);
    await page.locator('form button').click();
    await page.getByRole('heading', { name: 'Recordings' }).waitFor();
    return { page, complaints };
  };
  const row = (page: Page, status: string) =>
    page.locator(`[data-recording="${recording}"][data-status="${status}"]`);
  const rows = (page: Page) => page.locator('[data-key]');
  const search = (page: Page) => page.getByRole('searchbox', { name: 'Search' });
  const chip = (page: Page, name: RegExp) => page.getByRole('checkbox', { name });
  const focused = (page: Page) =>
    page.evaluate(() => document.activeElement?.closest('[data-key]')?.getAttribute('data-key') ?? '');
  const query = (page: Page): string => new URL(page.url()).hash.split('?')[1] ?? '';

  /** Adds copies of the one recording, a minute older each, with every third released and every fifth of another officer. */
  const manyRows = async (page: Page): Promise<void> => {
    await page.route(/\/v1\/recordings$/, async (route) => {
      const response = await route.fetch();
      if (response.status() !== 200) return route.fulfill({ response });
      const listing = (await response.json()) as Listing;
      const [first] = listing.recordings;
      if (first === undefined) return route.fulfill({ response });
      const copies = Array.from({ length: MANY }, (_, index) => ({
        ...first,
        id: `c${String(index).padStart(31, '0')}`,
        incident: `27-${1_000 + index}`,
        officer: index % 5 === 0 ? '5120' : OFFICER,
        startedAt: new Date(Date.parse('2026-01-02T00:00:00Z') - index * 60_000).toISOString(),
        ...(index % 3 === 0 ? ({ status: 'released', missing: [] } as const) : {}),
      }));
      await route.fulfill({ response, json: { ...listing, recordings: [...listing.recordings, ...copies] } });
    });
  };
  const copy = (index: number): string => `c${String(index).padStart(31, '0')}`;

  it('is narrowed, searched and ordered, and an address says how', async () => {
    const { page, complaints } = await signIn(OFFICER, { before: manyRows });
    await row(page, 'held').waitFor();
    const mine = page.getByRole('radio', { name: /My recordings 801/ });
    expect(await mine.isChecked()).toBe(true);
    await page.getByRole('radio', { name: /All I may know of 1,001/ }).check();
    await page.keyboard.press('/');
    await page.keyboard.type('5120 27-19');
    await page.getByText('20 match').waitFor();
    await chip(page, /^Released/).check();
    await page.getByText('7 of 20 match').waitFor();
    await page.getByLabel('Order').selectOption('oldest');
    expect(query(page)).toBe('scope=all&q=5120+27-19&status=released&sort=oldest');
    const found = await rows(page).evaluateAll((all) => all.map((one) => one.getAttribute('data-key')));
    expect(found).toEqual([990, 975, 960, 945, 930, 915, 900].map(copy));
    // Somebody to whom the address was sent.
    await page.reload();
    await page.getByText('7 of 20 match').waitFor();
    expect(await rows(page).evaluateAll((all) => all.map((one) => one.getAttribute('data-key')))).toEqual(
      found,
    );
    expect(await search(page).inputValue()).toBe('5120 27-19');
    expect(await chip(page, /^Released/).isChecked()).toBe(true);
    await search(page).fill('nobody has this');
    await page.getByText('Nothing matches.').waitFor();
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await page.getByText('200 of 1,001 are shown.').waitFor();
    expect(query(page)).toBe('scope=all&sort=oldest');
    expect(complaints).toEqual([]);
  });

  it('is walked through, opened and come back to by keyboard', async () => {
    const { page, complaints } = await signIn(OFFICER, { before: manyRows, width: 360 });
    await row(page, 'held').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('27-1/');
    expect(await search(page).inputValue()).toBe('27-1/');
    await page.keyboard.press('Escape');
    expect(await search(page).inputValue()).toBe('');
    await page.keyboard.press('ArrowDown');
    expect(await focused(page)).toBe(recording);
    await page.keyboard.press('ArrowDown');
    expect(await focused(page)).toBe(copy(1));
    await page.keyboard.press('PageDown');
    expect(await focused(page)).toBe(copy(13));
    await page.keyboard.press('ArrowUp');
    expect(await focused(page)).toBe(copy(12));
    // One stop for the Tab key.
    expect(await page.locator('[data-key][tabindex="0"]').count()).toBe(1);
    expect(await page.locator('[data-key][tabindex="0"]').getAttribute('data-key')).toBe(copy(12));
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowDown');
    expect(await rows(page).count()).toBe(400);
    const far = await focused(page);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Incident 27-' }).waitFor();
    expect(new URL(page.url()).hash).toBe(`#/recordings/${far}`);
    await page.getByRole('button', { name: 'Recordings' }).click();
    await expect.poll(() => focused(page)).toBe(far);
    await page.keyboard.press('Home');
    expect(await focused(page)).toBe(recording);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    expect(complaints).toEqual([]);
  });

  it('says what a row waits for and by which rules, and which one is released', async () => {
    const { page, complaints } = await signIn(OFFICER);
    await row(page, 'held').waitFor();
    const text = await row(page, 'held').innerText();
    expect(text).toMatch(/Held: waiting for the initial report of Officer 4411 on 26-118842, not yet filed/);
    expect(text).toMatch(/Rules: doj, version [0-9a-f]{12}/);
    expect(await row(page, 'held').locator('.row-rules').getAttribute('title')).toMatch(/^[0-9a-f]{64}$/);
    await row(page, 'held').focus();
    await installation.fileReport(incident);
    await row(page, 'released').waitFor({ timeout: CHANGE_MS_MAX });
    expect(await page.locator('[data-news]').innerText()).toMatch(
      /^Recording of 26-118842 by Officer 4411, .* is released now\.$/,
    );
    expect(await focused(page)).toBe(recording);
    await chip(page, /^Held 0/).waitFor();
    await row(page, 'released').click();
    await page.getByRole('button', { name: 'Play' }).click();
    // The ledger says so from the first byte on, and the list with it.
    await page.locator(`[data-recording="${recording}"][data-state="viewed"]`).waitFor();
    await chip(page, /^Viewed 1/).check();
    await page.reload();
    await page.locator(`[data-recording="${recording}"][data-state="viewed"]`).waitFor();
    expect(complaints).toEqual([]);
  });

  it('holds what is missing, on its way or refused, for those who may know', async () => {
    const id = 'd'.repeat(32);
    const { page, complaints } = await signIn(SERGEANT);
    await page.getByText('No recording here concerns you yet. Nothing is missing.').waitFor();
    const text = 'Recording 2 of camera cam-1 never came, and a later one did.';
    const missing = [{ camera: 'cam-1', kind: 'gap', since: '2026-11-21T08:00:00.000000Z', text }];
    const arriving = [{ camera: 'cam-2', recording: id, durableBytes: 250_000, totalBytes: 1_000_000 }];
    await page.route('**/v1/missing', (route) => route.fulfill({ json: { missing, arriving } }));
    await page.getByText(text).waitFor();
    await chip(page, /^Missing 1/).check();
    expect(await rows(page).innerText()).toMatch(/Since .*2026/);
    await chip(page, /^Missing 1/).uncheck();
    await chip(page, /^Partial 1/).check();
    expect(await rows(page).innerText()).toMatch(/On its way: 250 kB of 1.0 MB are here, 25 %/);
    await search(page).focus();
    await page.keyboard.press('ArrowDown');
    expect(await focused(page)).toBe(`partial/${id}`);
    expect(complaints).toEqual([]);
  });

  it('tells an officer of nothing that is missing', async () => {
    const { page, complaints } = await signIn(OFFICER);
    await row(page, 'released').waitFor();
    expect(await page.getByRole('checkbox').count()).toBe(3);
    expect(await chip(page, /Missing|Partial|Quarantined/).count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});
