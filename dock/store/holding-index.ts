import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import Database from 'libsql';
import type { CameraId, RecordingId } from '../../proto/ids.ts';
import type { HoldingKey, HoldingState } from '../ports.ts';
import { type Change, SQL, statementOf } from './changes.ts';
import { asStoreError, StoreError } from './errors.ts';
import { LaterTransactions } from './later.ts';
import { chunkRow, columns, holdingRow } from './rows.ts';
import type { ChunkRow, HoldingRow } from './rows.ts';

/** What is where. Holds no content and can be rebuilt from the files, apart from stamps that are in no file yet. */
export interface HoldingIndex {
  /** All of them, or all in one state. */
  holdings(state?: HoldingState): readonly HoldingRow[];
  find(key: HoldingKey): HoldingRow | undefined;
  /** All holdings under one recording id. */
  rivals(recordingId: RecordingId): readonly HoldingRow[];
  chunk(holding: number, index: number): ChunkRow | undefined;
  /** Up to `count` chunks from index `from` on. */
  chunks(holding: number, from: number, count: number): readonly ChunkRow[];
  /** The sealed recordings of this camera that were ever accepted. */
  sealed(camera: CameraId): readonly HoldingRow[];
  /** Settled holdings, the one that was read in full longest ago first. */
  byTurn(): readonly HoldingRow[];
  /** All of it or nothing, and durable on return. */
  commit(changes: readonly Change[]): void;
  /** The same without keeping the event loop waiting. One at a time, and no `commit` until it resolves. */
  commitLater(changes: readonly Change[]): Promise<void>;
  close(): void;
}

const VERSION = 3;
// It says who recorded what and when.
const OWNER_ONLY = 0o600;

const SCHEMA = `
  CREATE TABLE holdings (
    id INTEGER PRIMARY KEY,
    recording TEXT NOT NULL,
    manifest_sha256 BLOB NOT NULL,
    camera TEXT NOT NULL,
    transport TEXT NOT NULL CHECK (transport IN ('serial', 'mqtt')),
    manifest_bytes INTEGER NOT NULL,
    content_bytes INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('incoming', 'held', 'quarantined', 'destroyed')),
    conflict INTEGER NOT NULL,
    folder TEXT NOT NULL UNIQUE,
    moving_to TEXT UNIQUE,
    lease_epoch INTEGER NOT NULL,
    has_manifest INTEGER NOT NULL,
    wraps_sha256 BLOB CHECK (length(wraps_sha256) = 32),
    entry_index INTEGER,
    reason TEXT,
    stamps_sha256 BLOB,
    stamps_chunks INTEGER,
    destroying INTEGER NOT NULL,
    healing TEXT CHECK (healing IN ('mirror', 'camera', 'index')),
    rot_from INTEGER,
    UNIQUE (recording, manifest_sha256),
    CHECK (state <> 'held' OR conflict = 0)
  ) STRICT;
  -- At most one manifest of a recording is ever in custody, at the end of its time too.
  CREATE UNIQUE INDEX one_held ON holdings (recording) WHERE state IN ('held', 'destroyed') AND reason IS NULL;
  CREATE INDEX sealed ON holdings (camera) WHERE wraps_sha256 IS NOT NULL;
  CREATE TABLE chunks (
    holding INTEGER NOT NULL REFERENCES holdings (id),
    chunk INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    received_us INTEGER NOT NULL,
    uncertainty_us INTEGER NOT NULL,
    basis TEXT NOT NULL CHECK (basis IN ('local', 'utc')),
    epoch INTEGER,
    PRIMARY KEY (holding, chunk)
  ) STRICT, WITHOUT ROWID;
  -- When a holding was last read in full, by a number that only rises: clocks step.
  CREATE TABLE scrubs (
    holding INTEGER PRIMARY KEY REFERENCES holdings (id),
    turn INTEGER NOT NULL,
    at_us INTEGER NOT NULL
  ) STRICT;
  PRAGMA user_version = ${VERSION};
`;

const SELECT_HOLDINGS = `
  SELECT h.*, c.chunk, c.offset, c.bytes, c.sha256, c.received_us, c.uncertainty_us, c.basis,
    c.epoch
  FROM holdings h LEFT JOIN chunks c
    ON c.holding = h.id AND c.chunk = (SELECT max(chunk) FROM chunks WHERE holding = h.id)`;

/**
 * Opens or makes the index at `path` (`:memory:` for one that lives as long as its object). One process at a
 * time: a second one gets STORE_IO.
 */
export function openHoldingIndex(path: string): HoldingIndex {
  if (path === ':memory:') return new SqliteIndex({ database: openDatabase(path) });
  try {
    const lock = lockIndex(path);
    try {
      return new SqliteIndex({ database: openDatabase(path), later: new LaterTransactions(path), lock });
    } catch (error) {
      lock.close();
      throw error;
    }
  } catch (error) {
    throw asStoreError(error, `open the index ${path} (is another dock using it?)`, { path });
  }
}

/** The same for who holds the lock of the folder already. */
export function openIndexAlone(path: string): HoldingIndex {
  return new SqliteIndex({ database: openDatabase(path) });
}

/**
 * Two docks on one folder would cut each other's tails. Node cannot lock a file, SQLite can: the transaction on
 * this empty database lasts until it is closed or the process ends. The index itself cannot be the lock, as
 * libsql keeps a closed connection open while one of its statements has not been collected.
 */
export function lockIndex(path: string): Pick<Database.Database, 'close'> {
  keepToOwner(`${path}.lock`);
  const lock = new Database(`${path}.lock`);
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    throw error;
  }
}

