import { FieldError } from '../../proto/errors.ts';

/**
 * What can go wrong with the log. The first group refuses to start or to go on: the folder is not what its
 * database says, and signing on would put the log's key under two histories. The second is about the machine
 * (`LEDGER_FULL`, `LEDGER_IO` and `LEDGER_BUSY` may be tried again), the third about the call.
 */
export class LedgerError extends FieldError<
  | 'LEDGER_IDENTITY'
  | 'LEDGER_AHEAD'
  | 'LEDGER_DISAGREES'
  | 'LEDGER_DAMAGED'
  | 'LEDGER_LOST'
  | 'LEDGER_QUORUM'
  | 'LEDGER_LOCKED'
  | 'LEDGER_FULL'
  | 'LEDGER_IO'
  | 'LEDGER_BUSY'
  | 'LEDGER_CLOSED'
  | 'LEDGER_ENTRY'
  | 'LEDGER_INDEX'
> {}

/** Turns whatever the disk or SQLite threw into a LedgerError; one that is already typed passes through. */
export function ledgerFault(cause: unknown, doing: string): LedgerError {
  if (cause instanceof LedgerError) return cause;
  const code = codeOf(cause);
  const message = `ledger: ${doing}: ${cause instanceof Error ? cause.message : String(cause)}`;
  if (code === 'ENOSPC' || code === 'EDQUOT' || code.startsWith('SQLITE_FULL')) {
    return new LedgerError('LEDGER_FULL', message, { retry: 'later', cause, facts: { code } });
  }
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) {
    const advice = 'move log.db aside and start again: it is rebuilt from the tiles';
    return new LedgerError('LEDGER_DAMAGED', `${message}; ${advice}`, { retry: 'never', cause });
  }
  return new LedgerError('LEDGER_IO', message, { retry: 'later', cause, facts: { code } });
}

/** The `code` of an error from Node or SQLite, or an empty string. */
export function codeOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return '';
  return typeof cause.code === 'string' ? cause.code : '';
}
