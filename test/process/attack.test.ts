import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeFilm } from '../../sim/rig/film.ts';
import { readLedger } from '../../sim/rig/ledger.ts';
import type { Program } from '../../sim/rig/program.ts';
import type { FactBody, RecordsSystem } from '../../sim/rig/records.ts';
import { Site } from '../../sim/rig/site.ts';
import { ask, CONTENT_PATHS, Page, type Answer } from './attacker.ts';

const PASSWORD = 'correct horse battery';
const INCIDENT = '24-1';
/** A release that ends must end within this, for whoever has it open. */
const END_MS_MAX = 2_000;
const OPENS_MS_MAX = 15_000;
/** Long enough for a busy machine to open what it allows, and to see a chunk of it, before it is over. */
const AUTHORISED_MS = 10_000;
const dir = mkdtempSync(join(tmpdir(), 'holdfast-attack-'));
const film = join(dir, 'film.mp4');
const PEOPLE: Readonly<Record<string, readonly string[]>> = {
  '4411': ['officer'],
  '4412': ['officer'],
  '5120': ['officer'],
  'ipr-1': ['independent_review'],
  'chief-1': ['chief'],
  'city-1': ['city_attorney'],
  'key-1': ['custodian', 'independent_review'],
  'op-1': ['dock_operator', 'officer'],
};

let site: Site;
let records: RecordsSystem;
let policy: Program;
let dock: Program;
let policyUrl = '';
let dockUrl = '';
/** By 4411 and by 4412, both of one incident. */
let own = '';
let partners = '';
/** Bytes that stand in the footage and nowhere else. */
let needle: Buffer;
const pages = new Map<string, Page>();
const page = (person: string): Page => {
  const found = pages.get(person);
  if (found === undefined) throw new Error(`${person} did not sign in`);
  return found;
};

const tell = (...facts: readonly FactBody[]): Promise<unknown> =>
  facts.reduce<Promise<unknown>>(
    (before, fact) => before.then(() => records.assert(fact)),
    Promise.resolve(),
  );
const filed = (person: string): FactBody => ({
  type: 'report.filed',
  incident: INCIDENT,
  person,
  reportHash: 'ab'.repeat(32),
});
const enrolled = (person: string, roles = PEOPLE[person]): FactBody => ({
  type: 'person.enrolled',
  person,
  roles,
});

/** Until `holds`, or for as long as a release may take to end. */
async function within(ms: number, holds: () => Promise<boolean>): Promise<number> {
  const start = performance.now();
  while (!(await holds())) {
    if (performance.now() - start > ms) return Number.POSITIVE_INFINITY;
    await pause(50);
  }
  return performance.now() - start;
}

/** Until this person may open the first recording, or for long enough: one that the policy service is slow to answer costs 2 s. */
async function opens(person: string, purpose: string): Promise<void> {
  const may = async (): Promise<boolean> =>
    (await page(person).open(own, purpose, await page(person).proof(own, purpose))).status === 200;
  expect(await within(OPENS_MS_MAX, may)).toBeLessThan(OPENS_MS_MAX);
}

async function record(camera: string, officer: string, mqtt: string): Promise<string> {
  const program = site.startCamera(camera, ['--mqtt', mqtt], {
    args: ['--officer', officer, '--media', film, '--once'],
  });
  expect(await program.exited, program.stderr).toBe(0);
  return String((await program.until('closed'))['recording']);
}

