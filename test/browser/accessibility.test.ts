import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Listing, Row } from '../../dock/viewer/page/answers.ts';
import type { ShownBay } from '../../dock/viewer/schema/bays.ts';
import { chromiumPath, launch } from './chromium.ts';
import { focusOf, inspect } from './inspection.ts';
import { Installation, OFFICER, PASSWORD, REVIEWER, SERGEANT } from './installation.ts';
import { playedTo } from './video.ts';

// Goal: nobody is kept out of any view: by colours, by room, by the size of words, by having no mouse. Method: real programs and a browser;
// each view once, looked at in both colour schemes and from a phone to 4K by axe-core and by measuring; answers of the dock are changed where a state is rare.

/** In the pages of the APIs a heading that folds holds a link and a copy button. That is how swagger-ui builds it; each works by keyboard. */
const SWAGGERS_OWN = 'nested-interactive';
const PRESSES_MAX = 60;
const INCIDENT = '26-118842';
const NOW = '2026-11-21T08:00:00.000000Z';
const RARE = {
  missing: [
    {
      camera: 'cam-1',
      kind: 'gap',
      since: NOW,
      text: 'Recording 2 of camera cam-1 never came, and a later one did.',
    },
  ],
  arriving: [
    {
      camera: 'cam-2',
      recording: 'd'.repeat(32),
      officer: '4412',
      durableBytes: 250_000,
      totalBytes: 1_000_000,
    },
  ],
};
const ROW: Row = {
  ...{ id: '', camera: 'cam-1', transport: 'mqtt', officer: OFFICER, incident: INCIDENT, regime: 'doj' },
  ...{ startedAt: NOW, endedAt: NOW, receivedAt: NOW, bytes: 84_000_000, chunks: 412, durationMs: 412_000 },
  ...{
    purpose: 'oversight',
    policySet: 'a'.repeat(64),
    status: 'released',
    reason: '',
    missing: [],
    viewed: false,
  },
};
const HELD = { text: 'initial report of Officer 4411 on 26-118842, not yet filed', fact: 'report.filed' };
const LISTING: Listing = {
  recordings: [
    {
      ...ROW,
      id: '1'.repeat(32),
      status: 'held',
      reason: 'Nobody views it before the report.',
      missing: [HELD],
    },
    { ...ROW, id: '2'.repeat(32), camera: 'a-camera-with-a-rather-long-name-of-its-own', incident: '' },
    { ...ROW, id: '3'.repeat(32), viewed: true },
  ],
  quarantined: [
    {
      id: 'e'.repeat(32),
      camera: 'cam-3',
      transport: 'mqtt',
      reason: 'the signature of the manifest does not hold',
      receivedAt: NOW,
      bytes: 1_000,
    },
  ],
  purposes: ['oversight'],
};
const BAYS: readonly ShownBay[] = [
  { name: 'bay /dev/ttyUSB0', transport: 'serial', state: 'empty', since: NOW },
  {
    ...{
      name: 'bay /dev/ttyUSB1',
      transport: 'serial',
      state: 'receiving',
      since: NOW,
      camera: 'cam-1',
      officer: '4411',
    },
    ...{ durableBytes: 614_400, totalBytes: 1_843_200, batteryPercent: 71, bitsPerSecond: 2_100_000 },
    ...{ secondsLeft: 5, queue: { recordings: 3, bytes: 5_529_600 }, queueSecondsLeft: 16 },
  },
  {
    ...{
      name: 'bay /dev/ttyUSB2',
      transport: 'serial',
      state: 'away',
      since: NOW,
      camera: 'cam-2',
      batteryPercent: 12,
    },
    fault: {
      code: 'interrupted',
      at: NOW,
      camera: 'cam-2',
      text: 'The camera left before everything was here.',
    },
  },
  {
    ...{
      name: 'cam-3',
      transport: 'mqtt',
      state: 'idle',
      since: NOW,
      camera: 'cam-3',
      officer: '4413',
      batteryPercent: 93,
    },
    lastReceipt: { camera: 'cam-3', outcome: 'accepted', at: NOW },
  },
];

const stream = (bays: readonly ShownBay[]) => ({
  contentType: 'text/event-stream',
  body: `event: bays\ndata: ${JSON.stringify({ bays })}\n\n`,
});

