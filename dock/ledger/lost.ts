import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, LedgerError, ledgerFault } from './errors.ts';

/**
 * A new log under the key of a lost one would be a second history of what the old one recorded. Rejects with LedgerError
 * LEDGER_LOST when the data folder has no ledger and yet holds what only a dock with one can have: recordings with stamps, or
 * quarantine. LEDGER_IO when the folder cannot be read.
 */
export async function refuseLostLedger(data: string): Promise<void> {
  const dir = join(data, 'ledger');
  if (['checkpoint', 'log.db'].some((name) => existsSync(join(dir, name)))) return;
  const held = await takenIn(data);
  if (held === undefined) return;
  const message = `${dir} holds no log, and ${held} was taken in under one: bring the ledger folder back from a backup; to start a new log on purpose, move ${data} away and give the dock a new ledger key`;
  throw new LedgerError('LEDGER_LOST', message, { retry: 'never', facts: { dir } });
}

async function takenIn(data: string): Promise<string | undefined> {
  const [shelf, aside] = [join(data, 'recordings'), join(data, 'quarantine')];
  const stamped = (await namesIn(shelf)).find((name) => existsSync(join(shelf, name, 'stamps')));
  if (stamped !== undefined) return join(shelf, stamped);
  const [refused] = await namesIn(aside);
  return refused === undefined ? undefined : join(aside, refused);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return [];
    throw ledgerFault(cause, `looking into ${folder}`);
  }
}
