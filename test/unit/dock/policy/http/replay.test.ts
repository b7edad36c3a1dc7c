import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RegimeLine } from '../../../../../dock/policy/config.ts';
import { replay, type Replayed } from '../../../../../dock/policy/decide/replay.ts';
import { readFactsFile } from '../../../../../dock/policy/facts/read-only.ts';
import { recordingId } from '../../../proto/fixture.ts';
import { fact, LATER, NOW_MS } from '../story.ts';
import { dockLedger, keyRequest, openAt, pagePair, registered, sealedRecording } from './sealed.ts';
import { DOCK_TOKEN, evaluation, LINKED, RECORDER, TestPage, TestService } from './service.ts';

// Goal: every answer on file can be given again from facts.db alone, and an answer, fact or policy text that was changed
// afterwards is found. Method: one busy story told to the whole service, with a restart under other lines in the middle; then
// copies of its file, each with one thing changed as somebody with the file in hand would.

const DAY_MS = 86_400_000;
const BEFORE: readonly RegimeLine[] = [
  { agency: '', regime: 'doj', fromMs: 0 },
  { agency: '', regime: 'city', fromMs: NOW_MS + 30_000 },
];
const AFTER: readonly RegimeLine[] = [{ agency: '', regime: 'doj', fromMs: 0 }];
const GRANT = { dock: 'dock-1', nonce: 'ab'.repeat(16) };

const folder = mkdtempSync(join(tmpdir(), 'holdfast-replay-'));
const data = join(folder, 'data');
let town: TestService;
let copies = 0;

const replayed = (path = data): Replayed => readFactsFile(path, (database) => replay(database, {}));

/** A copy of the file in which somebody has done this. */
function planted(sql: string): Replayed {
  const copy = join(folder, `copy-${(copies += 1)}`);
  mkdirSync(copy);
  town.database.pragma('wal_checkpoint(TRUNCATE)');
  copyFileSync(join(data, 'facts.db'), join(copy, 'facts.db'));
  const database = new Sqlite(join(copy, 'facts.db'));
  for (const table of ['facts', 'decisions', 'keys', 'policy_sets'])
    for (const trigger of ['stay', 'kept']) database.exec(`DROP TRIGGER ${table}_${trigger}`);
  const before = database.prepare('SELECT total_changes() AS n').get() as { n: number };
  database.exec(sql);
  const after = database.prepare('SELECT total_changes() AS n').get() as { n: number };
  expect(after.n, 'something was changed').toBeGreaterThan(before.n);
  database.close();
  return replayed(copy);
}

const whats = ({ differing }: Replayed): readonly (readonly string[])[] =>
  differing.map(({ differs }) => differs.map(({ what }) => what));

/** Facts as records says them; their ids say what they say, so they are the same before and after a restart. */
async function tell(...facts: readonly ReturnType<typeof fact>[]): Promise<void> {
  const { status, body } = await town.post('/v1/facts', facts);
  expect(status, JSON.stringify(body)).toBe(201);
}

/** Everybody asks for everything. */
async function askAll(): Promise<void> {
  for (const person of [RECORDER, '5522', 'ipr-1'])
    for (const purpose of ['write_report', 'supplement_report', 'oversight'])
      await town.evaluate(person, { purpose });
  await town.evaluate('nobody-1', { purpose: 'write_report' });
  await town.evaluate(RECORDER, {});
  await town.evaluate(RECORDER, { purpose: 'supplement_report', ...GRANT }, DOCK_TOKEN);
  await town.post('/access/v1/evaluation', {
    ...evaluation(RECORDER),
    subject: { type: 'group', id: RECORDER },
  });
  await town.post('/access/v1/evaluation', { ...evaluation(RECORDER), resource: { type: 'page', id: 'x' } });
}

async function askToDestroy(): Promise<void> {
  for (const [id, days] of [
    ['dock-1', 180],
    ['dock-1', 20],
    ['somebody', 180],
  ] as const)
    await town.post(
      '/access/v1/evaluation',
      {
        subject: { type: 'dock', id },
        action: { name: 'delete' },
        resource: { type: 'recording', id: recordingId },
        context: { purpose: 'retention', ...GRANT, days },
      },
      { token: DOCK_TOKEN },
    );
}

/** A good opening, the same again, and one for another purpose than it was signed for. */
async function openings(): Promise<void> {
  const page = await TestPage.open(town);
  const token = await page.token(RECORDER);
  const opening = { token, proof: await page.proof() };
  for (const purpose of ['supplement_report', 'supplement_report', 'write_report'])
    await town.evaluate(RECORDER, { purpose, ...GRANT, opening }, DOCK_TOKEN);
  await town.evaluate(RECORDER, { purpose: 'supplement_report', opening });
}