beforeAll(async () => {
  await writeFilm(film, { seconds: 1 });
  needle = readFileSync(film).subarray(-96, -32);
  const people = Object.entries(PEOPLE).map(([id, roles]) => ({ id, name: id, roles }));
  site = await Site.prepare({
    dir,
    dockId: 'dock-1',
    site: 'yard',
    cameras: ['cam-1', 'cam-2'],
    people,
    password: PASSWORD,
  });
  ({ program: policy, url: policyUrl } = await site.startPolicy({ regime: 'doj' }));
  const opened = await site.startDock({ mqtt: 'embedded:0', policyUrl });
  ({ program: dock, url: dockUrl } = opened);
  records = site.records(policyUrl);
  own = await record('cam-1', '4411', opened.mqtt ?? '');
  partners = await record('cam-2', '4412', opened.mqtt ?? '');
  for (const person of Object.keys(PEOPLE))
    pages.set(person, await Page.signIn({ policyUrl, dockUrl }, person, PASSWORD));
  await tell({ type: 'incident.opened', incident: INCIDENT });
  for (const recording of [own, partners])
    await tell({ type: 'recording.linked', recording, incident: INCIDENT });
});
afterAll(async () => {
  await dock.stop();
  await policy.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe('before the report', () => {
  // Goal: no address gives a byte of content. Method: paths as an attacker writes them, with the officer's own token.
  test.each(CONTENT_PATHS)('%s gives nothing', async (path) => {
    const { token } = page('4411');
    for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS', 'PUT']) {
      const headers = {
        authorization: `Bearer ${token}`,
        'holdfast-session': '00'.repeat(32),
        range: 'bytes=0-',
        'x-http-method-override': 'GET',
      };
      const { status, body } = await ask(`${dockUrl}${path.replaceAll('ID', own)}`, { method, headers });
      expect(body.includes(needle)).toBe(false);
      expect(body.length, method).toBeLessThan(300);
      expect(status, method).toBeGreaterThanOrEqual(400);
    }
  });

  // Goal: nobody opens, whoever they are and whatever they say it is for.
  test.each(Object.keys(PEOPLE))('%s opens nothing', async (person) => {
    for (const purpose of ['write_report', 'supplement_report', 'oversight', 'investigation', 'disclosure']) {
      const { status, body } = await page(person).open(own, purpose, await page(person).proof(own, purpose));
      expect([403, 404]).toContain(status);
      expect(body.includes('"session"')).toBe(false);
    }
  });

  // Goal: only a records source moves the gate. Method: the dock's own token, and none.
  test.each<FactBody>([
    filed('4411'),
    { type: 'recording.linked', recording: 'x', incident: INCIDENT },
    enrolled('4411', ['doj_monitor']),
    {
      type: 'access.authorised',
      recording: 'x',
      person: '4411',
      by: 'chief-1',
      expiresAt: '2100-01-01T00:00:00Z',
    },
  ])('a dock does not say $type', async (fact) => {
    for (const [token, status] of [
      [site.token('dock-1'), 403],
      ['guess', 401],
    ] as const) {
      const answer = await fetch(`${policyUrl}/v1/facts`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ id: 'attack', at: '2026-11-21T08:00:00Z', ...fact }),
      });
      expect(answer.status).toBe(status);
    }
  });
});

