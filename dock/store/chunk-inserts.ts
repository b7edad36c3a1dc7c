import Database from 'libsql/promise';
import { toHex } from '../../proto/bytes.ts';
import type { ChunkRow } from './rows.ts';

/** A chunk's row and the holding that it belongs to. */
export interface ChunkOf {
  readonly holding: number;
  readonly chunk: ChunkRow;
}

/**
 * Adds rows of chunks over a connection of its own. The library runs it on one of its threads, so that the sync of the index, which
 * every chunk waits for, holds up nothing but that chunk. One call at a time, and no other writer meanwhile.
 */
export class ChunkInserts {
  readonly #database: Database;
  readonly #ready: Promise<void>;

  constructor(path: string) {
    this.#database = new Database(path, {});
    this.#ready = this.#exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
    // Whoever adds first is told.
    this.#ready.catch(() => undefined);
  }

  /** All of them or none, and durable once it resolves. */
  async add(rows: readonly ChunkOf[]): Promise<void> {
    await this.#ready;
    await this.#exec(`INSERT INTO chunks VALUES ${rows.map(valuesOf).join(',')}`);
  }

  close(): void {
    this.#database.close();
  }

  async #exec(sql: string): Promise<void> {
    await this.#database.exec(sql);
  }
}

/** Numbers, a digest and one of two words: nothing here comes from outside as text. */
function valuesOf({ holding, chunk: { index, offset, bytes, sha256, stamp } }: ChunkOf): string {
  const numbers = [holding, index, offset, bytes].map(literal);
  const { receivedAtUs, uncertaintyUs, basis, epoch } = stamp;
  const bound = [receivedAtUs, uncertaintyUs].map(literal);
  const since = epoch === undefined ? 'NULL' : literal(epoch);
  return `(${numbers.join(',')},x'${toHex(sha256)}',${bound.join(',')},'${basis}',${since})`;
}

function literal(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number`);
  return String(value);
}
