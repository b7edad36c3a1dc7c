import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { LedgerError } from '../../../../../dock/ledger/errors.ts';
import { openDatabase } from '../../../../../dock/policy/facts/database.ts';
import { openOutbox } from '../../../../../dock/policy/facts/outbox.ts';
import { forgedKeys, restsOf } from '../../../../../dock/policy/ledger/decided-again.ts';
import { openOwnLog, type OwnLog } from '../../../../../dock/policy/ledger/open.ts';
import { openShownBook } from '../../../../../dock/policy/ledger/shown.ts';
import { fromHex } from '../../../../../proto/bytes.ts';
import { decodePolicyEntry } from '../../../../../proto/policy-entry.ts';
import { recordingId } from '../../../proto/fixture.ts';
import { atOnce } from '../../ledger/rig.ts';
import { fact } from '../story.ts';
import { dockLedger, keyRequest, openAt, pagePair, registered, sealedRecording } from '../http/sealed.ts';
import { DOCK_TOKEN, ISSUER, LINKED, RECORDER, TestPage, TestService } from '../http/service.ts';
import { leavesOf } from './rig.ts';

// Goal: whatever leaves the service about a recording, keys or a decision record, its own ledger says so first, once, and names the decision
// on file. Method: the whole service; a page that opens a sealed recording and asks; entries and rows compared by other code than made them.

let town: TestService;
let page: TestPage;

beforeEach(async () => {
  town = await TestService.start();
  page = await TestPage.open(town);
  await town.post('/v1/facts', registered(await sealedRecording(town.service.custodian)), {
    token: DOCK_TOKEN,
  });
  await town.tell(LINKED, fact('report.filed', { person: RECORDER }));
});
afterEach(() => town.stop());

const opened = () => openAt({ town, page, ledger: dockLedger() });
async function ask(grant: string, by = page): ReturnType<TestService['post']> {
  const request = await by.sign('holdfast-decision-request+jwt', { grant, aud: ISSUER });
  return town.post('/v1/decision', { request }, { token: '' });
}
const said = (database = town.database) =>
  openOutbox(database)
    .list(0, 1_000)
    .map(({ seq, entry }) => ({
      seq,
      text: new TextDecoder().decode(entry),
      entry: decodePolicyEntry(entry),
    }));
const shown = (database = town.database) =>
  said(database).filter(({ entry }) => entry.type === 'decision.shown');
