import { type LedgerDisk, systemDisk } from './disk.ts';
import { Journal, type LedgerJournal, type LedgerLock, WriterLock } from './journal.ts';

/** What a log needs of the machine under it. */
export interface LedgerMachine {
  readonly disk: LedgerDisk;
  openJournal(path: string): LedgerJournal;
  /** Throws with `code` SQLITE_BUSY while somebody else has it. */
  takeLock(path: string): LedgerLock;
}

export const systemMachine: LedgerMachine = {
  disk: systemDisk,
  openJournal: (path) => new Journal(path),
  takeLock: (path) => new WriterLock(path),
};
