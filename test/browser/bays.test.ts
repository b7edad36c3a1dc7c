import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeFilm } from '../../sim/rig/film.ts';
import type { Program } from '../../sim/rig/program.ts';
import { openPtyPair, type PtyPair } from '../../sim/rig/pty.ts';
import { chromiumPath, launch, watch } from './chromium.ts';
import { Installation, OFFICER, PASSWORD, SERGEANT } from './installation.ts';

// Three seconds of silence end a session; a display says after five that it is no longer fed. A busy machine takes longer to say so.
const FAULT_MS_MAX = 20_000;
const STALE_MS_MAX = 20_000;

describe.skipIf(chromiumPath === undefined)('the bays in a browser', () => {
  let cable: PtyPair;
  let installation: Installation;
  let browser: Browser;
  let film: string;
  const cameras: Program[] = [];

  beforeAll(async () => {
    cable = await openPtyPair({ uart: { baud: 3_000_000, latencyMs: 2, seed: 'bays' } });
    installation = await Installation.open({ serial: [cable.dockPath] });
    browser = await launch();
    film = join(installation.folder, 'film.mp4');
    await writeFilm(film, { seconds: 2, quantizer: 10, grain: 40 });
  });
  afterAll(async () => {
    await browser?.close();
    for (const camera of cameras) await camera.kill();
    await installation?.close();
    await cable?.close();
  });

  const startCamera = (source: readonly string[]): Program => {
    const args = ['--officer', OFFICER, '--incident', '26-7', '--battery', '64', '--once', ...source];
    const camera = installation.site.startCamera('cam-1', ['--serial', cable.cameraPath], { args });
    cameras.push(camera);
    return camera;
  };
  const openBays = async (): Promise<{ page: Page; asked: string[]; complaints: string[] }> => {
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
    const { complaints } = watch(page, [installation.dockUrl, installation.policyUrl]);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(`${installation.dockUrl}/#/bays`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('input[name=person]').fill(SERGEANT);
    await page.locator('input[name=password]').fill(PASSWORD);
    await page.locator('form button').click();
    await page.getByRole('heading', { name: 'Bays' }).waitFor();
    return { page, asked, complaints };
  };

  // Goal: a display tells a bay's whole story by itself: empty, uploading, a fault while the camera is gone, the receipt, and in the
  // end that it is no longer live. Method: a real camera on a serial line, killed in the middle; every request is counted.
  it('shows a bay as it changes, without asking twice', async () => {
    const { page, asked, complaints } = await openBays();
    const card = page.locator(`[data-bay="bay ${cable.dockPath}"]`);
    await card.getByText('Empty').waitFor();
    await page.evaluate(() => Object.assign(globalThis, { stillHere: true }));

    const first = startCamera(['--media', film]);
    await card.getByText('Uploading').waitFor();
    for (const words of ['cam-1', 'Officer 4411', '64 %', '1 recording', 'Mbit/s', 'Here by'])
      await card.getByText(words).first().waitFor();
    await first.kill();
    await card.getByText('Interrupted').waitFor({ timeout: FAULT_MS_MAX });
    await card.getByText('The camera left before everything was here.').waitFor();
    expect(await page.getByRole('status').innerText()).toContain('Interrupted');

    startCamera([]);
    await card.getByText('Uploading').waitFor();
    await card.getByText(/Taken into custody at/).waitFor();
    expect(await card.getByText('Interrupted').count()).toBe(0);
    expect(asked.filter((path) => path.startsWith('/v1/bays'))).toEqual(['/v1/bays/updates']);
    expect(await page.evaluate(() => 'stillHere' in globalThis)).toBe(true);
    expect(complaints).toEqual([]);

    await installation.stopDock();
    await page.getByRole('alert').getByText('Not live').waitFor({ timeout: STALE_MS_MAX });
    expect(await page.getByRole('alert').filter({ hasText: 'Not live' }).innerText()).toMatch(
      /heard last at \d/,
    );
  });
});