function openDatabase(path: string): Database.Database {
  if (path !== ':memory:') keepToOwner(path);
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  // In WAL mode NORMAL would lose commits when the plug is pulled.
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  const found = Number(columns(database.prepare('PRAGMA user_version').get())['user_version']);
  if (found === 0) database.exec(`BEGIN EXCLUSIVE; ${SCHEMA} COMMIT;`);
  if (found !== 0 && found !== VERSION) {
    throw new StoreError(
      'STORE_IO',
      `the index ${path} is of version ${found}, this program knows ${VERSION}`,
      {
        retry: 'never',
      },
    );
  }
  // Not part of what a version means: an index of before gets it here.
  database.exec('CREATE INDEX IF NOT EXISTS by_state ON holdings (state)');
  return database;
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

interface Parts {
  readonly database: Database.Database;
  /** Without them everything is committed at once. */
  readonly later?: LaterTransactions;
  readonly lock?: Pick<Database.Database, 'close'>;
}

class SqliteIndex implements HoldingIndex {
  readonly #database: Database.Database;
  readonly #later: LaterTransactions | undefined;
  readonly #lock: Pick<Database.Database, 'close'> | undefined;
  readonly #all: Database.Statement;
  readonly #inState: Database.Statement;
  readonly #one: Database.Statement;
  readonly #byRecording: Database.Statement;
  readonly #chunks: Database.Statement;
  readonly #sealed: Database.Statement;
  readonly #byTurn: Database.Statement;
  readonly #changes: Readonly<Record<keyof typeof SQL, Database.Statement>>;

  constructor({ database, later, lock }: Parts) {
    this.#database = database;
    this.#later = later;
    this.#lock = lock;
    this.#changes = {
      addHolding: database.prepare(SQL.addHolding),
      setHolding: database.prepare(SQL.setHolding),
      addChunk: database.prepare(SQL.addChunk),
      forgetChunks: database.prepare(SQL.forgetChunks),
      setStamp: database.prepare(SQL.setStamp),
      scrubbed: database.prepare(SQL.scrubbed),
    };
    this.#all = database.prepare(`${SELECT_HOLDINGS} ORDER BY h.id`);
    this.#inState = database.prepare(`${SELECT_HOLDINGS} WHERE h.state = ? ORDER BY h.id`);
    this.#one = database.prepare(`${SELECT_HOLDINGS} WHERE h.recording = ? AND h.manifest_sha256 = ?`);
    this.#byRecording = database.prepare(`${SELECT_HOLDINGS} WHERE h.recording = ? ORDER BY h.id`);
    this.#chunks = database.prepare(
      'SELECT * FROM chunks WHERE holding = ? AND chunk >= ? ORDER BY chunk LIMIT ?',
    );
    this.#sealed = database.prepare(
      `${SELECT_HOLDINGS} WHERE h.camera = ? AND h.wraps_sha256 IS NOT NULL
         AND (h.state IN ('held', 'destroyed') AND h.reason IS NULL OR h.reason = 'rot' OR h.healing IS NOT NULL)
         ORDER BY h.id`,
    );
    this.#byTurn = database.prepare(
      `${SELECT_HOLDINGS} LEFT JOIN scrubs s ON s.holding = h.id
         WHERE h.state <> 'incoming' ORDER BY coalesce(s.turn, 0), h.id`,
    );
  }

  holdings(state?: HoldingState): readonly HoldingRow[] {
    const rows = state === undefined ? this.#all.all() : this.#inState.all(state);
    return rows.map(holdingRow);
  }

  find(key: HoldingKey): HoldingRow | undefined {
    const row = this.#one.get(key.recordingId, key.manifestSha256);
    return row === undefined ? undefined : holdingRow(row);
  }

  rivals(recordingId: RecordingId): readonly HoldingRow[] {
    return this.#byRecording.all(recordingId).map(holdingRow);
  }

  chunk(holding: number, index: number): ChunkRow | undefined {
    const [row] = this.chunks(holding, index, 1);
    return row?.index === index ? row : undefined;
  }

  chunks(holding: number, from: number, count: number): readonly ChunkRow[] {
    return this.#chunks.all(holding, from, count).map((row) => chunkRow(columns(row)));
  }

  sealed(camera: CameraId): readonly HoldingRow[] {
    return this.#sealed.all(camera).map(holdingRow);
  }

  byTurn(): readonly HoldingRow[] {
    return this.#byTurn.all().map(holdingRow);
  }

  commit(changes: readonly Change[]): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const change of changes) this.#apply(change);
      this.#database.exec('COMMIT');
    } catch (error) {
      // SQLite has rolled back by itself after some failures, a full disk among them.
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  async commitLater(changes: readonly Change[]): Promise<void> {
    // Chunks that come with their holding need its number, which only this connection tells; that is a rebuilding, and rare.
    const isPlain = changes.every((change) => change.change !== 'add-holding' || change.chunks === undefined);
    if (this.#later !== undefined && isPlain) return this.#later.commit(changes.map(statementOf));
    this.commit(changes);
  }

  close(): void {
    this.#later?.close();
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    this.#database.close();
    this.#lock?.close();
  }

  #apply(change: Change): void {
    const { sql, values } = statementOf(change);
    const holding = Number(this.#changes[sql].run(...values).lastInsertRowid);
    if (change.change !== 'add-holding') return;
    for (const chunk of change.chunks ?? []) this.#apply({ change: 'add-chunk', holding, chunk });
  }
}
