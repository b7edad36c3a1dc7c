// Goal: the custody tab tells, proves and hands out what the ledger knows of a recording, and is loud when a dock lies about it.
// Method: real programs and a real browser; answers are changed on the wire; what the page shows as commands is run in a shell.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { peer } from '../peer.ts';
import { chromiumPath, launch, watch } from './chromium.ts';
import { Installation, OFFICER, PASSWORD, STRANGER } from './installation.ts';

const START = fileURLToPath(new URL('../../dist/bin/start.cjs', import.meta.url));
const ENTRIES = /\/v1\/ledger\/entries\//;
const GROWTH = /\/v1\/ledger\/consistency/;
const canRunCommands = ['go', 'openssl', 'unzip'].every((name) => peer(name) !== undefined);

describe.skipIf(chromiumPath === undefined)('the custody tab', () => {
  let installation: Installation;
  let browser: Browser;
  let recording: string;
  let work: string;
  /** Where the officer sits all along. */
  let page: Page;
  let complaints: readonly string[];
  const incident = '26-220451';

  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'custody-'));
    installation = await Installation.open();
    browser = await launch();
    recording = await installation.record(4, incident);
    ({ page, complaints } = await follow(`#/recordings/${recording}/custody`, OFFICER));
  });
  afterAll(async () => {
    await browser?.close();
    await installation?.close();
    await rm(work, { recursive: true, force: true });
  });

  /** Signs in on the way to an address of the page, as from a link that somebody sent. */
  const follow = async (hash: string, person: string) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const opened = await context.newPage();
    const watched = watch(opened, [installation.dockUrl, installation.policyUrl]);
    await opened.goto(`${installation.dockUrl}/${hash}`);
    await opened.getByRole('button', { name: 'Sign in' }).click();
    await opened.locator('input[name=person]').fill(person);
    await opened.locator('input[name=password]').fill(PASSWORD);
    await opened.locator('form button').click();
    return { page: opened, complaints: watched.complaints };
  };
  /** The page as it comes when it is loaded anew: nothing is checked yet. */
  const anew = async (): Promise<void> => {
    await page.reload();
    await page.locator('.custody [data-entry]').first().waitFor();
  };
  const checkAll = (): Promise<void> => page.getByRole('button', { name: 'Check all' }).click();
  /** Changes the answer about an entry on its way. */
  const changeEntries = (change: (body: Record<string, string>) => Record<string, unknown>) =>
    page.route(ENTRIES, async (route) => {
      const response = await route.fetch();
      const body = (await response.json()) as Record<string, string>;
      await route.fulfill({ response, json: { ...body, ...change(body) } });
    });
  const otherByte = (text: string, at: number): string =>
    `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;

  it('tells what happened, when by which clock, and proves all of it', async () => {
    await page.locator('.custody [data-entry]').first().waitFor();
    const list = await page.locator('.custody .timeline').innerText();
    expect(list).toMatch(/Taken into custody from camera cam-1/);
    expect(list).toMatch(/local time of the dock, clock epoch \d+ · by camera cam-1/);
    expect(list).toMatch(/Last byte verified .* ± [\d.]+ (ms|µs) of the dock’s own clock/);
    expect(list).toMatch(/Withheld from you: waiting for an initial report/);
    await checkAll();
    await page.locator('[data-custody=proved]').waitFor();
    const said = await page.locator('[data-custody=proved]').innerText();
    expect(said).toMatch(/All \d+ entries are proved\s+They stand in a log of \d+ entries/);
    expect(await page.locator('[data-proof=proved]').count()).toBe(
      await page.locator('.custody [data-entry]').count(),
    );
    // Kept for the next visit.
    const kept = await page.evaluate(() =>
      Object.keys(localStorage).filter((key) => key.includes('checkpoint')),
    );
    expect(kept).toHaveLength(1);
    expect(complaints).toEqual([]);
  });

  // Method: one letter of the bytes, of the proof's hashes, of the signature; and a true proof of another entry.
  it('is red where a proof does not hold', async () => {
    for (const what of ['entry', 'path', 'signature', 'other']) {
      await anew();
      let first: Record<string, string> | undefined;
      await changeEntries((body) => {
        const { entry = '', proof = '' } = body;
        if (what === 'entry') return { entry: otherByte(entry, 20) };
        if (what === 'path')
          return { proof: otherByte(proof, proof.indexOf('\n', proof.indexOf('index')) + 5) };
        if (what === 'signature') return { proof: otherByte(proof, proof.length - 20) };
        return (first ??= body);
      });
      await checkAll();
      await page.locator('[data-custody=bad]').waitFor();
      expect([what, await page.locator('[data-proof=bad]').count()]).not.toEqual([what, 0]);
      expect(await page.locator('[data-custody=bad]').innerText()).toMatch(/not hold/);
      expect(await page.locator('[data-custody=proved]').count()).toBe(0);
      await page.unroute(ENTRIES);
    }
  });

  it('gives no package before the report, and says why', async () => {
    await anew();
    await page.getByRole('button', { name: 'Download evidence package' }).click();
    await page.locator('[data-package=refused]').waitFor();
    expect(await page.locator('[data-package=refused]').innerText()).toMatch(
      /initial report of Officer 4411/,
    );
    await page.getByText('to take its evidence package').first().waitFor();
  });

  it('gives the package after the report; every command shown says that it holds', async () => {
    await installation.fileReport(incident);
    await page.locator(`[data-recording="${recording}"][data-status=released]`).waitFor();
    const coming = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download evidence package' }).click();
    const download = await coming;
    expect(download.suggestedFilename()).toBe(`${recording}.zip`);
    const zip = join(work, `${recording}.zip`);
    await download.saveAs(zip);
    await page.getByText('An evidence package with the sealed recording was made by you.').waitFor();
    const said = execFileSync(process.execPath, [START, 'verify', zip], { encoding: 'utf8' });
    expect(said).toMatch(/everything holds/);
    // The person's pseudonym stands in the entry, as in what they did else.
    await checkAll();
    await page.locator('[data-custody=proved]').waitFor();
    const entries = await page.locator('[data-proof] pre:first-of-type').allTextContents();
    const of = (type: string) =>
      entries.map((one) => JSON.parse(one) as Record<string, string>).find((one) => one['type'] === type);
    expect(of('exported')).toMatchObject({ form: 'sealed', recording });
    expect(of('exported')?.['person']).toBe(of('released')?.['person']);
    expect(complaints).toEqual([]);
    if (!canRunCommands) return;
    await page.getByText('Check it yourself').click();
    const commands = await page.locator('.self-check code').allTextContents();
    expect(commands.length).toBe(9);
    await writeFile(join(work, 'holdfast'), `#!/bin/sh\nexec "${process.execPath}" "${START}" "$@"\n`);
    await chmod(join(work, 'holdfast'), 0o755);
    const env = { ...process.env, PATH: `${work}:${process.env['PATH'] ?? ''}`, GOCACHE: join(work, 'go') };
    const outputs = commands.map((command) => {
      const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
        cwd: work,
        env,
        encoding: 'utf8',
      });
      return [command, status, stdout + stderr] as const;
    });
    for (const [command, status, output] of outputs)
      expect([command, status, output]).toEqual([command, 0, output]);
    const [, sums, camera, dock, , holdfast, checkpoint, events] = outputs.map(([, , output]) => output);
    expect(sums).toMatch(/^chunks\/000000: OK$/m);
    for (const signature of [camera, dock]) expect(signature).toContain('Signature Verified Successfully');
    expect(holdfast).toContain('everything holds');
    expect(checkpoint).toMatch(/^\S+\n\d+\n/);
    expect(events).toContain('"type":"accepted"');
  });

  it('leaves nothing when a download is stopped, and can begin again', async () => {
    await page.route(/\/package$/, () => undefined);
    await page.getByRole('button', { name: 'Download evidence package' }).click();
    const cancel = page.getByRole('button', { name: 'Cancel' });
    await cancel.click();
    // Until it has stopped a click on the other button means nothing.
    await cancel.waitFor({ state: 'detached' });
    await page.unroute(/\/package$/);
    const coming = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download evidence package' }).click();
    await (await coming).delete();
    await page.locator('[data-package=taken]').waitFor();
    expect(complaints).toEqual([]);
  });

  it('fits a phone, and works by keyboard', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await anew();
    await page.getByRole('button', { name: 'Check all' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('[data-custody=proved]').waitFor();
    await page.getByText('Check it yourself').focus();
    await page.keyboard.press('Enter');
    await page.locator('.self-check code').first().waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  // Goal: a dock that shows another history than before is found out by this browser alone, also after a reload. Method: the ledger
  // grows; its proof of growth has a wrong hash, as one has whose tiles were rewritten; then there is none.
  it('is loud when the ledger did not only grow', async () => {
    await page.route(GROWTH, async (route) => {
      const response = await route.fetch();
      const { hashes, ...rest } = (await response.json()) as { hashes: string[] };
      await route.fulfill({ response, json: { ...rest, hashes: hashes.map((hash) => otherByte(hash, 3)) } });
    });
    await installation.withdrawReport(incident);
    await page.getByText('The release to you ended').first().waitFor();
    const split = page.locator('[data-custody=split]');
    for (const proof of ['wrong', 'none']) {
      await anew();
      await checkAll();
      await split.waitFor();
      expect([proof, await split.innerText()]).toEqual([
        proof,
        expect.stringContaining('This is not the ledger that this browser saw before'),
      ]);
      expect(await split.locator('pre').count()).toBe(2);
      await page.unroute(GROWTH);
      const error = { code: 'bad-request', message: 'no' };
      await page.route(GROWTH, (route) => route.fulfill({ status: 400, json: { error } }));
    }
    await page.unroute(GROWTH);
    await anew();
    await checkAll();
    await page.locator('[data-custody=proved]').waitFor();
  });

  it('shows nothing to an officer who took no part', async () => {
    const other = await follow(`#/recordings/${recording}/custody`, STRANGER);
    await other.page.getByText('No recording here concerns you yet.').waitFor();
    expect(await other.page.locator('.custody').count()).toBe(0);
    expect(other.complaints).toEqual([]);
  });
});
