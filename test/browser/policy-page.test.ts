import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Program } from '../../sim/rig/program.ts';
import { Site } from '../../sim/rig/site.ts';
import { chromiumPath, launch, watch } from './chromium.ts';
import { playedTo } from './video.ts';

// Goal: the page that the policy service serves shows and plays what a dock holds, so that no script comes from the dock. Method: the
// real programs, and a browser that is given the service's address alone; the dock's own page is never asked for.

const OFFICER = '4411';
const PASSWORD = 'correct horse battery';
const INCIDENT = '26-118842';

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

describe.skipIf(chromiumPath === undefined)('the page of the policy service', () => {
  const programs: Program[] = [];
  let folder: string;
  let browser: Browser;
  let recording: string;
  let policy = '';
  let dock = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'policy-page-'));
    const people = [{ id: OFFICER, name: 'Officer Ada Reyes', roles: ['officer'] }];
    const plan = { dir: folder, dockId: 'dock-1', site: 'east', cameras: ['cam-1'], people };
    const site = await Site.prepare({ ...plan, password: PASSWORD });
    const port = await freePort();
    const service = await site.startPolicy({
      regime: 'doj',
      args: ['--page-for', 'http://127.0.0.1:9', '--page-for', `http://127.0.0.1:${port}/`],
    });
    programs.unshift(service.program);
    policy = service.url;
    const args = ['--page-origin', policy];
    const opened = await site.startDock({ mqtt: 'embedded:0', policyUrl: policy, port, args });
    programs.unshift(opened.program);
    dock = opened.url;
    const camera = site.startCamera('cam-1', ['--mqtt', opened.mqtt ?? ''], {
      args: ['--officer', OFFICER, '--incident', INCIDENT, '--record', '4', '--pre-event', '0', '--once'],
    });
    programs.unshift(camera);
    recording = String((await camera.until('closed'))['recording']);
    await camera.until('erased');
    const records = site.records(policy);
    await records.assert({ type: 'incident.opened', incident: INCIDENT });
    await records.assert({ type: 'officer.involved', incident: INCIDENT, person: OFFICER });
    await records.assert({ type: 'recording.linked', recording, incident: INCIDENT });
    const report = { incident: INCIDENT, person: OFFICER, reportHash: 'ab'.repeat(32) };
    await records.assert({ type: 'report.filed', ...report });
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    for (const program of programs) if (program.isRunning) await program.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('signs in, lists and plays what another origin holds', async () => {
    const page = await browser.newPage();
    const { complaints } = watch(page, [policy, dock]);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(`${policy}/?dock=${encodeURIComponent(dock)}`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('input[name=person]').fill(OFFICER);
    await page.locator('input[name=password]').fill(PASSWORD);
    await page.locator('form button').click();
    await page.locator(`[data-recording="${recording}"][data-status="released"]`).click();
    await page.getByRole('button', { name: 'Play' }).click();
    await playedTo(page, 1);
    expect(complaints).toEqual([]);
    const ofDock = asked.filter((url) => new URL(url).origin === dock).map((url) => new URL(url).pathname);
    expect(ofDock.length).toBeGreaterThan(3);
    expect(ofDock.filter((path) => !path.startsWith('/v1/') && !path.startsWith('/ledger/'))).toEqual([]);
  });

  it('shows only docks that the service names', async () => {
    const page = await browser.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).origin));
    await page.goto(`${policy}/?dock=${encodeURIComponent('http://127.0.0.1:10')}`);
    await page.getByRole('alert').waitFor();
    expect([...new Set(asked)]).toEqual([policy, 'http://127.0.0.1:9']);
  });

  it('is let in by a dock from that one origin, and without credentials', async () => {
    const preflight = { origin: 'http://127.0.0.1:10', 'access-control-request-method': 'POST' };
    for (const origin of [policy, preflight.origin]) {
      const { status, headers } = await fetch(`${dock}/v1/recordings`, {
        method: 'OPTIONS',
        headers: { ...preflight, origin },
      });
      expect(status).toBe(204);
      expect(headers.get('access-control-allow-origin')).toBe(policy);
      expect(headers.get('access-control-allow-methods')).toBe('GET, POST');
      expect(headers.get('access-control-allow-credentials')).toBeNull();
    }
    const { status, headers } = await fetch(`${dock}/v1/recordings`, { headers: { origin: policy } });
    expect([status, headers.get('access-control-allow-origin')]).toEqual([401, policy]);
  });
});