/** Keys that are given, and keys that a seal holds back. */
async function keys(): Promise<void> {
  const page = await TestPage.open(town);
  const [mine, ledger] = [await pagePair(), dockLedger()];
  const opening = await openAt({ town, page, ledger });
  const request = await keyRequest({ page, jwk: mine.jwk }, opening);
  const ask = async (): Promise<number> => (await town.post('/v1/keys', { request })).status;
  expect(await ask()).toBe(200);
  await tell(fact('recording.sealed', { recording: recordingId }));
  expect(await ask()).toBe(403);
  await tell(fact('recording.unsealed', { recording: recordingId }));
}

beforeAll(async () => {
  mkdirSync(data);
  town = await TestService.start({ folder: data, lines: BEFORE });
  const sealed = await sealedRecording(town.service.custodian);
  await askAll();
  await town.post('/v1/facts', registered(sealed), { token: DOCK_TOKEN });
  await askAll();
  await tell(LINKED, fact('officer.involved', { person: '5522' }), fact('force.classified'));
  await askAll();
  await openings();
  town.time.nowMs = NOW_MS + 30_000;
  await askAll();
  await town.stop({ keepFolder: true });
  town = await TestService.start({ folder: data, lines: AFTER });
  town.time.nowMs = NOW_MS + 40_000;
  await askAll();
  // A clock that is set forward and back again is an input like any other.
  town.time.nowMs = NOW_MS + 200 * DAY_MS;
  await askToDestroy();
  town.time.nowMs = NOW_MS + 41_000;
  await tell(fact('person.enrolled', { person: 'city-1', roles: ['city_attorney'] }));
  await tell(fact('case.assigned', { person: 'ipr-1' }), fact('misconduct.alleged'));
  await tell(
    fact('access.authorised', { recording: recordingId, person: 'ipr-1', by: 'city-1', expiresAt: LATER }),
  );
  await askAll();
  await tell(fact('report.filed', { person: RECORDER }));
  await askAll();
  await openings();
  await keys();
  await tell(fact('statement.given'), fact('case.unassigned', { person: 'ipr-1' }));
  await askAll();
  await tell(fact('statement.withdrawn'));
  town.time.nowMs = Date.parse(LATER);
  await askAll();
  await askToDestroy();
}, 60_000);
afterAll(async () => {
  await town.stop({ keepFolder: true });
  rmSync(folder, { recursive: true });
});

describe('replay', () => {
  test('gives every answer again, beside the running service', () => {
    const all = replayed();
    expect(all.differing).toEqual([]);
    expect(all.decisions).toBeGreaterThan(100);
    expect(all).toMatchObject({ keys: 2, policySets: 2, facts: town.service.book.known.newest });
  });

  // Goal: the story has what could go wrong in it: every way an opening ends, both answers, both regimes, destruction.
  test('of a story with everything in it', () => {
    const rows = town.service.journal.about(recordingId);
    const count = (found: (row: (typeof rows)[number]) => boolean): number => rows.filter(found).length;
    const opening = (outcome: string): number =>
      count(({ request }) => JSON.stringify(request).includes(`"outcome":"${outcome}"`));
    for (const outcome of ['none', 'checked', 'used', 'refused'])
      expect(opening(outcome), outcome).toBeGreaterThan(0);
    for (const regime of ['doj', 'city'])
      for (const allowed of [true, false])
        expect(count((row) => row.regime === regime && row.allowed === allowed)).toBeGreaterThan(0);
    const destroys = rows.filter(({ request }) => JSON.stringify(request).includes('"action":"delete"'));
    expect(new Set(destroys.map(({ allowed }) => allowed))).toEqual(new Set([true, false]));
    expect(count(({ answer }) => JSON.stringify(answer).includes('"authorised"'))).toBeGreaterThan(0);
    // An answer that was a refusal on other grounds keeps what the rules alone said.
    expect(count(({ answer }) => JSON.stringify(answer).includes('"rules":{"allowed":true'))).toBeGreaterThan(
      0,
    );
  });

  // Goal: a range is of decisions, both ends included, and of nothing else.
  test('of a range', () => {
    const some = readFactsFile(data, (database) => replay(database, { from: 20, to: 29 }));
    expect(some).toMatchObject({ decisions: 10, keys: 0, differing: [] });
  });
});

