import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'libsql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { closeDatabase, openDatabase, type Database } from '../../../../../dock/policy/facts/database.ts';
import { openJournal } from '../../../../../dock/policy/facts/journal.ts';
import { openKeyBook } from '../../../../../dock/policy/facts/key-book.ts';
import { openOutbox } from '../../../../../dock/policy/facts/outbox.ts';
import { openFactStore } from '../../../../../dock/policy/facts/store.ts';
import { decodePolicyEntry } from '../../../../../proto/policy-entry.ts';

// Goal: what the service's own ledger will say is written with what it speaks of, or not at all, and says nothing that could be
// guessed back. Method: facts and decisions on a real database; the outbox read back; a folder as the last version left it.

const AT = '2026-11-21T08:00:00.000Z';
const NOW_MS = Date.parse(AT);
const RECORDING = '00112233445566778899aabbccddeeff';
const entryOf = (index: number, person = '4411') => ({
  index,
  source: 'records',
  receivedAt: AT,
  fact: {
    ...({ id: `r${index}`, type: 'report.filed', at: AT, incident: '24-1' } as const),
    ...{ person, reportHash: 'x' },
  },
});
const decision = (requestId: string) => ({
  ...{ at: AT, requestId, source: 'dock-1', person: '4411', recording: 'r', allowed: false },
  ...{ regime: 'doj', policySet: 'x', newestFact: 0, request: { b: 1 }, answer: {} },
});

let folder = '';
let database: Database;
const path = (): string => join(folder, 'facts.db');
const said = () =>
  openOutbox(database)
    .list(0, 1_000)
    .map(({ entry }) => decodePolicyEntry(entry));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-outbox-'));
  database = openDatabase(path());
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

// Goal: a backup is a copy of facts.db, as the docs say. Method: a fact, a close, and a copy of that one file opened elsewhere.
test('a database that was closed is whole in its one file', () => {
  openFactStore(database).append([entryOf(1)]);
  closeDatabase(database);
  mkdirSync(join(folder, 'copy'));
  copyFileSync(path(), join(folder, 'copy', 'facts.db'));
  const copy = openDatabase(join(folder, 'copy', 'facts.db'));
  expect(openFactStore(copy).newest()).toBe(1);
  copy.close();
  database = openDatabase(path());
});

describe('the outbox', () => {
  // Goal: that a recovery key was used neither hides a change of the custodian's key from the next start nor looks like a start.
  test('knows whom cameras seal to from starts and changes alone', () => {
    const outbox = openOutbox(database);
    const [first, second, vault] = ['a', 'b', 'c'].map((digit) => digit.repeat(43)) as [
      string,
      string,
      string,
    ];
    const at = '2026-11-21T08:00:00.000000Z';
    outbox.add({ type: 'custodian.recovered', at, from: vault, to: second });
    expect(outbox.lastCustodian()).toBeUndefined();
    outbox.add({ type: 'service.started', at, version: '1', custodian: first });
    outbox.add({ type: 'custodian.recovered', at, from: vault, to: second });
    expect(outbox.lastCustodian()).toBe(first);
    outbox.add({ type: 'custodian.rotated', at, from: first, to: second });
    expect(outbox.lastCustodian()).toBe(second);
  });

  // Goal: somebody who has the fact and its salt can show that it was taken; the entry alone says nothing about the person.
  test('a fact gets an entry that commits to its text', () => {
    openFactStore(database).append([entryOf(1), entryOf(2, '5522')]);
    const rows = database.prepare('SELECT salt, body FROM facts ORDER BY idx').all() as {
      salt: ArrayBuffer;
      body: string;
    }[];
    const commitments = rows.map(({ salt, body }) =>
      createHash('sha256').update(new Uint8Array(salt)).update(body).digest('hex'),
    );
    expect(said()).toEqual(
      commitments.map((commitment, at) => ({
        ...{ type: 'fact.taken', at: '2026-11-21T08:00:00.000000Z', fact: at + 1 },
        ...{ factType: 'report.filed', source: 'records', commitment },
      })),
    );
    expect(rows.map(({ salt }) => salt.byteLength)).toEqual([32, 32]);
    expect(JSON.stringify(said())).not.toMatch(/4411|5522|24-1/);
  });

  // Goal: no entry without its fact. Method: a batch whose second fact cannot be stored.
  test('a fact that was not stored has no entry', () => {
    const store = openFactStore(database);
    expect(() => store.append([entryOf(1), entryOf(1)])).toThrow(
      expect.objectContaining({ code: 'STORE_IO' }),
    );
    expect(said()).toEqual([]);
    expect(store.newest()).toBe(0);
  });

  // Goal: decisions cost one entry a run, each is covered once, and an entry changes when a decision does.
  test('decisions are covered in runs', async () => {
    const [outbox, woken] = [openOutbox(database), { times: 0 }];
    const journal = openJournal(database, () => (woken.times += 1));
    outbox.coverDecisions(NOW_MS);
    expect(said()).toEqual([]);
    const record = (id: string): Promise<void> => {
      const recorded = journal.record(decision(id));
      journal.flushSoon();
      return recorded;
    };
    for (const id of ['a', 'b']) await record(id);
    outbox.coverDecisions(NOW_MS);
    outbox.coverDecisions(NOW_MS);
    await record('c');
    outbox.coverDecisions(NOW_MS);
    expect(said()).toMatchObject([
      { type: 'decided', from: 1, to: 2 },
      { type: 'decided', from: 3, to: 3 },
    ]);
    expect(woken.times).toBe(3);
    const hashes = said().map((entry) => ('hash' in entry ? entry.hash : ''));
    expect(hashes[0]).not.toBe(hashes[1]);
  });

  test('an entry can be neither changed nor removed', () => {
    openFactStore(database).append([entryOf(1)]);
    expect(() => database.exec(`UPDATE outbox SET entry = x'00'`)).toThrow(/append-only/);
    expect(() => database.exec('DELETE FROM outbox')).toThrow(/append-only/);
  });
});

