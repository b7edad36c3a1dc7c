import Database from 'libsql/promise';
import { type Statement, spelled } from './changes.ts';

/**
 * Transactions over a connection of their own, which the library runs on one of its threads: the sync of the index, which every chunk
 * waits for, holds up nothing but what waits for it. One at a time, and no other writer meanwhile.
 */
export class LaterTransactions {
  readonly #database: Database;
  readonly #ready: Promise<void>;

  constructor(path: string) {
    this.#database = new Database(path, {});
    this.#ready = this.#exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
    // Whoever comes first is told.
    this.#ready.catch(() => undefined);
  }

  /** All of them or none, and durable once it resolves. */
  async commit(statements: readonly Statement[]): Promise<void> {
    await this.#ready;
    try {
      await this.#exec(`BEGIN IMMEDIATE; ${statements.map(spelled).join('; ')}; COMMIT;`);
    } catch (error) {
      // SQLite has rolled back by itself after some failures, a full disk among them: then there is nothing to roll back.
      await this.#exec('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }

  async #exec(sql: string): Promise<void> {
    await this.#database.exec(sql);
  }
}
