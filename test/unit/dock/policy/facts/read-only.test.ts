import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, openDatabaseAt, type Database } from '../../../../../dock/policy/facts/database.ts';
import { entriesIn, lastRegime, readFactsFile } from '../../../../../dock/policy/facts/read-only.ts';
import { openFactStore } from '../../../../../dock/policy/facts/store.ts';
import { AT, fact } from '../story.ts';

// Goal: facts are read beside a running service, which is neither held up nor waited for, and not a byte changes. Method: a second
// connection in the middle of a write, files compared before and after, and a file of before there were decisions.
let folder = '';
const open: Database[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-read-only-'));
});
afterEach(() => {
  for (const database of open.splice(0)) database.close();
  rmSync(folder, { recursive: true, force: true });
});

const entry = (index: number) => ({
  index,
  source: 'records',
  receivedAt: AT,
  fact: fact('incident.opened', { incident: `24-${index}` }),
});

function service(): Database {
  const database = openDatabase(join(folder, 'facts.db'));
  open.push(database);
  return database;
}

describe('reading facts.db beside its service', () => {
  it('sees what is durable and nothing of what is not, and holds nobody up', () => {
    const database = service();
    const store = openFactStore(database);
    store.append([entry(1), entry(2)]);
    database.exec('BEGIN IMMEDIATE');
    database.exec("INSERT INTO heads (vkey, size, root) VALUES ('a', 1, 'b')");
    expect(readFactsFile(folder, entriesIn).map(({ index }) => index)).toEqual([1, 2]);
    database.exec('COMMIT');
    readFactsFile(folder, (reading) => {
      expect(entriesIn(reading)).toHaveLength(2);
      store.append([entry(3)]);
      // One moment: what came in meanwhile is not seen halfway through.
      expect(entriesIn(reading)).toHaveLength(2);
    });
    expect(readFactsFile(folder, entriesIn)).toHaveLength(3);
  });

  it('cannot write, and changes no file', () => {
    openFactStore(service()).append([entry(1)]);
    // The index of the log (-shm) is where readers say how far they read; it holds no facts.
    const files = readdirSync(folder).filter((name) => !name.endsWith('-shm'));
    const before = files.map(hashOf);
    expect(() =>
      readFactsFile(folder, (reading) =>
        reading.exec("INSERT INTO heads (vkey, size, root) VALUES ('a', 1, 'b')"),
      ),
    ).toThrow(expect.objectContaining({ code: 'STORE_IO' }));
    expect(() => readFactsFile(folder, (reading) => reading.exec('CREATE TABLE new_one (a)'))).toThrow(
      expect.objectContaining({ code: 'STORE_IO' }),
    );
    readFactsFile(folder, entriesIn);
    expect(files.map(hashOf)).toEqual(before);
  });

  // Where it is missing the command line names the wrong folder: no command may end as if it had found something in it.
  it('makes no file where there is none', () => {
    expect(() => readFactsFile(folder, entriesIn)).toThrow(expect.objectContaining({ code: 'BAD_CONFIG' }));
    expect(existsSync(join(folder, 'facts.db'))).toBe(false);
  });

  it('reads a file of before columns that came later, as it is', () => {
    const schema = `CREATE TABLE facts (idx INTEGER PRIMARY KEY, source TEXT, id TEXT, type TEXT, incident TEXT, recording TEXT,
      person TEXT, received_at TEXT, body TEXT, manifest BLOB); CREATE TABLE decisions (idx INTEGER PRIMARY KEY, regime TEXT)`;
    const database = openDatabaseAt(join(folder, 'facts.db'), { schema, pragmas: [] });
    open.push(database);
    const { receivedAt, source, fact: one } = entry(1);
    database
      .prepare('INSERT INTO facts VALUES (1, ?, ?, ?, NULL, NULL, NULL, ?, ?, NULL)')
      .run(source, one.id, one.type, receivedAt, JSON.stringify(one));
    expect(readFactsFile(folder, entriesIn)).toEqual([entry(1)]);
    expect(readFactsFile(folder, lastRegime)).toBeUndefined();
  });
});

function hashOf(name: string): string {
  return `${name} ${createHash('sha256')
    .update(readFileSync(join(folder, name)))
    .digest('hex')}`;
}