describe.skipIf(chromiumPath === undefined)('every view', () => {
  let installation: Installation;
  let browser: Browser;
  let recording: string;
  let page: Page;
  const less: string[] = [];

  beforeAll(async () => {
    installation = await Installation.open();
    browser = await launch(['--host-resolver-rules=MAP dock.test 127.0.0.1']);
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const options = ['--record', '5', '--pre-event', '1', '--mark-at', '2'];
    recording = await installation.record({ options }, INCIDENT);
  });
  afterAll(async () => {
    process.stdout.write(
      `axe-core: ${less.length} findings less than serious${less.map((one) => `\n  ${one}`).join('')}\n`,
    );
    await browser?.close();
    await installation?.close();
  });

  const check = async (isOurs = true): Promise<void> => {
    const { severe, lesser } = await inspect(page, isOurs);
    less.push(...lesser);
    const ofOurs = severe.filter((one) => isOurs || !one.includes(SWAGGERS_OWN));
    expect.soft(ofOurs).toEqual([]);
  };
  const typeAndEnter = async (person: string, password = PASSWORD): Promise<void> => {
    await page.locator('input[name=person]').fill(person);
    await page.locator('input[name=password]').fill(password);
    await page.locator('form button').click();
  };
  const signIn = async (person: string): Promise<void> => {
    await page.context().close();
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(installation.dockUrl);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await typeAndEnter(person);
    await page.getByRole('heading', { name: 'Recordings' }).waitFor();
  };
  const goTo = (hash: string): Promise<void> => page.evaluate((to) => void (location.hash = to), hash);
  const badge = (name: string): Locator => page.locator(`[data-badge=${name}]`);
  const heading = (name: string): Promise<void> => page.getByRole('heading', { name }).waitFor();

  const focused = async (): Promise<string> => (await focusOf(page)).name;
  const seesFocus = async (name: string): Promise<void> => {
    await expect.poll(focused).toContain(name);
    expect(await focusOf(page)).toMatchObject({ isVisible: true });
  };
  /** Presses the key until something of this name has the focus; everything on the way has to show that it has it. */
  const tabTo = async (name: string, key = 'Tab'): Promise<void> => {
    for (let presses = 0; presses < PRESSES_MAX; presses += 1) {
      await page.keyboard.press(key);
      const now = await focusOf(page);
      // Past the last one a browser goes round by way of the page itself.
      if (now.name !== '') expect(now).toMatchObject({ isVisible: true });
      if (now.name.includes(name)) return;
    }
    throw new Error(`nothing is called ${name} on the way of the Tab key`);
  };

  it('door, with and without a notice', async () => {
    await page.goto(installation.dockUrl);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await check();
    await page.goto(`http://dock.test:${new URL(installation.dockUrl).port}`);
    await page.getByRole('alert').waitFor();
    await check();
  });

  it('sign-in at the policy service, and its refusal', async () => {
    await page.goto(installation.dockUrl);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await heading('Sign in');
    await check();
    await typeAndEnter(OFFICER, 'not this one');
    await page.getByRole('alert').waitFor();
    await check();
  });

  it('list: nothing, everything, and what a filter leaves', async () => {
    await signIn(SERGEANT);
    await page.getByText('No recording here concerns you yet.').waitFor();
    await check();
    await page.route(/\/v1\/missing$/, (route) => route.fulfill({ json: RARE }));
    await page.route(/\/v1\/recordings$/, (route) => route.fulfill({ json: LISTING }));
    await page.reload();
    for (const state of ['held', 'released', 'viewed', 'partial', 'missing', 'quarantined'])
      await page.locator(`[data-key][data-state=${state}]`).waitFor();
    await check();
    await page.getByRole('checkbox', { name: /^Missing/ }).check();
    await page.getByRole('searchbox').fill('nobody');
    await page.getByText('Nothing is missing.').or(page.getByText('Nothing matches.')).waitFor();
    await check();
  });

  // Goal: where the system's own colours replace these, what is chosen still differs from what is not.
  it('list in forced colours', async () => {
    await page.emulateMedia({ forcedColors: 'active' });
    const colourOf = (name: RegExp): Promise<string> =>
      page
        .getByRole('checkbox', { name })
        .evaluate((box) => getComputedStyle(box.nextElementSibling ?? box).backgroundColor);
    expect(await colourOf(/^Missing/)).not.toBe(await colourOf(/^Held/));
    await page.emulateMedia({ forcedColors: null });
  });

  it('bays: none, and each with a story of its own', async () => {
    await page.unrouteAll();
    await page.route(/\/v1\/bays\/updates$/, (route) => route.fulfill(stream([])));
    await page.goto(`${installation.dockUrl}/#/bays`);
    await page.reload();
    await page.getByText('This dock has no serial bays').waitFor();
    await check();
    await page.unrouteAll();
    await page.route(/\/v1\/bays\/updates$/, (route) => route.fulfill(stream(BAYS)));
    await page.getByText('Uploading').waitFor();
    await check();
  });

  it('a recording that is held, and its custody', async () => {
    await signIn(OFFICER);
    await goTo(`#/recordings/${recording}`);
    await heading('What it waits for');
    await check();
    await goTo(`#/recordings/${recording}/custody`);
    await page.getByText('Taken into custody').first().waitFor();
    await check();
  });

  it('a recording that is released, plays, stops, and is refused', async () => {
    await installation.fileReport(INCIDENT);
    await goTo(`#/recordings/${recording}`);
    const play = page.locator('form.open').getByRole('button', { name: /^Play/ });
    await play.waitFor();
    await check();
    await play.click();
    await playedTo(page, 1);
    await badge('verified').waitFor();
    await page.getByRole('region', { name: 'Player' }).getByRole('button', { name: 'Pause' }).click();
    await check();
    await page.route(/\/chunks\/2$/, async (route) => {
      const response = await route.fetch();
      const body = await response.body();
      body[100] = (body[100] ?? 0) ^ 1;
      await route.fulfill({ response, body });
    });
    await play.click();
    await badge('bad').waitFor();
    await check();
    await page.route(/\/open$/, (route) =>
      route.fulfill({
        status: 403,
        json: { error: { code: 'withheld', message: 'A court has sealed it.' }, missing: [] },
      }),
    );
    await play.click();
    await badge('refused').waitFor();
    await check();
  });

  it('custody with its proofs', async () => {
    await page.unrouteAll();
    await goTo(`#/recordings/${recording}/custody`);
    await page.getByRole('button', { name: 'Check all' }).click();
    await page.locator('[data-custody=proved]').waitFor();
    await page.getByText('Check it yourself').click();
    await page.locator('.self-check code').first().waitFor();
    await check();
  });

  it('oversight of a case', async () => {
    const { records } = installation;
    await records.assert({ type: 'misconduct.alleged', incident: INCIDENT });
    await records.assert({ type: 'case.assigned', case: 'ipr-26-7', incident: INCIDENT, person: REVIEWER });
    await signIn(REVIEWER);
    await goTo('#/oversight');
    await page.locator(`[data-incident="${INCIDENT}"]`).waitFor();
    await check();
  });

  it('the pages of both APIs', async () => {
    for (const url of [installation.dockUrl, installation.policyUrl]) {
      await page.goto(`${url}/docs/`);
      await page.locator('.opblock').first().waitFor();
      await check(false);
    }
  });

  // Goal: everything is done without a mouse, and whoever does it always sees where they are. Method: keys alone, as a person presses them.
  it('is walked by keyboard from the door and back to it', async () => {
    await page.context().close();
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(installation.dockUrl);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await tabTo('Sign in');
    await page.keyboard.press('Enter');
    await heading('Sign in');
    // A person sees where they type; on a busy machine the field is ready a moment after its heading.
    await page.locator('input:focus').waitFor();
    await page.keyboard.type(OFFICER);
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await heading('Recordings');
    await page.locator(`[data-recording="${recording}"]`).waitFor();
    await tabTo(INCIDENT);
    await page.keyboard.press('Enter');
    await heading(`Incident ${INCIDENT}`);
    await seesFocus(INCIDENT);
    await tabTo('Play');
    await page.keyboard.press('Enter');
    await playedTo(page, 0.3);
    await tabTo('Pause');
    await page.keyboard.press('Enter');
    await page
      .getByRole('region', { name: 'Player' })
      .getByRole('button', { name: 'Play', exact: true })
      .waitFor();
    await seesFocus('Play');
    await page.keyboard.press('Shift+Tab');
    while (!(await focused()).includes('Position in the film')) await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Home');
    await playedTo(page, -1, 0.1);
    await page.keyboard.press('ArrowRight');
    await playedTo(page, 2);
    while (!(await focused()).includes('Custody')) await page.keyboard.press('Shift+Tab');
    await seesFocus('Custody');
    await page.keyboard.press('Enter');
    await page.getByText('Taken into custody').first().waitFor();
    await tabTo('Check all');
    await page.keyboard.press('Enter');
    await page.locator('[data-custody=proved]').waitFor();
    await seesFocus('Check all');
    await tabTo('check again');
    await page.keyboard.press('Enter');
    await seesFocus('Ledger entry');
    await tabTo('Recordings');
    await page.keyboard.press('Enter');
    await seesFocus('Recordings');
    await tabTo('Bays');
    await page.keyboard.press('Enter');
    await heading('Bays');
    await seesFocus('Bays');
    await tabTo('Sign out');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await seesFocus('Holdfast');
  });

  // Goal: where the list goes off a narrow screen, the focus does not go with it.
  it('leads the focus from the list to a recording and back on a phone', async () => {
    await signIn(OFFICER);
    await page.setViewportSize({ width: 360, height: 740 });
    await page.locator(`[data-recording="${recording}"]`).waitFor();
    await tabTo(INCIDENT);
    await page.keyboard.press('Enter');
    await seesFocus(`Incident ${INCIDENT}`);
    await tabTo('Recordings', 'Shift+Tab');
    await page.keyboard.press('Enter');
    await heading('Recordings');
    await seesFocus(INCIDENT);
  });
});