describe('a folder of the version before the ledger', () => {
  // Goal: it opens, its facts, decisions and keys that were given get salts and entries, once, and stay append-only. Method: the tables as they were.
  test('is brought up to date', () => {
    database.close();
    rmSync(path());
    const old = new Sqlite(path());
    old.exec(OLD_SCHEMA);
    const insert = old.prepare(
      `INSERT INTO facts (idx, source, id, type, received_at, body) VALUES (?, 'records', ?, 'report.filed', ?, ?)`,
    );
    for (const index of [1, 2, 3]) insert.run(index, `r${index}`, AT, `{"id":"r${index}"}`);
    old.exec(
      `INSERT INTO decisions VALUES (1, '${AT}', 'q', 'dock-1', '4411', 'r', 0, 'doj', 'x', 0, NULL, '{}', '{}')`,
    );
    const request = {
      ...{ grant: 'a'.repeat(64), dock: 'dock-1', manifest: 'b'.repeat(64), chunks: [0, 3] },
      ...{ signer: 'c'.repeat(43), sealedTo: `04${'ab'.repeat(64)}` },
      ledger: { vkey: 'v', index: 7, size: 9, root: 'd'.repeat(64) },
    };
    const answer = { reason: '', regime: 'doj', policySet: 'x', newestFact: 2 };
    const key = old.prepare(`INSERT INTO keys VALUES (?, '${AT}', ?, 'q', ?, '4411', '${RECORDING}', ?, ?)`);
    for (const [idx, given] of [1, 0, 1].entries())
      key.run(idx + 1, `g${idx}`, given, JSON.stringify(request), JSON.stringify(answer));
    old.close();
    for (const start of ['first', 'second']) {
      database = openDatabase(path());
      openKeyBook(database, () => 'e'.repeat(64));
      openOutbox(database).coverDecisions(NOW_MS);
      expect(said(), start).toMatchObject([
        ...[1, 2, 3].map((fact) => ({ type: 'fact.taken', fact })),
        ...['g0', 'g2'].map((grantId) => ({
          ...{ type: 'keys.released', grantId, recording: RECORDING, chunks: [0, 3], dock: 'dock-1' },
          ...{ person: 'e'.repeat(64), dockLedger: { index: 7, size: 9 }, newestFact: 2 },
        })),
        { type: 'decided', from: 1, to: 1 },
      ]);
      expect(() => database.exec(`UPDATE keys SET person = ''`)).toThrow(/append-only/);
      expect(() => database.exec(`UPDATE facts SET body = ''`)).toThrow(/append-only/);
      expect(() => database.exec(`UPDATE decisions SET answer = ''`)).toThrow(/append-only/);
      if (start === 'first') database.close();
    }
    openFactStore(database).append([entryOf(4)]);
    expect(said()).toHaveLength(7);
  });
});

const OLD_SCHEMA = `
CREATE TABLE facts (idx INTEGER PRIMARY KEY, source TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, incident TEXT, recording TEXT,
  person TEXT, received_at TEXT NOT NULL, body TEXT NOT NULL, manifest BLOB, UNIQUE (source, id)) STRICT;
CREATE TRIGGER facts_stay BEFORE UPDATE ON facts BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;
CREATE TABLE decisions (idx INTEGER PRIMARY KEY, at TEXT NOT NULL, request_id TEXT NOT NULL, source TEXT NOT NULL, person TEXT NOT NULL,
  recording TEXT NOT NULL, allowed INTEGER NOT NULL, regime TEXT NOT NULL, policy_set TEXT NOT NULL, newest_fact INTEGER NOT NULL,
  grant_id TEXT UNIQUE, request TEXT NOT NULL, answer TEXT NOT NULL) STRICT;
CREATE TABLE keys (idx INTEGER PRIMARY KEY, at TEXT NOT NULL, grant_id TEXT NOT NULL, asked_by TEXT NOT NULL, given INTEGER NOT NULL,
  person TEXT NOT NULL, recording TEXT NOT NULL, request TEXT NOT NULL, answer TEXT NOT NULL) STRICT;
CREATE TRIGGER keys_stay BEFORE UPDATE ON keys BEGIN SELECT RAISE(ABORT, 'keys given are append-only'); END;
CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
`;