describe('after the reports', () => {
  beforeAll(async () => {
    await tell(filed('4411'), filed('4412'));
  });

  // Goal: an opening works for the person, key, recording, purpose, dock and minute it was made for, and once.
  const P = 'supplement_report';
  const now = (): number => Math.floor(Date.now() / 1_000);
  const WRONG: Readonly<Record<string, () => Promise<Answer>>> = {
    'another page key': async () => page('4411').open(own, P, await page('4412').proof(own, P)),
    'another recording': async () => page('4411').open(own, P, await page('4411').proof(partners, P)),
    'another purpose': async () => page('4411').open(own, P, await page('4411').proof(own, 'write_report')),
    'another dock': async () =>
      page('4411').open(own, P, await page('4411').proof(own, P, { claims: { aud: 'dock-2' } })),
    'both docks': async () =>
      page('4411').open(own, P, await page('4411').proof(own, P, { claims: { aud: ['dock-1', 'dock-2'] } })),
    'an hour ago': async () =>
      page('4411').open(own, P, await page('4411').proof(own, P, { claims: { iat: now() - 3_600 } })),
    'an hour ahead': async () =>
      page('4411').open(own, P, await page('4411').proof(own, P, { claims: { iat: now() + 3_600 } })),
    'no nonce': async () =>
      page('4411').open(own, P, await page('4411').proof(own, P, { claims: { nonce: '' } })),
    'the typ of a token': async () =>
      page('4411').open(own, P, await page('4411').proof(own, P, { header: { typ: 'holdfast-viewer+jwt' } })),
    'the token as its proof': async () => page('4411').open(own, P, page('4411').token),
    'an officer who took no part': async () => page('5120').open(own, P, await page('5120').proof(own, P)),
    'a reviewer without a case': async () =>
      page('ipr-1').open(own, 'oversight', await page('ipr-1').proof(own, 'oversight')),
    'a custodian': async () =>
      page('key-1').open(own, 'oversight', await page('key-1').proof(own, 'oversight')),
    'a dock operator': async () => page('op-1').open(own, P, await page('op-1').proof(own, P)),
    'a chief': async () => page('chief-1').open(own, P, await page('chief-1').proof(own, P)),
    'one that was used': async () => {
      const proof = await page('4411').proof(own, P);
      expect((await page('4411').open(own, P, proof)).status).toBe(200);
      return page('4411').open(own, P, proof);
    },
  };
  test.each(Object.entries(WRONG))('an opening by %s is refused', async (_what, attack) => {
    const { status, body } = await attack();
    expect([403, 404]).toContain(status);
    expect(body.includes('"session"')).toBe(false);
  });

  // Goal: a session is one person's, for one recording.
  test('a session is of no use to anybody else', async () => {
    const session = await page('4411').session(own);
    const { status, body } = await page('4411').chunk(own, session);
    expect(status).toBe(200);
    expect(body.length).toBeGreaterThan(0);
    expect((await page('4412').chunk(own, session)).status).toBe(404);
    expect((await page('4411').chunk(partners, session)).status).toBe(404);
    expect((await page('4411').chunk(own, session.slice(1))).status).toBe(404);
    expect((await page('4411').chunk(own, session, 99)).status).toBe(404);
    const anonymous = await ask(`${dockUrl}/v1/recordings/${own}/chunks/0`, {
      headers: { 'holdfast-session': session },
    });
    expect(anonymous.status).toBe(404);
  });

  // Goal: whatever ends the right to view ends an open session within 2 s. Method: each fact, told by a records source,
  // while the partner has the recording open; then the fact that mends it.
  const about = { recording: 'OWN', incident: INCIDENT };
  const by = { recording: 'OWN', by: 'court', reason: 'order' };
  const ENDS: readonly (readonly [string, readonly FactBody[], readonly FactBody[]])[] = [
    [
      'the recorder withdraws',
      [{ type: 'report.withdrawn', incident: INCIDENT, person: '4411' }],
      [filed('4411')],
    ],
    [
      'the viewer withdraws',
      [{ type: 'report.withdrawn', incident: INCIDENT, person: '4412' }],
      [filed('4412')],
    ],
    ['a court seals it', [{ type: 'recording.sealed', ...by }], [{ type: 'recording.unsealed', ...by }]],
    ['it is unlinked', [{ type: 'recording.unlinked', ...about }], [{ type: 'recording.linked', ...about }]],
    [
      'it belongs to a second incident',
      [{ type: 'recording.linked', ...about, incident: '24-2' }],
      [{ type: 'recording.unlinked', ...about, incident: '24-2' }],
    ],
    [
      'the viewer took no part after all',
      [{ type: 'recording.unlinked', recording: 'PARTNERS', incident: INCIDENT }],
      [{ type: 'recording.linked', recording: 'PARTNERS', incident: INCIDENT }],
    ],
    ['the viewer becomes a custodian', [enrolled('4412', ['officer', 'custodian'])], [enrolled('4412')]],
    ['the viewer loses every role', [enrolled('4412', [])], [enrolled('4412')]],
  ];
  const named = (facts: readonly FactBody[]): readonly FactBody[] =>
    facts.map((fact) => {
      const recording = { OWN: own, PARTNERS: partners }[String(fact['recording'])];
      return recording === undefined ? fact : { ...fact, recording };
    });
  test.each(ENDS)('a session ends when %s', async (_what, facts, mends) => {
    await within(
      5_000,
      async () => (await page('4412').open(own, P, await page('4412').proof(own, P))).status === 200,
    );
    const session = await page('4412').session(own);
    expect((await page('4412').chunk(own, session)).status).toBe(200);
    await tell(...named(facts));
    const took = await within(
      END_MS_MAX,
      async () => (await page('4412').chunk(own, session)).status === 404,
    );
    await tell(...named(mends));
    expect(took).toBeLessThan(END_MS_MAX);
    expect((await page('4412').chunk(own, session)).status).toBe(404);
  });

  // Goal: the exception ends by itself, with nobody saying so.
  test('a session ends with the authorisation it rests on', async ({ onTestFinished }) => {
    onTestFinished(() => tell(filed('4411')).then(() => undefined));
    await tell(
      { type: 'report.withdrawn', incident: INCIDENT, person: '4411' },
      { type: 'misconduct.alleged', incident: INCIDENT },
      { type: 'case.assigned', case: 'c-1', incident: INCIDENT, person: 'ipr-1' },
    );
    const refused = await page('ipr-1').open(own, 'oversight', await page('ipr-1').proof(own, 'oversight'));
    expect([403, 404]).toContain(refused.status);
    const authorised = (changes: Record<string, string>): FactBody => {
      const expiresAt = new Date(Date.now() + AUTHORISED_MS).toISOString();
      return {
        type: 'access.authorised',
        recording: own,
        person: 'ipr-1',
        by: 'city-1',
        expiresAt,
        ...changes,
      };
    };
    // By the bureau, by oneself, and in the past: none of them counts.
    await tell(
      authorised({ by: 'chief-1' }),
      authorised({ by: 'ipr-1' }),
      authorised({ expiresAt: '2020-01-01T00:00:00Z' }),
    );
    const still = await page('ipr-1').open(own, 'oversight', await page('ipr-1').proof(own, 'oversight'));
    expect([403, 404]).toContain(still.status);
    await tell(authorised({}));
    const session = await page('ipr-1').session(own, 'oversight');
    expect((await page('ipr-1').chunk(own, session)).status).toBe(200);
    await pause(AUTHORISED_MS);
    expect((await page('ipr-1').chunk(own, session)).status).toBe(404);
  });

  // Goal: and with the case it rests on. Method: one of two cases ends, then the other.
  test('a session ends when the reviewer loses the case', async () => {
    const about = { incident: INCIDENT, person: 'ipr-1' };
    await tell({ type: 'case.assigned', case: 'c-2', ...about });
    await opens('ipr-1', 'oversight');
    const session = await page('ipr-1').session(own, 'oversight');
    const isOver = async (): Promise<boolean> => (await page('ipr-1').chunk(own, session)).status === 404;
    await tell({ type: 'case.unassigned', case: 'c-1', ...about });
    expect(await within(1_000, isOver)).toBe(Number.POSITIVE_INFINITY);
    await tell({ type: 'case.unassigned', case: 'c-2', ...about });
    expect(await within(END_MS_MAX, isOver)).toBeLessThan(END_MS_MAX);
  });

  // Goal: nobody to ask, nothing opens, with the reason; when the service is back, what was open is judged again.
  test('a dead policy service opens nothing', async () => {
    const session = await page('4412').session(own);
    const port = Number(new URL(policyUrl).port);
    await policy.kill();
    const { status, body } = await page('4411').open(own, P, await page('4411').proof(own, P));
    expect(status).toBe(403);
    expect(body.toString()).toContain('policy-unreachable');
    expect((await page('4411').chunk(own, session)).status).toBe(404);
    ({ program: policy } = await site.startPolicy({ regime: 'city', port }));
    // Under city the incident is unclassified, which counts as deadly.
    const took = await within(6_000, async () => (await page('4412').chunk(own, session)).status === 404);
    expect(took).toBeLessThan(6_000);
  });

  // Goal: a statement that was entered wrongly ends what it opened. Method: the rules of the test before, which ask for one.
  test('a session ends when the statement it rests on is taken back', async () => {
    const harmless = { deathInCustody: false, injury: 'none', vulnerable: false };
    const candid = { incident: INCIDENT, person: '4412', kind: 'candid' };
    await tell(
      { type: 'force.classified', incident: INCIDENT, force: 'non_deadly', ...harmless, by: 'chief-1' },
      { type: 'statement.given', ...candid, recorded: true },
    );
    await opens('4412', P);
    const session = await page('4412').session(own);
    const isOver = async (): Promise<boolean> => (await page('4412').chunk(own, session)).status === 404;
    expect(await isOver()).toBe(false);
    await tell({ type: 'statement.withdrawn', ...candid });
    expect(await within(END_MS_MAX, isOver)).toBeLessThan(END_MS_MAX);
  });
});

describe('afterwards', () => {
  // Goal: attempts are on record without a name, and no secret is in any file that the programs wrote.
  test('the ledger knows of the attempts, and no file of the secrets', async () => {
    // Neither writes any more: a file of theirs that comes and goes is none to look into.
    await dock.stop();
    await policy.stop();
    const denied = readLedger(site.ledgerDir).filter((entry) => entry.type === 'denied');
    expect(denied.length).toBeGreaterThan(Object.keys(PEOPLE).length - 1);
    const secrets = [PASSWORD, ...[...pages.values()].map(({ token }) => token), site.token('records')];
    const kept = new Set(['password.txt', 'sources.json', 'records.token', 'dock-1.token']);
    for (const path of files(dir).filter((file) => !kept.has(file.split('/').at(-1) ?? ''))) {
      const bytes = readFileSync(path);
      for (const secret of secrets) expect(bytes.includes(secret), path).toBe(false);
    }
    for (const secret of secrets) expect(`${dock.stderr}${policy.stderr}`).not.toContain(secret);
  });
});

function files(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}
