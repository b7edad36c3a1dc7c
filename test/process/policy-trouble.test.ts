import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { writeFilm } from '../../sim/rig/film.ts';
import { openPolicyTrouble, type PolicyLie, type PolicyTrouble } from '../../sim/rig/fault/policy-trouble.ts';
import { readLedger } from '../../sim/rig/ledger.ts';
import type { Program } from '../../sim/rig/program.ts';
import { Site } from '../../sim/rig/site.ts';
import type { ViewerClient } from '../../sim/rig/viewer.ts';

// Goal: the liar tells each lie to a real dock as it is meant, the dock believes none of them although the person may open the recording,
// and believes the honest service again. Method: real camera, dock and policy service, the liar between the last two; a viewer opens a
// recording while each lie is told, and the ledger must hold the dock's reason and no grant.

const PURPOSE = 'supplement_report';
const WAIT = { timeout: 30_000, interval: 100 };
const dir = mkdtempSync(join(tmpdir(), 'holdfast-policy-trouble-'));
const programs: Program[] = [];
let site: Site;
let trouble: PolicyTrouble;
let viewer: ViewerClient;
let recording = '';

beforeAll(async () => {
  const film = join(dir, 'film.mp4');
  await writeFilm(film, { seconds: 1 });
  site = await Site.prepare({
    ...{ dir, dockId: 'dock-1', site: 'liar', cameras: ['cam-1'], password: 'liar-password' },
    people: [{ id: '4411', name: 'Officer Reyes', roles: ['officer'] }],
  });
  const policy = await site.startPolicy({ regime: 'doj' });
  programs.push(policy.program);
  trouble = await openPolicyTrouble(policy.url, {
    signingPem: readFileSync(join(dir, 'policy/policy.key.pem'), 'utf8'),
  });
  const dock = await site.startDock({ mqtt: 'embedded:0', policyUrl: trouble.url });
  programs.push(dock.program);
  const camera = site.startCamera('cam-1', ['--mqtt', dock.mqtt ?? ''], {
    args: ['--officer', '4411', '--incident', '26-1', '--media', film, '--once'],
  });
  programs.push(camera);
  recording = String((await camera.until('receipt', undefined, 60_000))['recording']);
  viewer = await site.signIn({ dockUrl: dock.url, policyUrl: policy.url }, '4411');
  const records = site.records(policy.url);
  await records.assert({ type: 'incident.opened', incident: '26-1' });
  await records.assert({ type: 'recording.linked', recording, incident: '26-1' });
  await records.assert({
    type: 'report.filed',
    incident: '26-1',
    person: '4411',
    reportHash: 'ab'.repeat(32),
  });
  await believed();
});

afterAll(async () => {
  for (const program of programs.toReversed()) await program.stop();
  await trouble.close();
  rmSync(dir, { recursive: true, force: true });
});

/** The dock opens the recording: it hears the service and believes it. */
async function believed(): Promise<void> {
  trouble.honest();
  await vi.waitFor(async () => expect(await viewer.open(recording, PURPOSE)).toHaveProperty('session'), WAIT);
}

const granted = (): number => readLedger(site.ledgerDir).filter(({ type }) => type === 'granted').length;

/** What the dock says to an opening under trouble; the dock rests after failures, so it is asked until it asked the service. */
async function refusal(): Promise<{ readonly refused: string; readonly status: number }> {
  const before = granted();
  const opened = await viewer.open(recording, PURPOSE);
  expect(granted()).toBe(before);
  if ('refused' in opened) return opened;
  throw new Error('the dock opened it');
}

const LIES: Readonly<Record<PolicyLie, string>> = {
  allow: 'a signature by an unknown key',
  unsigned: 'a signature of a kind that is not allowed',
  // The newest honest grant, of a status or of an opening.
  replayed: 'a grant for another',
  'other-recording': 'a grant for another recording',
  'other-person': 'a grant for another person',
  'other-key': 'a grant for another key',
  expired: 'a grant that is expired',
  truncated: 'something that is not JSON',
  error: 'answered 500',
  html: 'something that is not JSON',
  huge: 'more than it should',
  deny: 'Not today.',
};

describe('a policy service that lies', () => {
  it.each(Object.entries(LIES))('%s: the dock hears %s', async (lie, reason) => {
    await believed();
    const { lies } = trouble.counts;
    trouble.lie(lie as PolicyLie);
    const { refused } = await refusal();
    expect(refused).toContain(reason);
    expect(trouble.counts.lies).toBeGreaterThan(lies);
    await believed();
  });
});

describe('a policy service that does not answer', () => {
  it.each([
    ['down', () => trouble.down(), 'cannot be reached'],
    ['silent', () => trouble.silent(), 'did not answer within'],
    ['slow', () => trouble.slow(10_000), 'did not answer within'],
  ] as const)('%s: the dock refuses, and opens once it is back', async (_, begin, reason) => {
    await believed();
    begin();
    expect((await refusal()).refused).toContain(reason);
    await believed();
  });

  it('an event stream that says nothing is called again by the dock', async () => {
    await believed();
    const before = trouble.counts.unanswered;
    trouble.muteEvents();
    await vi.waitFor(() => expect(trouble.counts.unanswered).toBeGreaterThan(before + 1), WAIT);
    await believed();
  });
});
