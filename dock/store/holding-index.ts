import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import Database from 'libsql';
import type { CameraId, RecordingId } from '../../proto/ids.ts';
import type { HoldingKey, Stamp } from '../ports.ts';
import { ChunkInserts, type ChunkOf } from './chunk-inserts.ts';
import { asStoreError, StoreError } from './errors.ts';
import { chunkRow, columns, holdingRow } from './rows.ts';
import type { ChunkRow, HoldingRow, NewHolding } from './rows.ts';

export type Change =
  | { readonly change: 'add-holding'; readonly holding: NewHolding; readonly chunks?: readonly ChunkRow[] }
  | { readonly change: 'set-holding'; readonly holding: HoldingRow }
  | ({ readonly change: 'add-chunk' } & ChunkOf)
  | { readonly change: 'forget-chunks'; readonly holding: number; readonly from: number }
  /** The same chunk, with the stamp that it had when it was accepted. */
  | { readonly change: 'set-stamp'; readonly holding: number; readonly chunk: ChunkRow }
  | { readonly change: 'scrubbed'; readonly holding: number; readonly atUs: number };

/** What is where. Holds no content and can be rebuilt from the files, apart from stamps that are in no file yet. */
export interface HoldingIndex {
  holdings(): readonly HoldingRow[];
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
  /** The same for rows of chunks alone, without keeping the event loop waiting. One at a time, and no `commit` until it resolves. */
  addChunks(rows: readonly ChunkOf[]): Promise<void>;
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
      return new SqliteIndex({ database: openDatabase(path), inserts: new ChunkInserts(path), lock });
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
  /** Without them chunks are added like everything else. */
  readonly inserts?: ChunkInserts;
  readonly lock?: Pick<Database.Database, 'close'>;
}

class SqliteIndex implements HoldingIndex {
  readonly #database: Database.Database;
  readonly #inserts: ChunkInserts | undefined;
  readonly #lock: Pick<Database.Database, 'close'> | undefined;
  readonly #all: Database.Statement;
  readonly #one: Database.Statement;
  readonly #byRecording: Database.Statement;
  readonly #chunks: Database.Statement;
  readonly #sealed: Database.Statement;
  readonly #addHolding: Database.Statement;
  readonly #setHolding: Database.Statement;
  readonly #addChunk: Database.Statement;
  readonly #forgetChunks: Database.Statement;
  readonly #setStamp: Database.Statement;
  readonly #byTurn: Database.Statement;
  readonly #scrubbed: Database.Statement;

  constructor({ database, inserts, lock }: Parts) {
    this.#database = database;
    this.#inserts = inserts;
    this.#lock = lock;
    this.#all = database.prepare(`${SELECT_HOLDINGS} ORDER BY h.id`);
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
    this.#addHolding = database.prepare(
      `INSERT INTO holdings (recording, manifest_sha256, camera, transport, manifest_bytes, content_bytes, state,
         conflict, folder, moving_to, lease_epoch, has_manifest, wraps_sha256, entry_index, reason, stamps_sha256,
         stamps_chunks, destroying, healing, rot_from)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#setHolding = database.prepare(
      `UPDATE holdings SET transport = ?, manifest_bytes = ?, content_bytes = ?, state = ?, folder = ?, moving_to = ?, lease_epoch = ?, has_manifest = ?,
         wraps_sha256 = ?, entry_index = ?, reason = ?, stamps_sha256 = ?, stamps_chunks = ?, destroying = ?, healing = ?,
         rot_from = ? WHERE id = ?`,
    );
    this.#addChunk = database.prepare('INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
    this.#forgetChunks = database.prepare('DELETE FROM chunks WHERE holding = ? AND chunk >= ?');
    this.#setStamp = database.prepare(
      `UPDATE chunks SET received_us = ?, uncertainty_us = ?, basis = ?, epoch = ?
         WHERE holding = ? AND chunk = ? AND sha256 = ?`,
    );
    this.#byTurn = database.prepare(
      `${SELECT_HOLDINGS} LEFT JOIN scrubs s ON s.holding = h.id
         WHERE h.state <> 'incoming' ORDER BY coalesce(s.turn, 0), h.id`,
    );
    this.#scrubbed = database.prepare(
      `INSERT INTO scrubs VALUES (?, (SELECT coalesce(max(turn), 0) + 1 FROM scrubs), ?)
         ON CONFLICT (holding) DO UPDATE SET turn = excluded.turn, at_us = excluded.at_us`,
    );
  }

  holdings(): readonly HoldingRow[] {
    return this.#all.all().map(holdingRow);
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

  async addChunks(rows: readonly ChunkOf[]): Promise<void> {
    if (this.#inserts !== undefined) return this.#inserts.add(rows);
    this.commit(rows.map((row) => ({ change: 'add-chunk', ...row })));
  }

  close(): void {
    this.#inserts?.close();
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    this.#database.close();
    this.#lock?.close();
  }

  #apply(change: Change): void {
    switch (change.change) {
      case 'add-holding': {
        const id = this.#insertHolding(change.holding);
        for (const chunk of change.chunks ?? []) this.#insertChunk(id, chunk);
        return;
      }
      case 'set-holding': {
        const { holding } = change;
        const { transport, manifestBytes, contentBytes, state, id } = holding;
        this.#setHolding.run(transport, manifestBytes, contentBytes, state, ...changing(holding), id);
        return;
      }
      case 'add-chunk':
        this.#insertChunk(change.holding, change.chunk);
        return;
      case 'forget-chunks':
        this.#forgetChunks.run(change.holding, change.from);
        return;
      case 'set-stamp': {
        const { index, sha256, stamp } = change.chunk;
        this.#setStamp.run(...stampColumns(stamp), change.holding, index, sha256);
        return;
      }
      case 'scrubbed':
        this.#scrubbed.run(change.holding, change.atUs);
        return;
    }
    change satisfies never;
  }

  #insertHolding(holding: NewHolding): number {
    const offer = [holding.recordingId, holding.manifestSha256, holding.cameraId, holding.transport];
    const fixed = [holding.manifestBytes, holding.contentBytes, holding.state, Number(holding.conflict)];
    return Number(this.#addHolding.run(...offer, ...fixed, ...changing(holding)).lastInsertRowid);
  }

  #insertChunk(holding: number, { index, offset, bytes, sha256, stamp }: ChunkRow): void {
    this.#addChunk.run(holding, index, offset, bytes, sha256, ...stampColumns(stamp));
  }
}

function stampColumns(stamp: Stamp): readonly unknown[] {
  return [stamp.receivedAtUs, stamp.uncertaintyUs, stamp.basis, stamp.epoch ?? null];
}

function changing(holding: NewHolding): readonly unknown[] {
  return [
    holding.folder,
    holding.movingTo ?? null,
    holding.leaseEpoch,
    Number(holding.hasManifest),
    holding.wrapsSha256 ?? null,
    holding.entryIndex ?? null,
    holding.reason ?? null,
    holding.stamps?.sha256 ?? null,
    holding.stamps?.chunks ?? null,
    Number(holding.destroying ?? false),
    holding.healing ?? null,
    holding.rotFrom ?? null,
  ];
}