describe('what was changed afterwards is found', () => {
  const FIRST = '(SELECT min(idx) FROM decisions WHERE allowed = 1)';
  const FIRST_DENY =
    "(SELECT min(idx) FROM decisions WHERE json_extract(answer, '$.policies[0]') IS NOT NULL AND allowed = 0)";
  const one = (table: string, idx: string, change: string): readonly (readonly string[])[] =>
    whats(planted(`UPDATE ${table} SET ${change} WHERE idx = ${idx}`));

  test.each([
    ['a deny for an allow', FIRST, 'allowed = 0', ['decision']],
    ['its reason', FIRST, "answer = json_set(answer, '$.reason', 'Because.')", ['reason']],
    [
      'the policies that decided',
      FIRST_DENY,
      "answer = json_set(answer, '$.policies', json('[]'))",
      ['policies'],
    ],
    [
      'what it waited for',
      FIRST_DENY,
      `answer = json_set(answer, '$.missing', json('[{"fact":"x"}]'))`,
      ['missing'],
    ],
    ['the regime', FIRST, "regime = 'osp'", ['regime', 'policy texts']],
    ['the policy set', FIRST, "policy_set = 'f'", ['policySet', 'policy texts']],
    ['the person, in the column', FIRST, "person = '5522'", ['person']],
    ['the moment', FIRST, "at = 'noon'", ['at', 'regime', 'policySet']],
    ['a grant where there was none', FIRST_DENY, "grant_id = 'g'", ['grant']],
    ['facts that are not on file', FIRST, 'newest_fact = 9999', ['newestFact']],
    [
      'a request nobody could have made',
      FIRST,
      "request = json_set(request, '$.opening', true)",
      ['request'],
    ],
  ] as const)('%s', (...row) => {
    const [, idx, change, expected] = row;
    const [differs = [], ...others] = one('decisions', idx, change);
    expect(others).toEqual([]);
    expect(differs).toEqual(expect.arrayContaining([...expected]));
  });

  test('an opening that failed and is called good, though the answer stays', () => {
    const refused = "(SELECT min(idx) FROM decisions WHERE json_extract(answer, '$.rules.allowed') = 1)";
    expect(one('decisions', refused, "answer = json_set(answer, '$.rules.allowed', json('false'))")).toEqual([
      ['rules'],
    ]);
    const found = one(
      'decisions',
      refused,
      `request = json_set(request, '$.opening', json('{"outcome":"checked"}'))`,
    );
    expect(found[0]).toEqual(expect.arrayContaining(['decision', 'reason', 'rules']));
  });

  test('keys that were given and should not have been', () => {
    expect(whats(planted('UPDATE keys SET given = 1 WHERE given = 0'))).toEqual([['decision']]);
  });

  test('a decision of destruction', () => {
    const young =
      "(SELECT min(idx) FROM decisions WHERE json_extract(request, '$.action') = 'delete' AND allowed = 0)";
    const found = one('decisions', young, "allowed = 1, grant_id = 'g'");
    expect(found).toEqual([['decision', 'grant']]);
    expect(one('decisions', young, "request = json_set(request, '$.nonce', NULL)")).toEqual([
      ['reason', 'policies'],
    ]);
  });

  test('a policy text', () => {
    const found = planted(
      "UPDATE policy_sets SET files = replace(files, 'forbid', 'permit') WHERE regime = 'doj'",
    );
    expect(found.differing.length).toBeGreaterThan(30);
    expect(JSON.stringify(found.differing[0]?.differs)).toContain('the texts on file are those of');
  });

  test('a schema that would switch the forbids off', () => {
    const found = planted(
      "UPDATE policy_sets SET schema = replace(schema, 'entity Person in [Role]', 'entity Person') WHERE regime = 'doj'",
    );
    expect(found.differing.length).toBeGreaterThan(30);
  });

  test('policy texts that are gone', () => {
    const found = planted("DELETE FROM policy_sets WHERE regime = 'city'");
    expect(found.differing.length).toBeGreaterThan(10);
    expect(found.differing[0]?.differs).toMatchObject([{ what: 'policy texts', is: 'no texts on file' }]);
  });

  test('a fact', () => {
    const edit = 'UPDATE facts SET body = replace(body, \'"force":"none"\', \'"force":"deadly"\')';
    expect(planted(edit).differing.length).toBeGreaterThan(0);
  });

  test('an adoption', () => {
    const edit = 'UPDATE facts SET body = replace(body, \'"regime":"city"\', \'"regime":"doj"\')';
    const found = planted(edit);
    expect(found.differing.length).toBeGreaterThan(10);
    expect(new Set(whats(found).map(([what]) => what))).toEqual(new Set(['regime']));
  });
});
