import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { PASSWORD, SERGEANT } from '../demo/cast.ts';
import { shrink } from './view-palette.ts';
import { REVIEWER, type Shift } from './view-shift.ts';

const DESK = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 740 };
const SCHEMES = ['light', 'dark'] as const;
const OFFICER = '4411';
/** Where the picture is taken in the film, seconds. */
const MOMENT_S = 17.4;
// In a string, as no program outside the page knows the browser's types.
const TO_STAGE = `document.querySelector('.stage').scrollIntoView()`;
const LOOK_MS = 50;
const LOOKS_MAX = 2_000;
const MARGIN_PX = 24;
/** Of an upload, when the bays are worth a picture. */
const UPLOADED = 0.3;
const FILM_MS_MAX = 90_000;

/** Takes a picture of each main view, in light and in dark, as the people of the shift see it. Throws what does not come up within half a minute. */
export async function takePictures(browser: Browser, shift: Shift, folder: string): Promise<void> {
  mkdirSync(join(folder, 'screens'), { recursive: true });
  const officer = await signIn(browser, shift.dockUrl, OFFICER);
  const take = (page: Page, name: string): Promise<void> => pictures(page, join(folder, 'screens', name));
  const [watched = '', , , , , held = ''] = shift.recordings;
  await goTo(officer, `#/recordings/${watched}`);
  await officer.locator('form.open button[type=submit]').click();
  await officer.locator('[data-badge=verified]').waitFor({ timeout: FILM_MS_MAX });
  await goTo(officer, `#/recordings/${watched}?t=${MOMENT_S}`);
  await playedTo(officer, MOMENT_S);
  await officer.getByRole('region', { name: 'Player' }).getByRole('button', { name: 'Pause' }).click();
  await officer.evaluate(TO_STAGE);
  await officer.evaluate(`scrollBy(0, ${-MARGIN_PX})`);
  await take(officer, 'player');
  copyFileSync(join(folder, 'screens', 'player-light.png'), join(folder, 'viewer.png'));
  await officer.setViewportSize(PHONE);
  await officer.evaluate(TO_STAGE);
  await take(officer, 'player-phone');
  await officer.setViewportSize(DESK);
  await goTo(officer, `#/recordings/${watched}/custody`);
  await officer.getByRole('button', { name: 'Check all' }).click();
  await officer.locator('[data-custody=proved]').waitFor();
  await take(officer, 'custody');
  await goTo(officer, `#/recordings/${held}`);
  await officer.getByRole('heading', { name: 'What it waits for' }).waitFor();
  await take(officer, 'held');
  await goTo(officer, '#/recordings?scope=all');
  await officer.locator('.at-list').waitFor();
  await take(officer, 'list');
  await officer.setViewportSize(PHONE);
  await take(officer, 'list-phone');
  await officer.context().close();
  const reviewer = await signIn(browser, shift.dockUrl, REVIEWER.id);
  await goTo(reviewer, '#/oversight');
  await reviewer.locator('[data-incident]').first().waitFor();
  await take(reviewer, 'oversight');
  await reviewer.context().close();
  const sergeant = await signIn(browser, shift.dockUrl, SERGEANT);
  await goTo(sergeant, '#/bays');
  await shift.dockCameras();
  const upload = sergeant.locator('[data-bay][data-state=receiving] .bay-progress progress').first();
  await until(
    sergeant,
    async () =>
      Number(await upload.getAttribute('value')) > UPLOADED * Number(await upload.getAttribute('max')),
  );
  await sergeant.getByText('Interrupted').first().waitFor();
  await take(sergeant, 'bays');
}

async function signIn(browser: Browser, dockUrl: string, person: string): Promise<Page> {
  const page = await browser.newPage({ viewport: DESK, deviceScaleFactor: 1, reducedMotion: 'reduce' });
  await page.goto(dockUrl);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('input[name=person]').fill(person);
  await page.locator('input[name=password]').fill(PASSWORD);
  await page.locator('form button').click();
  await page.getByRole('heading', { name: 'Recordings' }).waitFor();
  return page;
}

async function goTo(page: Page, hash: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}; scrollTo(0, 0)`);
}

function playedTo(page: Page, seconds: number): Promise<void> {
  const now = (): Promise<number> => page.evaluate(`document.querySelector('video').currentTime`);
  return until(page, async () => (await now()) >= seconds);
}

async function until(page: Page, isSo: () => Promise<boolean>): Promise<void> {
  for (let looks = 0; !(await isSo()); looks += 1) {
    if (looks > LOOKS_MAX) throw new Error(`the page does not come so far: ${page.url()}`);
    await page.waitForTimeout(LOOK_MS);
  }
}

async function pictures(page: Page, path: string): Promise<void> {
  await page.mouse.move(0, 0);
  await page.evaluate('document.activeElement?.blur()');
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${path}-${colorScheme}.png` });
    await shrink(`${path}-${colorScheme}.png`);
  }
}
