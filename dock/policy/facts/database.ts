import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'libsql';
import { StoreError } from '../errors.ts';
import { migrate } from './migrate.ts';
import { written, type Database } from './row.ts';

export { damaged, fields, written, type Database } from './row.ts';

// The triggers hold against our own bugs. Against somebody with the file in hand they do not.
const SCHEMA = `
CREATE TABLE IF NOT EXISTS facts (
  idx         INTEGER PRIMARY KEY,
  source      TEXT NOT NULL,
  id          TEXT NOT NULL,
  type        TEXT NOT NULL,
  incident    TEXT,
  recording   TEXT,
  person      TEXT,
  received_at TEXT NOT NULL,
  body        TEXT NOT NULL,
  manifest    BLOB,
  UNIQUE (source, id)
) STRICT;
CREATE INDEX IF NOT EXISTS facts_incident ON facts (incident) WHERE incident IS NOT NULL;
CREATE INDEX IF NOT EXISTS facts_recording ON facts (recording) WHERE recording IS NOT NULL;
CREATE INDEX IF NOT EXISTS facts_person ON facts (person) WHERE person IS NOT NULL;
CREATE TRIGGER IF NOT EXISTS facts_stay BEFORE UPDATE ON facts BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;
CREATE TRIGGER IF NOT EXISTS facts_kept BEFORE DELETE ON facts BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;

CREATE TABLE IF NOT EXISTS decisions (
  idx         INTEGER PRIMARY KEY,
  at          TEXT NOT NULL,
  request_id  TEXT NOT NULL,
  source      TEXT NOT NULL,
  person      TEXT NOT NULL,
  recording   TEXT NOT NULL,
  allowed     INTEGER NOT NULL,
  regime      TEXT NOT NULL,
  policy_set  TEXT NOT NULL,
  newest_fact INTEGER NOT NULL,
  grant_id    TEXT UNIQUE,
  request     TEXT NOT NULL,
  answer      TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS decisions_destroy ON decisions (recording, source)
  WHERE allowed = 1 AND json_extract(request, '$.action') = 'delete';
CREATE TRIGGER IF NOT EXISTS decisions_stay BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER IF NOT EXISTS decisions_kept BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;

CREATE TABLE IF NOT EXISTS policy_sets (
  hash   TEXT NOT NULL,
  regime TEXT NOT NULL,
  schema TEXT NOT NULL,
  files  TEXT NOT NULL,
  PRIMARY KEY (hash, regime)
) STRICT;
CREATE TRIGGER IF NOT EXISTS policy_sets_stay BEFORE UPDATE ON policy_sets BEGIN SELECT RAISE(ABORT, 'policy sets are append-only'); END;
CREATE TRIGGER IF NOT EXISTS policy_sets_kept BEFORE DELETE ON policy_sets BEGIN SELECT RAISE(ABORT, 'policy sets are append-only'); END;

CREATE TABLE IF NOT EXISTS proofs_used (
  thumbprint TEXT NOT NULL,
  nonce      TEXT NOT NULL,
  used_at_ms INTEGER NOT NULL,
  PRIMARY KEY (thumbprint, nonce)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS proofs_age ON proofs_used (used_at_ms);

CREATE TABLE IF NOT EXISTS keys (
  idx         INTEGER PRIMARY KEY,
  at          TEXT NOT NULL,
  grant_id    TEXT NOT NULL,
  asked_by    TEXT NOT NULL,
  given       INTEGER NOT NULL,
  person      TEXT NOT NULL,
  recording   TEXT NOT NULL,
  request     TEXT NOT NULL,
  answer      TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS keys_grant ON keys (grant_id);
CREATE INDEX IF NOT EXISTS keys_recording ON keys (recording);
CREATE TRIGGER IF NOT EXISTS keys_stay BEFORE UPDATE ON keys BEGIN SELECT RAISE(ABORT, 'keys given are append-only'); END;
CREATE TRIGGER IF NOT EXISTS keys_kept BEFORE DELETE ON keys BEGIN SELECT RAISE(ABORT, 'keys given are append-only'); END;

CREATE TABLE IF NOT EXISTS heads (
  vkey TEXT PRIMARY KEY,
  size INTEGER NOT NULL,
  root TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS heads_grow BEFORE UPDATE ON heads WHEN NEW.size < OLD.size
  BEGIN SELECT RAISE(ABORT, 'a kept head only grows'); END;
CREATE TRIGGER IF NOT EXISTS heads_kept BEFORE DELETE ON heads BEGIN SELECT RAISE(ABORT, 'kept heads stay'); END;

CREATE TABLE IF NOT EXISTS outbox (
  seq   INTEGER PRIMARY KEY,
  entry BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS outbox_decided ON outbox (json_extract(CAST(entry AS TEXT), '$.to'))
  WHERE json_extract(CAST(entry AS TEXT), '$.type') = 'decided';
CREATE INDEX IF NOT EXISTS outbox_custodian ON outbox (seq) WHERE json_extract(CAST(entry AS TEXT), '$.type')
  IN ('service.started', 'custodian.rotated', 'custodian.recovered');
CREATE TRIGGER IF NOT EXISTS outbox_stays BEFORE UPDATE ON outbox BEGIN SELECT RAISE(ABORT, 'the outbox is append-only'); END;
CREATE TRIGGER IF NOT EXISTS outbox_kept BEFORE DELETE ON outbox BEGIN SELECT RAISE(ABORT, 'the outbox is append-only'); END;
`;

