import Database from 'libsql';
import { StoreError } from '../errors.ts';

export type { Database } from 'libsql';

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
CREATE TRIGGER IF NOT EXISTS decisions_stay BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER IF NOT EXISTS decisions_kept BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;

CREATE TABLE IF NOT EXISTS proofs_used (
  thumbprint TEXT NOT NULL,
  nonce      TEXT NOT NULL,
  used_at_ms INTEGER NOT NULL,
  PRIMARY KEY (thumbprint, nonce)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS proofs_age ON proofs_used (used_at_ms);
`;

/**
 * Opens facts.db for this process alone. A transaction that has returned survives a pulled plug: WAL with
 * `synchronous` FULL syncs each commit. Throws StoreError STORE_BUSY when another process has it, STORE_IO otherwise.
 */
export function openDatabase(path: string): Database.Database {
  try {
    const database = new Database(path);
    // Exclusive: two services on one folder would each decide from facts the other does not see.
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.exec(SCHEMA);
    return database;
  } catch (cause) {
    const busy = isSqlite(cause, 'SQLITE_BUSY');
    const message = busy ? `another policy service is using ${path}` : `cannot open ${path}`;
    throw new StoreError(busy ? 'STORE_BUSY' : 'STORE_IO', message, { retry: 'later', cause });
  }
}

export function isSqlite(error: unknown, code: string): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith(code)
  );
}

/** The columns of one row as an object. The database gave us what we wrote; a row of another shape is damage. */
export function fields(row: unknown): Readonly<Record<string, unknown>> {
  if (typeof row !== 'object' || row === null) throw damaged('a row is not a row');
  return Object.fromEntries(Object.entries(row));
}

export function damaged(what: string, cause?: unknown): StoreError {
  return new StoreError('STORE_DAMAGED', `facts.db is damaged: ${what}. Restore it from a backup`, {
    retry: 'never',
    ...(cause === undefined ? {} : { cause }),
  });
}
