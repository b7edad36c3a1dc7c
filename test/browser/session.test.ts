import type { Browser, Page, Response } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launch } from './chromium.ts';
import { Installation, OFFICER, PASSWORD } from './installation.ts';
import { playedTo } from './video.ts';

const MINUTE_MS = 60_000;

// Goal: whoever reviews a long recording is neither signed out in the middle nor loses their place, and a moment without the dock does
// not end what is there to be shown. Method: real programs; the page's long timers are shortened, and its requests cut.
describe.skipIf(chromiumPath === undefined)('a page that stays open', () => {
  let installation: Installation;
  let browser: Browser;
  let page: Page;
  let recording: string;
  let renewal: Promise<Response>;
  const incident = '26-118850';

  beforeAll(async () => {
    installation = await Installation.open();
    browser = await launch();
    recording = await installation.record(8, incident);
    await installation.fileReport(incident);
  });
  afterEach(() => page.context().close());
  afterAll(async () => {
    await browser?.close();
    await installation?.close();
  });

  const typePassword = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('input[name=person]').fill(OFFICER);
    await page.locator('input[name=password]').fill(PASSWORD);
    await page.locator('form button').click();
    await page.getByRole('heading', { name: 'Recordings' }).waitFor();
  };
  const signIn = async (): Promise<void> => {
    page = await (await browser.newContext()).newPage();
    // The first timer of between eleven and thirteen minutes rings at once: when the page means to have its token renewed.
    await page.addInitScript((minuteMs) => {
      const { setTimeout: real } = globalThis;
      let isFirst = true;
      const shortened = (act: () => void, ms = 0): unknown => {
        const isRenewal = isFirst && ms > 11 * minuteMs && ms < 13 * minuteMs;
        if (isRenewal) isFirst = false;
        return real(act, isRenewal ? 1_500 : ms);
      };
      Object.assign(globalThis, { setTimeout: shortened });
    }, MINUTE_MS);
    renewal = page.waitForResponse((response) => response.url().endsWith('/v1/renew'));
    renewal.catch(() => undefined);
    await page.goto(installation.dockUrl);
    await typePassword();
  };
  const choose = () => page.locator(`[data-recording="${recording}"][data-status=released]`).click();

  it('stays signed in, with a token made anew', async () => {
    await signIn();
    const renewed = await renewal;
    expect(renewed.status()).toBe(200);
    const { token } = (await renewed.json()) as { readonly token: string };
    // The page has it by the time it has read the answer.
    await page.waitForFunction((kept) => sessionStorage.getItem('holdfast.token') === kept, token);
    const address = `${installation.dockUrl}/v1/recordings/${recording}/`;
    const asked = page.waitForRequest((request) => request.url().startsWith(address));
    await choose();
    expect((await asked).headers()['authorization']).toBe(`Bearer ${token}`);
  });

  it('is at the same recording after somebody had to sign in again', async () => {
    await signIn();
    await choose();
    await page.waitForFunction((id) => location.hash.includes(id), recording);
    await page.evaluate(() => sessionStorage.removeItem('holdfast.token'));
    await page.reload();
    await typePassword();
    expect(new URL(page.url()).hash).toBe(`#/recordings/${recording}`);
    await page.getByRole('heading', { name: `Incident ${incident}` }).waitFor();
  });

  it('says nothing of it to the next person after somebody has left', async () => {
    await signIn();
    await choose();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(new URL(page.url()).hash).toBe('');
  });

  it('plays on over a moment in which the dock cannot be reached', async () => {
    await signIn();
    let cut = 0;
    await page.route(/\/chunks\/5$/, async (route) => {
      cut += 1;
      if (cut <= 6) await route.abort('connectionrefused');
      else await route.continue();
    });
    await choose();
    await page.getByRole('button', { name: 'Play' }).click();
    await playedTo(page, 6);
    await page.locator('[data-badge=verified]').waitFor();
    expect(cut).toBeGreaterThan(6);
  });

  it('says so when the dock does not come back', async () => {
    await signIn();
    await page.route(/\/chunks\/5$/, (route) => route.abort('connectionrefused'));
    await choose();
    await page.getByRole('button', { name: 'Play' }).click();
    await page.locator('[data-badge=stopped]').waitFor();
    expect(await page.getByRole('alert').innerText()).toMatch(/cannot be reached/);
  });
});
