import { join } from 'node:path';
import type { Browser, Page, Request } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { writeFilm } from '../../sim/rig/film.ts';
import { chromiumPath, launch, watch } from './chromium.ts';
import { Installation, OFFICER, PASSWORD } from './installation.ts';
import { jumpTo, playedTo, videoNow } from './video.ts';

// Goal: a recording that is longer than a grant plays as one, with as many openings as it takes and no more.
// Method: real programs and a browser; grants of a minute; two and a half minutes of film.

const SECONDS = 150;
// Few, for it is the length that counts here and each frame has to be drawn and encoded.
const FPS = 2;
const STEP_MS_MAX = 20_000;
/** Longer than the page waits for a playhead that moves by itself. */
const HELD_MS = 500;
const INCIDENT = '26-118843';

describe.skipIf(chromiumPath === undefined)('a recording longer than a grant', () => {
  let installation: Installation;
  let browser: Browser;
  let page: Page;
  let recording: string;
  let complaints: string[];
  /** What was asked for at each opening, and what keys came: `[start, end]`. */
  let openings: unknown[];
  let keys: unknown[];
  /** How often the policy service wanted to see first that the ledger only grew. */
  let askedBack: number;

  beforeAll(async () => {
    installation = await Installation.open({ grantMinutes: 1 });
    browser = await launch();
    const film = join(installation.folder, 'film.mp4');
    await writeFilm(film, { seconds: SECONDS, fps: FPS, quantizer: 40 });
    recording = await installation.record({ film }, INCIDENT);
    await installation.fileReport(INCIDENT);
  });
  afterEach(() => page.context().close());
  afterAll(async () => {
    await browser?.close();
    await installation?.close();
  });

  const play = async (): Promise<void> => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    page = await context.newPage();
    ({ complaints } = watch(page, [installation.dockUrl, installation.policyUrl]));
    [openings, keys, askedBack] = [[], [], 0];
    page.on('request', (request) => noteOpening(request));
    page.on('response', async (response) => {
      if (!response.url().endsWith('/v1/keys')) return;
      if (response.status() === 409) askedBack += 1;
      if (response.status() !== 200) return;
      if (response.request().method() === 'POST')
        keys.push(((await response.json()) as { range: unknown }).range);
    });
    await page.goto(installation.dockUrl);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('input[name=person]').fill(OFFICER);
    await page.locator('input[name=password]').fill(PASSWORD);
    await page.locator('form button').click();
    await page.locator(`[data-recording="${recording}"][data-status=released]`).click();
    await page.getByRole('button', { name: 'Play' }).click();
    await playedTo(page, 0.2);
  };
  const noteOpening = (request: Request): void => {
    if (!request.url().endsWith('/open')) return;
    openings.push((request.postDataJSON() as { chunks?: unknown }).chunks);
  };
  const badge = (name: string) => page.locator(`[data-badge=${name}]`);

  // Goal: to the end, each part opened once and in time, and all of it checked. Method: sixteen times as fast.
  it('plays to its end, and asks for each part while the one before it plays', async () => {
    await play();
    await page.evaluate(`document.querySelector('video').playbackRate = 16`);
    await badge('verified').waitFor({ timeout: STEP_MS_MAX });
    await playedTo(page, SECONDS - 2);
    expect(openings).toEqual([undefined, [61, 151], [121, 151]]);
    expect(keys).toEqual([
      [0, 61],
      [61, 121],
      [121, 151],
    ]);
    // The page knows what it showed the service last.
    expect(askedBack).toBe(0);
    expect(await badge('verified').innerText()).toMatch(/all 151 chunks .*ledger entries \d+, \d+, \d+\./s);
    await page.getByRole('link', { name: 'Custody' }).click();
    await page.locator('.timeline').getByText('Opened by you').nth(2).waitFor();
    expect(await page.locator('.timeline').getByText('Opened by you').count()).toBe(3);
    expect(complaints).toEqual([]);
  });

  // Goal: a jump costs one opening, at the place where it ends; back into what is still open costs none.
  it('asks again where the person jumps to', async () => {
    await play();
    await jumpTo(page, 70, 100, 130);
    await playedTo(page, 130.5);
    expect(openings).toEqual([undefined, [131, 151]]);
    await jumpTo(page, 2);
    await playedTo(page, 2.5, 20);
    expect(openings).toHaveLength(2);
    await jumpTo(page, 80);
    await playedTo(page, 80.5, 100);
    expect(openings.slice(2)).toEqual([[81, 151]]);
    // The first part was played since, so its keys are still here; those of the part that was played before it are gone.
    await jumpTo(page, 20);
    await playedTo(page, 20.5, 28);
    expect(openings.slice(3)).toEqual([]);
    await jumpTo(page, 145);
    await playedTo(page, 145.5);
    expect(openings.slice(3)).toEqual([[146, 151]]);
    expect(complaints).toEqual([]);
  });

  // Goal: nothing is opened under a finger that still moves, however slowly. Method: the mouse holds the playhead for longer than any pause.
  it('asks for the place where the person lets go of the playhead', async () => {
    await play();
    const box = await page.getByLabel('Position in the film').boundingBox();
    if (box === null) throw new Error('the playhead is not there');
    const y = box.y + box.height / 2;
    const at = (share: number): number => box.x + box.width * share;
    await page.mouse.move(at(0.6), y);
    await page.mouse.down();
    await playedTo(page, 80, 100);
    await page.waitForTimeout(HELD_MS);
    await page.mouse.move(at(0.9), y, { steps: 5 });
    await playedTo(page, 125, 145);
    await page.waitForTimeout(HELD_MS);
    expect(openings).toEqual([undefined]);
    await page.mouse.up();
    await vi.waitFor(() => expect(openings).toHaveLength(2), STEP_MS_MAX);
    const [from] = openings[1] as readonly [number, number];
    expect(from).toBeGreaterThan(125);
    await playedTo(page, from + 0.5);
    expect(complaints).toEqual([]);
  });

  // Goal: what was released for the first part is not for the second one, and the person reads why.
  it('stops with the reason when the next part is refused', async () => {
    await play();
    await page.route(/\/open$/, (route) =>
      route.fulfill({
        status: 403,
        json: { error: { code: 'withheld', message: 'A court has sealed this recording.' }, missing: [] },
      }),
    );
    await jumpTo(page, 130);
    await badge('stopped').waitFor();
    expect(await page.getByRole('alert').innerText()).toMatch(/A court has sealed this recording/);
    expect(await videoNow(page)).toMatchObject({ paused: true, readyState: 0, src: '' });
  });

  // Goal: a dock gives other chunks than were asked for, its own idea of what the grant says, or another manifest than with the
  // first part: nothing of it is shown.
  it.each([
    ['range', () => [100, 151], /the grant is for other chunks/],
    [
      'manifest',
      (before: unknown) => String(before).replace(/^..../, 'AAAA'),
      /the grant is for another manifest/,
    ],
  ])('refuses a part whose %s was changed', async (name, change, words) => {
    await play();
    await page.route(/\/open$/, async (route) => {
      const response = await route.fetch();
      const body = (await response.json()) as Record<string, unknown>;
      await route.fulfill({ response, json: { ...body, [name]: change(body[name]) } });
    });
    await jumpTo(page, 130);
    await badge('stopped').waitFor();
    expect(await page.getByRole('alert').innerText()).toMatch(words);
  });

  /** From now on the dock says that the session of the first part is over. */
  const endFirstSession = async (): Promise<void> => {
    const request = page.waitForRequest(/\/chunks\//);
    await jumpTo(page, 35);
    const session = (await request).headers()['holdfast-session'];
    await page.route(/\/chunks\//, (route) =>
      route.request().headers()['holdfast-session'] === session
        ? route.fulfill({ status: 404, json: { error: { code: 'not-found', message: 'nothing' } } })
        : route.continue(),
    );
    await jumpTo(page, 58);
  };

  // Goal: an hour is over, the person watches on. Method: the page's clock is moved, and the dock knows the session no more.
  it('asks again when a session has ended by its age', async () => {
    await play();
    await page.evaluate(`performance.now = () => 3_600_000`);
    await endFirstSession();
    await playedTo(page, 58.5, 80);
    expect(openings.slice(1)).toEqual([[expect.any(Number), 151]]);
    expect(complaints).toEqual([]);
  });

  // Goal: a session that ends early has been ended: the page does not argue.
  it('stops when a session ends before its time', async () => {
    await play();
    await endFirstSession();
    await badge('stopped').waitFor();
    expect(await page.getByRole('alert').innerText()).toMatch(/the release or this session has ended/);
    await vi.waitFor(() => expect(openings).toHaveLength(1));
  });
});
