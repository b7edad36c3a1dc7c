import { chmodSync, closeSync, existsSync, openSync, rmSync } from 'node:fs';
import Database from 'libsql';

/** The tree that this log has decided on: signed by now, or about to be. */
export interface Intended {
  readonly size: number;
  readonly root: Uint8Array;
}

export interface JournalEntry {
  readonly key: string;
  readonly entry: Uint8Array;
}

export interface Batch {
  /** Index of the first entry. */
  readonly start: number;
  readonly entries: readonly JournalEntry[];
  readonly intended: Intended;
  /** Bodies before this index are in published bundles and may go. */
  readonly keepFrom: number;
}

// Bodies live here until their bundle is full and published; the keys stay, since they make appends idempotent.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS entry (idx INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE IF NOT EXISTS tail (idx INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS intended (
    id INTEGER PRIMARY KEY CHECK (id = 1), size INTEGER NOT NULL, root BLOB NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS quorum (
    id INTEGER PRIMARY KEY CHECK (id = 1), witnesses INTEGER NOT NULL
  ) STRICT;`;
const BUSY_TIMEOUT_MS = 1_000;
// The newest entries are in it before anybody else may see them.
const OWNER_ONLY = 0o600;

/**
 * Which key has which index, the bodies of the newest entries, and the intended tree. What writes survives a pulled plug on
 * return. Throws what its database throws, with its `code`.
 */
export interface LedgerJournal {
  /** Undefined when it is new. */
  intended(): Intended | undefined;
  /** How many witnesses the log was opened with last; 0 when it is new. */
  quorum(): number;
  rememberQuorum(witnesses: number): void;
  indexOf(key: string): number | undefined;
  /** Bodies that are still kept, from `start` on, by index. */
  tail(start: number): ReadonlyMap<number, Uint8Array>;
  /** Entries and intended tree in one transaction, so that neither is ever there without the other. */
  commit(batch: Batch): void;
  /**
   * Fills an empty journal from a published log, in one transaction. Nothing is kept when `entries` throws.
   * Bodies from `keepFrom` on are kept; a key that comes twice keeps its first index, as it would have on append.
   */
  rebuild(entries: AsyncIterable<JournalEntry>, intended: Intended, keepFrom: number): Promise<void>;
  close(): void;
}

/** Held from opening to closing: two writers would sign two histories. */
export interface LedgerLock {
  release(): void;
}

/** In place of a file: a database that is nowhere but in memory, for simulation. */
export const IN_MEMORY = ':memory:';

/** `log.db`: a journal in SQLite. */
export class Journal implements LedgerJournal {
  readonly #db: Database.Database;
  readonly #find: Database.Statement;
  readonly #addKey: Database.Statement;
  readonly #addBody: Database.Statement;
  readonly #forget: Database.Statement;
  readonly #intend: Database.Statement;

  constructor(path: string) {
    if (path !== IN_MEMORY) prepareFile(path);
    this.#db = new Database(path, { timeout: BUSY_TIMEOUT_MS });
    this.#db.pragma('journal_mode = WAL');
    // With NORMAL, a commit in WAL mode can be lost when the power goes.
    this.#db.pragma('synchronous = FULL');
    this.#db.exec(SCHEMA);
    this.#find = this.#db.prepare('SELECT idx FROM entry WHERE key = ?');
    this.#addKey = this.#db.prepare('INSERT INTO entry (idx, key) VALUES (?, ?)');
    this.#addBody = this.#db.prepare('INSERT INTO tail (idx, body) VALUES (?, ?)');
    this.#forget = this.#db.prepare('DELETE FROM tail WHERE idx < ?');
    this.#intend = this.#db.prepare('INSERT OR REPLACE INTO intended (id, size, root) VALUES (1, ?, ?)');
  }

  intended(): Intended | undefined {
    const row = this.#db.prepare('SELECT size, root FROM intended WHERE id = 1').get();
    if (!isRow(row)) return undefined;
    return { size: Number(row.size), root: blob(row.root) };
  }

  quorum(): number {
    const row = this.#db.prepare('SELECT witnesses FROM quorum WHERE id = 1').get();
    return isRow(row) ? Number(row.witnesses) : 0;
  }

  rememberQuorum(witnesses: number): void {
    this.#db.prepare('INSERT OR REPLACE INTO quorum (id, witnesses) VALUES (1, ?)').run(witnesses);
  }

  indexOf(key: string): number | undefined {
    const row = this.#find.get(key);
    return isRow(row) ? Number(row.idx) : undefined;
  }

  tail(start: number): ReadonlyMap<number, Uint8Array> {
    const rows = this.#db.prepare('SELECT idx, body FROM tail WHERE idx >= ? ORDER BY idx').all(start);
    return new Map(rows.filter(isRow).map((row) => [Number(row.idx), blob(row.body)]));
  }

  commit(batch: Batch): void {
    this.#db
      .transaction(() => {
        batch.entries.forEach(({ key, entry }, at) => {
          this.#addKey.run(batch.start + at, key);
          this.#addBody.run(batch.start + at, entry);
        });
        this.#forget.run(batch.keepFrom);
        this.#setIntended(batch.intended);
      })
      .immediate();
  }

  async rebuild(entries: AsyncIterable<JournalEntry>, intended: Intended, keepFrom: number): Promise<void> {
    const addKey = this.#db.prepare('INSERT OR IGNORE INTO entry (idx, key) VALUES (?, ?)');
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      let index = 0;
      for await (const { key, entry } of entries) {
        addKey.run(index, key);
        if (index >= keepFrom) this.#addBody.run(index, entry);
        index += 1;
      }
      this.#setIntended(intended);
      this.#db.exec('COMMIT');
    } catch (cause) {
      this.#db.exec('ROLLBACK');
      throw cause;
    }
  }

  close(): void {
    this.#db.close();
  }

  #setIntended({ size, root }: Intended): void {
    this.#intend.run(size, root);
  }
}

/**
 * One process at a time: two writers would sign two histories. Held as an exclusive SQLite transaction on a file of its
 * own, which the kernel lets go when the process dies. Throws SQLITE_BUSY when another has it.
 */
export class WriterLock implements LedgerLock {
  readonly #db: Database.Database;

  constructor(path: string) {
    keepToOwner(path);
    this.#db = new Database(path, { timeout: 0 });
    this.#db.exec('BEGIN EXCLUSIVE');
  }

  release(): void {
    this.#db.exec('ROLLBACK');
    this.#db.close();
  }
}

function prepareFile(path: string): void {
  // A write-ahead log without its database belongs to a database that somebody moved away.
  if (!existsSync(path)) for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
  keepToOwner(path);
}

/**
 * Makes the file, or what an earlier version made, its user's alone; SQLite gives the files beside it the same mode. It must not be
 * opened here when it is there: closing it would end every lock that this process has on it.
 */
function keepToOwner(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, 'a', OWNER_ONLY));
  else
    for (const file of [path, `${path}-wal`, `${path}-shm`])
      if (existsSync(file)) chmodSync(file, OWNER_ONLY);
}

const isRow = (row: unknown): row is Record<string, unknown> => typeof row === 'object' && row !== null;

// libsql gives a Buffer for one row and an ArrayBuffer for many.
function blob(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new TypeError('not a BLOB');
}
