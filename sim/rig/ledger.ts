import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCheckpoint } from '../../proto/checkpoint.ts';
import { type CustodyEntry, decodeEntry, type UnknownEntry } from '../../proto/custody-entry.ts';
import { bundlesOf, decodeBundle, entriesPath } from '../../proto/tile.ts';

/** Every published entry of a ledger folder, read as a stranger would: from checkpoint and bundles. Checks nothing. */
export function readLedger(dir: string): readonly (CustodyEntry | UnknownEntry)[] {
  const note = readFileSync(join(dir, 'checkpoint'), 'utf8');
  const { size } = parseCheckpoint(`${note.slice(0, note.indexOf('\n\n'))}\n`);
  return bundlesOf(size).flatMap(({ index, width }) =>
    decodeBundle(readFileSync(join(dir, entriesPath(index, width)))).map((entry) => decodeEntry(entry)),
  );
}
