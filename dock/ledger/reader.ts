import { resolve } from 'node:path';
import { text } from '../../proto/bytes.ts';
import { openCheckpoint } from '../../proto/checkpoint.ts';
import { parseVkey } from '../../proto/note.ts';
import type { Ledger } from '../ports.ts';
import { nodeChecker } from './checker.ts';
import { LedgerError, ledgerFault } from './errors.ts';
import { Files } from './files.ts';
import { proveEntry, proveGrowth, readEntries } from './proof.ts';

/**
 * A ledger as its newest checkpoint shows it, while another process may be writing on: what is read and proved is about that
 * one checkpoint. Throws LedgerError: LEDGER_DAMAGED when there is none that this key signed, LEDGER_IO.
 */
export async function readLedger(options: {
  readonly dir: string;
  readonly vkey: string;
}): Promise<Pick<Ledger, 'origin' | 'vkey' | 'prove' | 'proveConsistency' | 'read' | 'checkpoint'>> {
  const { vkey } = options;
  const files = new Files(resolve(options.dir), () => undefined);
  try {
    const bytes = await files.read('checkpoint');
    if (bytes === undefined) throw missing(options.dir);
    const note = text(bytes);
    const published = { ...openCheckpoint(note, vkey, nodeChecker), note };
    return {
      origin: parseVkey(vkey, nodeChecker.sha256).name,
      vkey,
      prove: (index) => proveEntry(files, published, index),
      proveConsistency: (from, to) => proveGrowth(files, published, { from, to: to ?? published.size }),
      read: (start, end) => readEntries(files, published, { start, end }),
      checkpoint: async () => ({ size: published.size, note }),
    };
  } catch (cause) {
    throw ledgerFault(cause, `reading ${options.dir}`);
  }
}

function missing(dir: string): LedgerError {
  return new LedgerError('LEDGER_DAMAGED', `ledger ${dir} has no checkpoint`, { retry: 'never' });
}
