import { join, resolve } from 'node:path';
import { text, utf8 } from '../../proto/bytes.ts';
import { openCheckpoint } from '../../proto/checkpoint.ts';
import { ProofError } from '../../proto/errors.ts';
import { bundlesOf, encodeBundle, entriesPath, tilePath, tilesOf } from '../../proto/tile.ts';
import type { Ledger } from '../ports.ts';
import { nodeChecker } from './checker.ts';
import { LedgerError, ledgerFault } from './errors.ts';
import { Files } from './files.ts';
import { readEntries } from './proof.ts';
import { damaged, type Published, readBundle, readTile } from './published.ts';

/** A log as its published files tell it, for whoever has no key and no right to write. */
export interface PublishedLog extends Pick<Ledger, 'origin' | 'vkey' | 'checkpoint' | 'read'> {
  readonly size: number;
  /** Writes the files of this checkpoint that are not there already, the checkpoint last. See {@link openPublishedLog} for what it throws. */
  copyTo(dir: string): Promise<CopiedLog>;
}

export interface CopiedLog {
  readonly filesCopied: number;
  /** The checkpoint that the copy had before, kept beside it. */
  readonly older?: string;
}

/**
 * Opens the newest checkpoint in `dir`. It stays that one however the log grows meanwhile. `vkey`: from a place to trust; default: the
 * folder's own. Throws LedgerError LEDGER_DAMAGED when files are missing or not signed by that key, LEDGER_IO, and
 * LEDGER_AHEAD when a copy is larger than the log that is to be copied over it.
 */
export async function openPublishedLog(dir: string, vkey?: string): Promise<PublishedLog> {
  const files = new Files(resolve(dir), () => undefined);
  return guarded(`reading ${dir}`, async () => {
    const key = vkey ?? (await keyIn(files));
    const published = await headOf(files, key);
    if (published === undefined) throw damaged('checkpoint', `is missing in ${dir}`);
    const { size, note, origin } = published;
    return {
      ...{ origin, vkey: key, size },
      checkpoint: () => Promise.resolve({ size, note }),
      read: (start, end) => guarded('reading the log', () => readEntries(files, published, { start, end })),
      copyTo: (to) => guarded(`copying the log to ${to}`, () => copy({ files, published, key }, to)),
    };
  });
}

async function keyIn(files: Files): Promise<string> {
  const bytes = await files.read('vkey');
  if (bytes === undefined) throw damaged('vkey', `is missing in ${files.dir}`);
  return text(bytes).trim();
}

async function headOf(
  files: Files,
  vkey: string,
): Promise<(Published & { readonly origin: string }) | undefined> {
  const bytes = await files.read('checkpoint');
  if (bytes === undefined) return undefined;
  try {
    const note = text(bytes);
    return { ...openCheckpoint(note, vkey, nodeChecker), note };
  } catch (cause) {
    if (!(cause instanceof ProofError)) throw cause;
    throw damaged('checkpoint', `in ${files.dir} is not signed by ${vkey}`, cause);
  }
}

interface Source {
  readonly files: Files;
  readonly published: Published;
  readonly key: string;
}

async function copy({ files, published, key }: Source, dir: string): Promise<CopiedLog> {
  const to = new Files(resolve(dir), () => undefined);
  await to.makeRoot();
  await to.prepare();
  const before = await headOf(to, key);
  const { size, note } = published;
  if (before !== undefined && before.size > size) {
    const message = `the copy ${dir} has ${before.size} entries and the log only ${size}: the log was set back; keep the copy`;
    throw new LedgerError('LEDGER_AHEAD', message, { retry: 'never', facts: { copy: before.size, size } });
  }
  let filesCopied = 0;
  const put = async (path: string, bytes: Uint8Array): Promise<void> => {
    const there = await to.read(path);
    if (there !== undefined && Buffer.compare(there, bytes) === 0) return;
    await to.write(path, bytes);
    filesCopied += 1;
  };
  await put('vkey', utf8(`${key}\n`));
  const older = before === undefined || before.size === size ? undefined : `older/checkpoint-${before.size}`;
  if (before !== undefined && older !== undefined) await put(older, utf8(before.note));
  for (const { index, width } of bundlesOf(size))
    await put(entriesPath(index, width), encodeBundle(await readBundle(files, index, width)));
  for (const tile of tilesOf(size)) {
    const { level, index, width } = tile;
    await put(tilePath(level, index, width), await readTile(files, tile));
  }
  await to.syncFolders();
  await put('checkpoint', utf8(note));
  await to.syncFolders();
  return { filesCopied, ...(older === undefined ? {} : { older: join(dir, older) }) };
}

async function guarded<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw ledgerFault(cause, doing);
  }
}
