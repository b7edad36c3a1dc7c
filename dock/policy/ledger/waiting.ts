import { LedgerError } from '../../ledger/errors.ts';
import { KeysError, OwnLogError } from '../errors.ts';
import type { OwnLog } from './open.ts';
import type { Custody } from './pump.ts';

/**
 * Resolves once that entry is where everybody can see it. Throws KeysError LEDGER_WAITING when it cannot be now, saying that `what` has to wait;
 * what is no fault of the ledger as it is.
 */
export async function everybodySees(
  log: Pick<OwnLog, 'published'>,
  entry: number,
  what: string,
): Promise<Custody> {
  try {
    return await log.published(entry);
  } catch (cause) {
    if (!(cause instanceof LedgerError || cause instanceof OwnLogError)) throw cause;
    const message = `no ${what} yet: it is written down as given, and that cannot be published now (${cause.message})`;
    throw new KeysError('LEDGER_WAITING', message, { retry: 'later', cause });
  }
}
