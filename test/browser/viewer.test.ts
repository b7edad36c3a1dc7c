import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launch, watch } from './chromium.ts';
import { Installation, OFFICER, PASSWORD, STRANGER } from './installation.ts';
import { jumpTo, picture, playedTo, videoNow } from './video.ts';

const CHANGE_MS_MAX = 2_000;

describe.skipIf(chromiumPath === undefined)('the page in a browser', () => {
  let installation: Installation;
  let browser: Browser;
  let recording: string;
  const contexts: BrowserContext[] = [];
  const incident = '26-118842';

  beforeAll(async () => {
    installation = await Installation.open();
    // A name that is not this machine's own: what comes from it over plain HTTP is no secure context.
    browser = await launch(['--host-resolver-rules=MAP dock.test 127.0.0.1']);
    recording = await installation.record(8, incident);
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
  });
  afterAll(async () => {
    await browser?.close();
    await installation?.close();
  });

  /** A fresh browser in which this person has signed in, by typing at the policy service's own form. */
  const signIn = async (person: string, options: Parameters<Browser['newContext']>[0] = {}) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    contexts.push(context);
    const page = await context.newPage();
    const watched = watch(page, [installation.dockUrl, installation.policyUrl]);
    await page.goto(installation.dockUrl);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('input[name=person]').fill(person);
    await page.locator('input[name=password]').fill(PASSWORD);
    await page.locator('form button').click();
    await page.getByRole('heading', { name: 'Recordings' }).waitFor();
    return { page, complaints: watched.complaints };
  };
  const row = (page: Page, status: 'held' | 'released') =>
    page.locator(`[data-recording="${recording}"][data-status="${status}"]`);
  const play = async (page: Page): Promise<void> => {
    await row(page, 'released').click();
    await page.getByRole('button', { name: 'Play' }).click();
  };
  // Goal: the officer learns what is missing, and the row changes by itself within 2 s of the report being filed.
  it('shows what a recording waits for, and its release as it happens', async () => {
    const { page, complaints } = await signIn(OFFICER);
    await row(page, 'held').waitFor();
    expect(await row(page, 'held').innerText()).toMatch(
      /Held: waiting for the initial report of Officer 4411 on 26-118842/,
    );
    await row(page, 'held').click();
    expect(await page.getByRole('button', { name: 'Play' }).count()).toBe(0);
    expect(new URL(page.url()).hash).not.toContain('token');
    await page.evaluate(() => Object.assign(globalThis, { stillHere: true }));
    await installation.fileReport(incident);
    await row(page, 'released').waitFor({ timeout: CHANGE_MS_MAX });
    expect(await page.evaluate(() => 'stillHere' in globalThis)).toBe(true);
    await page.getByRole('button', { name: 'Play' }).waitFor({ timeout: CHANGE_MS_MAX });
    expect(complaints).toEqual([]);
  });

  // Goal: released footage plays, moves, and is said to be verified only once every chunk was.
  it('plays a released recording and verifies every chunk', async () => {
    const { page, complaints } = await signIn(OFFICER);
    await play(page);
    await playedTo(page, 0.5);
    const first = await picture(page);
    await playedTo(page, 2.5);
    const later = await picture(page);
    expect(new Set(first).size).toBeGreaterThan(10);
    expect(later).not.toEqual(first);
    await page.locator('[data-badge=verified]').waitFor();
    expect(await page.locator('[data-badge]').innerText()).toMatch(
      /Verified: all \d+ chunks are what the camera signed/,
    );
    expect((await videoNow(page)).duration).toBeGreaterThan(6);
    await page.getByRole('link', { name: 'Custody' }).click();
    const timeline = page.locator('.timeline');
    for (const words of [
      'Taken into custody',
      'Released to you',
      'Opened by you',
      'Viewed by you',
      'erased its copy',
    ]) {
      await timeline.getByText(words).first().waitFor();
    }
    expect(complaints).toEqual([]);
  });

  // Goal: a person can jump about; what is shown is checked all the same.
  it('plays from where the person jumps to', async () => {
    const { page, complaints } = await signIn(OFFICER);
    await play(page);
    await playedTo(page, 0.2);
    await jumpTo(page, 5);
    await playedTo(page, 5.5);
    await jumpTo(page, 1);
    await playedTo(page, 1.3, 4);
    expect(complaints).toEqual([]);
  });

  // Goal: one flipped bit stops everything. Method: the wire changes chunk 2 behind the dock's back.
  it('stops at the first chunk that was tampered with', async () => {
    const { page } = await signIn(OFFICER);
    await page.route(/\/chunks\/2$/, async (route) => {
      const response = await route.fetch();
      const body = await response.body();
      body[100] = (body[100] ?? 0) ^ 1;
      await route.fulfill({ response, body });
    });
    await play(page);
    await page.locator('[data-badge=bad]').waitFor();
    expect(await page.getByRole('alert').innerText()).toMatch(/Chunk 2 is not what the camera signed/);
    expect(await videoNow(page)).toMatchObject({ paused: true, readyState: 0, src: '' });
  });

  // Goal: a dock that lies about its proofs is caught before any footage. Method: each part of the answer is changed.
  it.each([
    ['manifest', 'the signature'],
    ['entry', 'the ledger entry'],
    ['proof', 'the ledger proof'],
    ['session', 'the session'],
    ['grant', 'the grant'],
  ])('refuses an opening whose %s was changed', async (field) => {
    const { page } = await signIn(OFFICER);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.route(/\/open$/, async (route) => {
      const response = await route.fetch();
      const body = (await response.json()) as Record<string, string>;
      const text = body[field] ?? '';
      const at = Math.floor(text.length / 2);
      const other = text[at] === 'a' ? 'b' : 'a';
      await route.fulfill({
        response,
        json: { ...body, [field]: text.slice(0, at) + other + text.slice(at + 1) },
      });
    });
    await play(page);
    await page.locator('[data-badge=refused]').waitFor();
    expect(await page.getByRole('alert').innerText()).toMatch(/proof does not hold/);
    expect(asked.filter((url) => url.includes('/chunks/'))).toEqual([]);
  });

  // Goal: what leaves the dock is sealed, the keys go past it, and the page says so.
  it('gets sealed chunks from the dock and their keys from the policy service', async () => {
    const { page, complaints } = await signIn(OFFICER);
    const chunk = page.waitForResponse(/\/chunks\/0$/);
    // The first answer may be that a proof is needed.
    const given = `${installation.policyUrl}/v1/keys`;
    const keys = page.waitForResponse((one) => one.url() === given && one.status() === 200);
    await play(page);
    expect((await (await chunk).body()).includes('ftyp')).toBe(false);
    expect(await (await keys).json()).toMatchObject({ range: [0, expect.any(Number) as number] });
    await page.locator('[data-badge=verified]').waitFor();
    await page.getByText('The camera sealed it').waitFor();
    expect(complaints).toEqual([]);
  });

  // Goal: what changed since the grant counts, and the person reads why. Method: a court's seal between opening and keys.
  it('says why no keys came', async () => {
    const { page } = await signIn(OFFICER);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.route(/\/open$/, async (route) => {
      const response = await route.fetch();
      await installation.court('recording.sealed', recording);
      await route.fulfill({ response });
    });
    await play(page);
    await page.locator('[data-badge=refused]').waitFor();
    expect(await page.getByRole('alert').innerText()).toMatch(
      /The policy service did not give the keys: .*(seal|court)/i,
    );
    expect(asked.filter((url) => url.includes('/chunks/'))).toEqual([]);
    await installation.court('recording.unsealed', recording);
  });

  // Goal: a policy service that cannot be reached, and a dock whose ledger does not add up, are each named.
  it.each([
    ['keys', /\/v1\/keys$/, 'it cannot be reached'],
    ['growth', /\/v1\/ledger\/consistency/, 'the dock does not prove that its ledger only grew'],
  ])('says that it got no %s', async (_what, url, words) => {
    const { page } = await signIn(OFFICER);
    await row(page, 'released').waitFor();
    await page.route(url, (route) => route.abort());
    await play(page);
    await page.locator('[data-badge=refused]').waitFor();
    expect(await page.getByRole('alert').innerText()).toContain(words);
  });

  // Goal: a policy service that answers, and cannot give keys now, is not called unreachable.
  it('says what the policy service waits for', async () => {
    const { page } = await signIn(OFFICER);
    await row(page, 'released').waitFor();
    const error = { code: 'ledger-waiting', message: 'no keys yet: no witness has answered' };
    const headers = { 'access-control-allow-origin': '*' };
    await page.route(/\/v1\/keys$/, (route) => route.fulfill({ status: 503, headers, json: { error } }));
    await play(page);
    await page.locator('[data-badge=refused]').waitFor();
    expect(await page.getByRole('alert').innerText()).toContain('no witness has answered');
  });

  // Goal: what is missing is read once, although the service ends its reason with it too. Method: its answer as it words one.
  it('says once what is missing', async () => {
    const { page } = await signIn(OFFICER);
    await row(page, 'released').waitFor();
    const text = 'initial report of Officer 4411 on 24-118842, not yet filed';
    const error = { code: 'withheld', message: `No rule permits this. Waiting for: ${text}.` };
    const missing = [{ fact: 'report.filed', text }];
    await page.route(/\/open$/, (route) => route.fulfill({ status: 403, json: { error, missing } }));
    await play(page);
    await page.locator('[data-badge=refused]').waitFor();
    const said = await page.getByRole('alert').innerText();
    expect(said).toContain('No rule permits this.');
    expect(said).toContain(`Waiting for the ${text}.`);
    expect(said.split('not yet filed')).toHaveLength(2);
  });

  // Goal: keys for other chunks open nothing, and nothing is shown. Method: the answer's range is changed on the way.
  it('refuses keys that are not for these chunks', async () => {
    const { page } = await signIn(OFFICER);
    await page.route(/\/v1\/keys$/, async (route) => {
      const response = await route.fetch();
      if (response.status() !== 200) return route.fulfill({ response });
      const body = (await response.json()) as { range: [number, number] };
      return route.fulfill({ response, json: { ...body, range: [0, body.range[1] + 1] } });
    });
    await play(page);
    await page.locator('[data-badge=refused]').waitFor();
    expect(await page.getByRole('alert').innerText()).toContain('not for these chunks');
  });

  // Goal: an officer with no part in it sees an empty list.
  it('shows nothing to an officer who took no part', async () => {
    const { page, complaints } = await signIn(STRANGER);
    await page.getByText('No recording here concerns you yet.').waitFor();
    expect(await page.locator('[data-recording]').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  // Goal: it works by keyboard alone and on a phone.
  it('works by keyboard on a narrow screen', async () => {
    const { page, complaints } = await signIn(OFFICER, { viewport: { width: 360, height: 740 } });
    await row(page, 'released').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Play' }).focus();
    await page.keyboard.press('Enter');
    await playedTo(page, 0.5);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    await page.getByRole('button', { name: 'Recordings' }).click();
    await row(page, 'released').waitFor();
    expect(complaints).toEqual([]);
  });

  // Goal: where the browser withholds WebCrypto the person learns why, instead of a page that does nothing.
  it('says why it cannot work on an address that is not secure', async () => {
    const page = await browser.newPage();
    await page.goto(`http://dock.test:${new URL(installation.dockUrl).port}`);
    expect(await page.getByRole('alert').innerText()).toMatch(/not secure/);
    expect(await page.getByRole('button').count()).toBe(0);
    await page.close();
  });

  // Goal: a release that ends takes the footage off the screen within 2 s.
  it('stops what is playing when the release ends', async () => {
    const { page, complaints } = await signIn(OFFICER);
    await play(page);
    await playedTo(page, 0.5);
    await installation.withdrawReport(incident);
    await row(page, 'held').waitFor({ timeout: CHANGE_MS_MAX });
    await page.locator('[data-badge=stopped]').waitFor({ timeout: CHANGE_MS_MAX });
    expect((await videoNow(page)).readyState).toBe(0);
    expect(complaints).toEqual([]);
  });
});