const sha256 = (...parts: readonly (string | Uint8Array)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** Lets something else stand where the service looks for its ledger. */
function replace(published: OwnLog['published']): () => void {
  const before = town.service.log;
  Object.assign(town.service, { log: { ...before, published } });
  return () => void Object.assign(town.service, { log: before });
}

describe('a decision record that is given out', () => {
  // Goal: the entry names grant, page and decision, and neither a person nor anything of the record. Method: the commitment made here from the row.
  test('stands in the ledger', async () => {
    const { grant } = await opened();
    expect((await ask(grant)).status).toBe(200);
    const { jti, manifest, policySet } = decodeJwt(grant);
    const [row] = town.database
      .prepare(
        `SELECT at, request_id, source, person, recording, allowed, regime, policy_set, newest_fact, grant_id, request, answer
         FROM decisions WHERE grant_id = ?`,
      )
      .all(jti) as Readonly<Record<string, unknown>>[];
    const { salt } = town.database.prepare('SELECT salt FROM decisions WHERE grant_id = ?').get(jti) as {
      salt: ArrayBuffer;
    };
    const sorted = Object.fromEntries(Object.entries(row ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const [one, ...more] = shown();
    expect(more).toEqual([]);
    expect(one?.entry).toEqual({
      ...{ type: 'decision.shown', at: '2026-11-21T08:00:00.000000Z', recording: recordingId, manifest },
      ...{ grant: sha256(grant).toString('hex'), grantId: jti, dock: 'dock-1', regime: 'doj', policySet },
      ...{ person: sha256(RECORDER).toString('hex'), page: await page.thumbprint() },
      decision: sha256(sha256(new Uint8Array(salt), JSON.stringify(sorted))).toString('hex'),
      newestFact: town.service.book.known.newest,
    });
    expect(one?.text).not.toContain(RECORDER);
    expect(one?.text).not.toMatch(/report|supplement|incident|24-1/);
  });

  // Goal: a page that asks over and over adds nothing to a log that is kept for ever; another grant is another statement.
  test('stands in it once a grant', async () => {
    const [first, second] = [await opened(), await opened()];
    for (const { grant } of [first, first, second, first]) expect((await ask(grant)).status).toBe(200);
    expect(shown().map(({ entry }) => 'grantId' in entry && entry.grantId)).toEqual(
      [first, second].map(({ grant }) => decodeJwt(grant).jti),
    );
  });

  test('is not given, and nothing is said, when the request is refused', async () => {
    const { grant } = await opened();
    expect((await ask(grant, await TestPage.open(town))).status).toBe(403);
    town.time.nowMs += 60_000;
    expect((await ask(grant)).status).toBe(403);
    expect(shown()).toEqual([]);
  });

  // Goal: no record leaves before everybody can see that it does; the same request gets it once they can.
  test('waits until its entry is published', async () => {
    const { grant } = await opened();
    const asked: number[] = [];
    const undo = replace((seq) => {
      asked.push(seq);
      return Promise.reject(new LedgerError('LEDGER_BUSY', 'no witness', { retry: 'later' }));
    });
    const waiting = await ask(grant);
    expect(waiting).toMatchObject({ status: 503, body: { error: { code: 'ledger-waiting' } } });
    expect(Object.keys(waiting.body)).toEqual(['error']);
    const [entry] = shown();
    expect(asked).toEqual([entry?.seq]);
    undo();
    expect((await ask(grant)).status).toBe(200);
    expect(shown()).toEqual([entry]);
  });

  test('is not given when the ledger has a bug', async () => {
    const { grant } = await opened();
    const undo = replace(() => Promise.reject(new TypeError('a bug')));
    expect((await ask(grant)).status).toBe(500);
    expect(town.reported.splice(0)).toMatchObject([{ message: 'a bug' }]);
    undo();
  });

  // Goal: once written down it is published, whatever ends the process before that, and is not written down again. Method: the database closed
  // with the entry in it and no log; opened anew with a real one; the same grant asked about once more.
  test('is said by the next start when the process ended before', async () => {
    const { grant } = await opened();
    const undo = replace(() => Promise.reject(new LedgerError('LEDGER_CLOSED', 'ended', { retry: 'later' })));
    expect((await ask(grant)).status).toBe(503);
    undo();
    const data = mkdtempSync(join(tmpdir(), 'holdfast-shown-'));
    onTestFinished(() => rmSync(data, { recursive: true }));
    town.database.prepare('VACUUM INTO ?').run(join(data, 'facts.db'));
    const database = openDatabase(join(data, 'facts.db'));
    const [before] = shown(database);
    const log = await openOwnLog({
      ...{ data, passphrase: undefined, isNew: true, origin: undefined, defaultOrigin: 'policy.test/policy' },
      ...{ outbox: openOutbox(database), timers: atOnce, nowMs: () => town.time.nowMs },
      ...{ report: () => undefined, witnesses: [], quorum: 0, lowerQuorum: false },
    });
    await log.published(before?.seq ?? 0);
    expect(leavesOf(join(data, 'ledger'))[(before?.seq ?? 0) - 1]).toBe(before?.text);
    const { jti, sub, aud, recording, manifest, purpose, regime, policySet, newestFact } = decodeJwt(grant);
    const again = openShownBook(database, () => '0f'.repeat(32)).record({
      nowMs: town.time.nowMs + 1,
      grant: {
        ...{ id: String(jti), person: String(sub), dock: String(aud), recording: String(recording) },
        ...{
          manifest: String(manifest),
          purpose: String(purpose),
          chunks: [0, 3],
          thumbprint: 'x'.repeat(43),
        },
      },
      jws: grant,
      decided: { regime: String(regime), policySet: String(policySet), newestFact: Number(newestFact) },
    });
    expect(again).toBe(before?.seq);
    expect(shown(database)).toEqual([before]);
    await log.close();
    database.close();
  });

  // Goal: no entry speaks of a decision that is not there.
  test('has a decision on file', async () => {
    const grant = {
      ...{
        id: 'grant-1',
        person: RECORDER,
        dock: 'dock-1',
        recording: recordingId,
        manifest: '0f'.repeat(32),
      },
      ...{ purpose: 'oversight', chunks: [0, 3] as const, thumbprint: 'x'.repeat(43) },
    };
    const decided = { regime: 'doj', policySet: 'p', newestFact: 1 };
    const showing = { nowMs: town.time.nowMs, grant, jws: 'x', decided };
    expect(() => town.service.shownBook.record(showing)).toThrow(
      expect.objectContaining({ code: 'STORE_DAMAGED' }),
    );
    expect(shown()).toEqual([]);
  });
});

describe('keys that are given', () => {
  const released = () => said().filter(({ entry }) => entry.type === 'keys.released');

  // Goal: the entry names the decision that was made for these keys, which is another one than the grant's. Method: a fact between the two;
  // the commitment made here from the row.
  test('name the decision that they rest on', async () => {
    const opening = await opened();
    const atGrant = town.service.book.known.newest;
    await town.tell(fact('officer.involved', { person: '5522' }));
    const request = await keyRequest({ page, jwk: (await pagePair()).jwk }, opening);
    const ask = () => town.post('/v1/keys', { request }, { token: '' });
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 200]);
    const [one, ...more] = released();
    expect(more).toEqual([]);
    const [row] = town.service.keyBook.about(recordingId);
    const { salt, decision, ...answer } = (row?.answer ?? {}) as Record<string, unknown>;
    expect(answer['newestFact']).toBe(atGrant + 1);
    const text = JSON.stringify({ ...row, answer }, (_key, member: unknown) =>
      typeof member !== 'object' || member === null || Array.isArray(member)
        ? member
        : Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    );
    expect(fromHex(String(salt))).toHaveLength(32);
    expect(one?.entry).toMatchObject({ newestFact: atGrant + 1, decision });
    expect(decision).toBe(sha256(fromHex(String(salt)), text).toString('hex'));
    const { idx } = town.database
      .prepare('SELECT idx FROM decisions WHERE grant_id = ?')
      .get(row?.grantId) as { idx: number };
    expect([...restsOf(town.database, recordingId)]).toEqual([
      [(one?.seq ?? 0) - 1, { keys: 1, decision: idx, reason: answer['reason'] }],
    ]);
    expect(restsOf(town.database, 'f'.repeat(32)).size).toBe(0);
    expect(forgedKeys(town.database)).toBeUndefined();
  });

  // Goal: a refusal opens nothing, and no entry speaks of it.
  test('and not those that are refused', async () => {
    const opening = await opened();
    await town.tell(fact('recording.sealed', { recording: recordingId }));
    const request = await keyRequest({ page, jwk: (await pagePair()).jwk }, opening);
    expect((await town.post('/v1/keys', { request }, { token: '' })).status).toBe(403);
    expect(released()).toEqual([]);
    expect(town.service.keyBook.about(recordingId)[0]?.answer).not.toHaveProperty('decision');
  });
});
