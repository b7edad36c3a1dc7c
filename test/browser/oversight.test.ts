import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launch, watch } from './chromium.ts';
import { Installation, OFFICER, PASSWORD, REVIEWER, SERGEANT, STRANGER } from './installation.ts';

// Goal: a reviewer sees their case, who was refused, which rules hold, and what another regime would have shown before the report;
// an officer without a case is not even shown the way there. Method: the real page, dock and policy service with one recording.

const incident = '26-118842';

describe.skipIf(chromiumPath === undefined)('oversight', () => {
  let installation: Installation;
  let browser: Browser;
  let recording: string;
  const contexts: BrowserContext[] = [];

  beforeAll(async () => {
    installation = await Installation.open();
    browser = await launch([]);
    recording = await installation.record(2, incident);
    const { records } = installation;
    await records.assert({ type: 'misconduct.alleged', incident });
    await records.assert({ type: 'case.assigned', case: 'ipr-26-7', incident, person: REVIEWER });
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
  });
  afterAll(async () => {
    await browser?.close();
    await installation?.close();
  });

  const signIn = async (person: string, hash = '#/oversight', width = 1280) => {
    const context = await browser.newContext({ viewport: { width, height: 900 } });
    contexts.push(context);
    const page = await context.newPage();
    const { complaints } = watch(page, [installation.dockUrl, installation.policyUrl]);
    await page.goto(`${installation.dockUrl}/${hash}`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('input[name=person]').fill(person);
    await page.locator('input[name=password]').fill(PASSWORD);
    await page.locator('form button').click();
    await page.getByRole('navigation', { name: 'Views' }).waitFor();
    return { page, complaints };
  };
  const way = (page: Page) => page.getByRole('link', { name: 'Oversight' });
  const windows = (page: Page) => page.locator('[data-compared] [data-windows]');

  it('shows a reviewer their case and what it waits for', async () => {
    const { page, complaints } = await signIn(REVIEWER);
    const mine = page.locator(`[data-incident="${incident}"]`);
    await mine.waitFor();
    const words = await mine.innerText();
    expect(words).toContain('case ipr-26-7');
    expect(words).toContain('Force not classified: it counts as the strictest');
    expect(words).toContain('Misconduct alleged');
    expect(words).toMatch(/4411: no report yet/);
    expect(words).toMatch(/Missing: initial report of Officer 4411 on 26-118842/);
    await page.getByText('doj for every agency without rules of its own').waitFor();
    await page.getByText('Nothing is missing at this dock.').waitFor();
    await mine.locator(`[data-linked="${recording}"] a`).click();
    await page.getByRole('link', { name: 'Custody' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('shows an attempt of somebody else as it is refused', async () => {
    const { page, complaints } = await signIn(REVIEWER);
    await page.getByText('Nobody was refused a recording that you may know of.').waitFor();
    const officer = await installation.site.signIn(installation, OFFICER);
    expect(await officer.open(recording, 'write_report')).toMatchObject({ status: 403 });
    const attempt = page.locator(`[data-denied="${recording}"]`);
    await attempt.waitFor();
    expect(await attempt.innerText()).toMatch(/the recording officer.*to write a report/s);
    expect(complaints).toEqual([]);
  });

  // Goal: a comparison is made by keyboard, names the window before the report, and its address can be sent to somebody else.
  it('names a pre-review window between two regimes', async () => {
    const { page, complaints } = await signIn(REVIEWER);
    await page.locator(`[data-incident="${incident}"]`).waitFor();
    expect(await page.getByRole('combobox', { name: 'Incident' }).inputValue()).toBe(incident);
    await page.getByRole('combobox', { name: 'Regime A' }).selectOption('doj');
    await page.getByRole('combobox', { name: 'Regime B' }).selectOption('ppa');
    await page.getByRole('button', { name: 'Compare' }).focus();
    await page.keyboard.press('Enter');
    await windows(page).waitFor();
    expect(await windows(page).innerText()).toMatch(
      /Under ppa, 4411 \(made it\) could have viewed recording .* from .* on: before the report that doj waits for/,
    );
    expect(await page.locator('.bars-bar').count()).toBeGreaterThan(0);
    expect(await page.locator('.compared table').innerText()).toMatch(/Under doj.*Under ppa.*4411.*never/s);
    const { hash } = new URL(page.url());
    expect(hash).toBe(`#/oversight?incident=${incident}&a=doj&b=ppa`);
    const phone = await signIn(REVIEWER, hash, 360);
    await windows(phone.page).waitFor();
    expect(await phone.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    expect([...complaints, ...phone.complaints]).toEqual([]);
  });

  it('compares nothing for somebody who has no case', async () => {
    const { page, complaints } = await signIn(SERGEANT, `#/oversight?incident=${incident}&a=doj&b=ppa`);
    await way(page).waitFor();
    await page.getByText('No case is assigned to you.').waitFor();
    await page.getByText('you have no case on such an incident').waitFor();
    expect(await windows(page).count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('is not shown to an officer, but to one who has a case', async () => {
    const answered = (page: Page) => page.waitForResponse(/\/v1\/oversight$/);
    const officer = await signIn(STRANGER, '');
    await officer.page.getByRole('heading', { name: 'Recordings' }).waitFor();
    const told = answered(officer.page);
    await officer.page.reload();
    await told;
    expect(await way(officer.page).count()).toBe(0);
    const elsewhere = { case: 'c-2', incident: '26-7', person: STRANGER };
    await installation.records.assert({ type: 'case.assigned', ...elsewhere });
    await officer.page.reload();
    await way(officer.page).click();
    await officer.page.locator('[data-incident="26-7"]').waitFor();
    await officer.page.getByText('Your office is not told of others’ attempts.').waitFor();
    expect(officer.complaints).toEqual([]);
  });
});
