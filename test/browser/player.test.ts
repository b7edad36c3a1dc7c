import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { chromiumPath, launch, watch } from './chromium.ts';
import { Installation, OFFICER, PASSWORD } from './installation.ts';
import { jumpTo, picture, playedTo, videoNow } from './video.ts';

// Goal: the player's own controls do what they say, by hand and by keyboard, and what lies over the picture stays there.
// Method: real programs and a browser; one recording of some seconds at ten frames a second, with a mark, of which some
// lie before the button was pressed.

const INCIDENT = '26-118844';
const RECORDED = ['--record', '7', '--pre-event', '2', '--mark-at', '3'];
// A deadline that only a hung page meets.
const LOOK_MS_MAX = 20_000;
/** Ways to get rid of the overlay. */
const HIDING = [
  `document.querySelector('.watermark').remove()`,
  `document.querySelector('.watermark').style.display = 'none'`,
  `document.querySelector('.over').style.opacity = 0`,
  `document.querySelector('.watermark span').textContent = ''`,
  `(() => { const sheet = new CSSStyleSheet(); sheet.replaceSync('.watermark { visibility: hidden }'); document.adoptedStyleSheets = [sheet]; })()`,
];

describe.skipIf(chromiumPath === undefined)('the player', () => {
  let installation: Installation;
  let browser: Browser;
  let recording: string;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    installation = await Installation.open();
    browser = await launch();
    recording = await installation.record({ options: RECORDED }, INCIDENT);
    await installation.fileReport(INCIDENT);
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    page = await context.newPage();
    ({ complaints } = watch(page, [installation.dockUrl, installation.policyUrl]));
    await page.goto(installation.dockUrl);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('input[name=person]').fill(OFFICER);
    await page.locator('input[name=password]').fill(PASSWORD);
    await page.locator('form button').click();
    await page.getByRole('heading', { name: 'Recordings' }).waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await installation?.close();
  });

  /** Opens the recording anew, at this address. */
  const open = async (query = ''): Promise<void> => {
    complaints.length = 0;
    await page.evaluate(`location.hash = '#/bays'`);
    await page.getByRole('heading', { name: 'Bays' }).waitFor();
    await page.evaluate(`location.hash = '#/recordings/${recording}${query}'`);
    await page.locator('form.open').getByRole('button', { name: 'Play' }).click();
  };
  const player = (): Locator => page.getByRole('region', { name: 'Player' });
  const button = (name: string): Locator => player().getByRole('button', { name, exact: true });
  const slider = (): Locator => player().getByRole('slider', { name: 'Position in the film' });
  const paused = async (): Promise<void> => {
    await playedTo(page, 0.6);
    await button('Pause').click();
    await button('Play').waitFor();
  };
  const property = (name: string): Promise<unknown> =>
    page.evaluate(`document.querySelector('video').${name}`);
  const at = async (seconds: number, within = 0.06): Promise<void> => {
    await vi.waitFor(
      async () => expect(Math.abs((await videoNow(page)).currentTime - seconds)).toBeLessThan(within),
      { timeout: LOOK_MS_MAX, interval: 30 },
    );
  };

  // Goal: every key does its work, and leaves buttons and fields theirs.
  it('obeys the keyboard', async () => {
    await open();
    await paused();
    const before = await picture(page);
    await page.keyboard.press('End');
    await at((await videoNow(page)).duration);
    await page.keyboard.press('Home');
    await at(0);
    await page.keyboard.press('ArrowRight');
    await at(5);
    await page.keyboard.press('j');
    await at(0);
    await page.keyboard.press('l');
    const ten = Math.min(10, (await videoNow(page)).duration);
    await at(ten);
    await page.keyboard.press('ArrowLeft');
    await at(ten - 5);
    await vi.waitFor(async () => expect(await picture(page)).not.toEqual(before));
    // The button has the focus: the space bar presses it once.
    await page.keyboard.press(' ');
    await button('Pause').waitFor();
    await page.keyboard.press('k');
    await button('Play').waitFor();
    // In a choice, and elsewhere in the page, keys are not the player's.
    await player().getByLabel('Speed').focus();
    const { currentTime } = await videoNow(page);
    await page.keyboard.press('j');
    await page.getByRole('link', { name: 'Bays' }).focus();
    await page.keyboard.press('j');
    expect((await videoNow(page)).currentTime).toBe(currentTime);
    expect(complaints).toEqual([]);
  });

  // Goal: somebody who does not see the strip learns where they are and what is where, and gets there.
  it('says where the picture is, and leads to what has a name', async () => {
    await open();
    await paused();
    await slider().fill('1');
    await at(1);
    expect(await slider().getAttribute('aria-valuetext')).toMatch(
      /^0:01 of 0:\d\d, Before the button was pressed$/,
    );
    await slider().fill('6');
    await at(6);
    expect(await slider().getAttribute('aria-valuetext')).toMatch(/^0:06 of 0:\d\d$/);
    const mark = player().getByRole('button', { name: /^Mark, at 0:0\d$/ });
    const markS = Number((await mark.getAttribute('aria-label'))?.at(-1));
    expect(markS).toBeGreaterThanOrEqual(3);
    await mark.focus();
    await page.keyboard.press('Enter');
    await at(markS + 0.5, 0.55);
    await player()
      .getByRole('button', { name: /0:00 to 0:0\d Before the button/ })
      .click();
    await at(0);
    expect(complaints).toEqual([]);
  });

  // Goal: one frame is one frame: a tenth of a second in this film, and another picture each.
  it('goes from frame to frame, and at another speed', async () => {
    await open();
    await playedTo(page, 1.5);
    await button('Pause').click();
    await jumpTo(page, 4.05);
    await at(4.05);
    const first = await picture(page);
    await page.keyboard.press('.');
    await at(4.15);
    await vi.waitFor(async () => expect(await picture(page)).not.toEqual(first));
    await button('One frame back').click();
    await at(4.05);
    await vi.waitFor(async () => expect(await picture(page)).toEqual(first));
    await player().getByLabel('Speed').selectOption('4');
    expect(await property('playbackRate')).toBe(4);
    await button('Play').click();
    await playedTo(page, 8);
    expect(complaints).toEqual([]);
  });

  // Goal: who watches stays on the picture, in full screen too; the picture stands still without it.
  it('pauses when what says who watches is gone', async () => {
    await open();
    await playedTo(page, 0.2);
    await button('Full screen').click();
    await button('Leave full screen').waitFor();
    const words = await page.locator('.watermark span').nth(4).innerText();
    expect(words).toMatch(/Officer Ada Reyes \(4411\)\n2\d{3}-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
    expect(words).toContain(`recording ${recording.slice(0, 8)}\nviewed under ledger entry`);
    const isInside = `document.fullscreenElement.contains(document.querySelector('.watermark'))`;
    expect(await page.evaluate(isInside)).toBe(true);
    for (const hide of HIDING) {
      await page.evaluate(hide);
      await player().getByText('taken off the picture').waitFor();
      expect(await property('paused'), hide).toBe(true);
      await page.evaluate(
        `document.adoptedStyleSheets = []; document.querySelector('.over').style.opacity = ''`,
      );
      await vi.waitFor(
        async () => {
          if ((await property('paused')) === true) await page.keyboard.press('k');
          await player().getByText('taken off the picture').waitFor({ state: 'detached', timeout: 300 });
        },
        { timeout: LOOK_MS_MAX },
      );
      await page.keyboard.press('Home');
    }
    await button('Leave full screen').click();
    expect(complaints).toEqual([]);
  });

  // Goal: a link to a moment leads to that moment, for whoever may see it.
  it('begins at the moment in the address, and gives its address', async () => {
    await open('?t=6');
    await playedTo(page, 6);
    await button('Pause').click();
    // This browser asks before it lets a page write to the clipboard, and nobody answers.
    await page.evaluate(`navigator.clipboard.writeText = () => Promise.reject(new Error('not now'))`);
    await button('Copy link to this moment').click();
    const link = await player().getByRole('textbox', { name: 'Link to this moment' }).inputValue();
    const { currentTime } = await videoNow(page);
    expect(link).toBe(`${installation.dockUrl}/#/recordings/${recording}?t=${currentTime.toFixed(1)}`);
    await page.evaluate(`location.hash = '#/recordings/${recording}?t=2'`);
    await at(2);
    expect(complaints).toEqual([]);
  });

  // Goal: of a film whose middle was changed nothing stays on the screen, whatever was shown before.
  it('clears the picture at the first bad chunk', async () => {
    let show = (): void => {};
    const shown = new Promise<void>((resolve) => {
      show = resolve;
    });
    await page.route(/\/chunks\//, async (route) => {
      const response = await route.fetch();
      const body = await response.body();
      // The last ones come while the first ones are on the screen.
      if (/[5-9]$/.test(route.request().url())) {
        await shown;
        body[100] = (body[100] ?? 0) ^ 1;
      }
      await route.fulfill({ response, body });
    });
    await open();
    await playedTo(page, 0.5);
    expect(new Set(await picture(page)).size).toBeGreaterThan(10);
    show();
    await page.locator('[data-badge=bad]').waitFor();
    expect(await page.getByRole('alert').innerText()).toMatch(/Chunk [5-9] is not what the camera signed/);
    expect(await videoNow(page)).toMatchObject({ paused: true, readyState: 0, src: '' });
    expect(new Set(await picture(page))).toEqual(new Set([0]));
    expect(await page.locator('video').isVisible()).toBe(false);
    expect(await page.locator('.watermark').count()).toBe(0);
    expect(await slider().count()).toBe(0);
    await page.unroute(/\/chunks\//);
  });

  // Goal: a full buffer costs a moment, not the film. Method: the browser says that it is full until something was forgotten.
  it('forgets what was watched when the browser has no more room', async () => {
    const full = `(() => {
      const append = SourceBuffer.prototype.appendBuffer;
      globalThis.refused = 0;
      let taken = 0;
      SourceBuffer.prototype.appendBuffer = function (bytes) {
        if ((taken += 1) > 4 && globalThis.refused < 3) {
          globalThis.refused += 1;
          throw new DOMException('full', 'QuotaExceededError');
        }
        append.call(this, bytes);
      };
    })()`;
    await page.evaluate(full);
    await open();
    await player().getByLabel('Speed').selectOption('4');
    await playedTo(page, 7);
    expect(await page.evaluate('globalThis.refused')).toBe(3);
    await page.locator('[data-badge=verified]').waitFor();
    expect(complaints).toEqual([]);
  });

  // Goal: looking at its custody stops the picture and closes nothing.
  it('waits while the person looks at its custody', async () => {
    await open();
    await playedTo(page, 0.5);
    await page.getByRole('link', { name: 'Custody' }).click();
    await vi.waitFor(async () => expect(await property('paused')).toBe(true));
    await page.getByRole('link', { name: 'Watch' }).click();
    await button('Play').click();
    await playedTo(page, 1.5);
    expect(await page.locator('[data-openings]').getAttribute('data-openings')).toBe('1');
    expect(complaints).toEqual([]);
  });
});