/**
 * Opens facts.db, made or brought up to date where needed. A transaction that has returned survives a pulled plug: WAL with
 * `synchronous` FULL syncs each commit. Throws StoreError STORE_IO.
 */
export function openDatabase(path: string): Database {
  const database = openDatabaseAt(path, {
    schema: SCHEMA,
    pragmas: ['journal_mode = WAL', 'synchronous = FULL'],
  });
  written(() => migrate(database));
  return database;
}

/**
 * Closes facts.db so that the one file holds everything, as a copy of it is a backup. libsql lets go of a file only when the last
 * statement is collected, so SQLite does not do this by itself.
 */
export function closeDatabase(database: Database): void {
  try {
    database.pragma('wal_checkpoint(TRUNCATE)');
  } catch {
    // A full disk: it is all in facts.db-wal, where the next start finds it.
  } finally {
    database.close();
  }
}

/** A database of this service, for its user alone. Throws StoreError STORE_IO. */
export function openDatabaseAt(
  path: string,
  { schema, pragmas }: { readonly schema: string; readonly pragmas: readonly string[] },
): Database {
  try {
    // Facts are about people: readable by this user alone. SQLite gives its other files the mode of this one.
    closeSync(openSync(path, 'a', 0o600));
    const database = new Sqlite(path);
    for (const pragma of pragmas) database.pragma(pragma);
    database.exec(schema);
    return database;
  } catch (cause) {
    throw new StoreError('STORE_IO', `cannot open ${path}`, { retry: 'later', cause });
  }
}

/**
 * Keeps every other service off the folder until the returned function is called or this process ends, however it
 * ends: two services would each decide from facts that the other does not see. Throws StoreError STORE_BUSY.
 *
 * It is a transaction on an empty database beside the facts, because libsql gives up an exclusive lock on the facts
 * themselves only when the last statement is collected, which can be long after `close`.
 */
export function lockFolder(folder: string): () => void {
  const lock = new Sqlite(join(folder, 'lock.db'));
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    if (!isSqlite(cause, 'SQLITE_BUSY')) throw cause;
    throw new StoreError('STORE_BUSY', `another policy service is using ${folder}`, {
      retry: 'later',
      cause,
    });
  }
  return () => {
    lock.exec('ROLLBACK');
    lock.close();
  };
}

function isSqlite(error: unknown, code: string): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith(code)
  );
}
