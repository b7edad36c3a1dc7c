import {
  type Batch,
  IN_MEMORY,
  type Intended,
  Journal,
  type JournalEntry,
  type LedgerJournal,
  type LedgerLock,
} from '../../dock/ledger/journal.ts';
import type { LedgerMachine } from '../../dock/ledger/machine.ts';
import type { Mount } from './disk.ts';
import { systemError } from './tree.ts';

/**
 * A journal on a `FaultDisk`: a commit is one of the disk's operations, so the power can go just before or just after
 * it, and it fails when the disk is full. SQLite's own promise, that what was committed stays, is taken as given.
 */
class FaultJournal implements LedgerJournal {
  readonly #journal: Journal;
  readonly #mount: Mount;

  constructor(journal: Journal, mount: Mount) {
    this.#journal = journal;
    this.#mount = mount;
  }

  intended(): Intended | undefined {
    return this.#journal.intended();
  }

  quorum(): number {
    return this.#journal.quorum();
  }

  rememberQuorum(witnesses: number): void {
    this.#mount.share(() => this.#journal.rememberQuorum(witnesses));
  }

  indexOf(key: string): number | undefined {
    return this.#journal.indexOf(key);
  }

  tail(start: number): ReadonlyMap<number, Uint8Array> {
    return this.#journal.tail(start);
  }

  commit(batch: Batch): void {
    this.#mount.share(() => this.#journal.commit(batch));
  }

  /** Reads everything first: a power cut in the middle of it must leave no transaction to the next life. */
  async rebuild(entries: AsyncIterable<JournalEntry>, intended: Intended, keepFrom: number): Promise<void> {
    const all: JournalEntry[] = [];
    for await (const entry of entries) all.push(entry);
    let rebuilt: Promise<void> = Promise.resolve();
    try {
      this.#mount.share(() => {
        rebuilt = this.#journal.rebuild(each(all), intended, keepFrom);
      });
    } finally {
      await rebuilt;
    }
  }

  /** The database goes on, for the next life of the log. */
  close(): void {}
}

/**
 * What a dock's disk has of a log beside its files: the database, real and in memory, which outlives every power cut; and
 * the lock, which the power takes with it. One for each log.
 */
export class LedgerShelf {
  #journal = new Journal(IN_MEMORY);
  #holder: Mount | undefined;

  /** The machine under the log between two power cuts. */
  on(mount: Mount): LedgerMachine {
    return {
      disk: mount,
      openJournal: () => new FaultJournal(this.#journal, mount),
      takeLock: () => this.#take(mount),
    };
  }

  /** The database is gone, as if somebody had removed its file while the log was closed. */
  loseJournal(): void {
    this.#journal.close();
    this.#journal = new Journal(IN_MEMORY);
  }

  #take(mount: Mount): LedgerLock {
    if (this.#holder?.isPowered === true) throw systemError('SQLITE_BUSY', 'database is locked');
    this.#holder = mount;
    return {
      release: () => {
        if (this.#holder === mount) this.#holder = undefined;
      },
    };
  }
}

async function* each(entries: readonly JournalEntry[]): AsyncGenerator<JournalEntry, void, void> {
  yield* entries;
}
