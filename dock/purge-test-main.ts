import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { systemDisk } from './store/disk.ts';
import { asStoreError } from './store/errors.ts';
import { lockIndex } from './store/holding-index.ts';
import { refuseTestData, TestDataError, testDirOf } from './keys/test-data.ts';

interface Flags {
  readonly data: string;
  readonly json?: true;
}

const PURGED = '.test-purged';

/**
 * `holdfast dock purge-test`. Returns 0, also when there was nothing. Throws TestDataError, also while the dock runs, StoreError, and what
 * commander throws.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const { data, json } = command()
    .parse([...argv], { from: 'user' })
    .opts<Flags>();
  refuseTestData(data);
  const removed = await purge(data);
  const words = removed
    ? 'test cameras, their recordings and their ledger are gone'
    : 'there was nothing of test cameras';
  process.stdout.write(`${json === true ? JSON.stringify({ event: 'test-purged', removed }) : words}\n`);
  return 0;
}

/**
 * The name goes first, in one step that is synced: from then on no dock can open it, and what a pulled plug leaves of it is removed by the next
 * purge.
 */
async function purge(data: string): Promise<boolean> {
  // One that was never started may have test cameras already.
  if (![join(data, 'index.db'), testDirOf(data)].some((path) => existsSync(path)))
    throw new TestDataError('TEST_DATA', `${data} is no dock's data folder: it has no index.db`, {
      retry: 'never',
      facts: { data },
    });
  const lock = locked(data);
  try {
    const dir = testDirOf(data);
    const away = join(data, PURGED);
    const isLeft = existsSync(away);
    rmSync(away, { recursive: true, force: true });
    if (!existsSync(dir)) return isLeft;
    renameSync(dir, away);
    await systemDisk.syncFolder(data);
    rmSync(away, { recursive: true });
    return true;
  } finally {
    lock.close();
  }
}

function locked(data: string): ReturnType<typeof lockIndex> {
  try {
    return lockIndex(join(data, 'index.db'));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY'))
      throw asStoreError(error, 'lock the folder of the dock', { data });
    const message = `a program has ${data} open: stop the dock, purge, and start it again; nothing was removed`;
    throw new TestDataError('TEST_DATA', message, { retry: 'later', facts: { data }, cause: error });
  }
}

function command(): Command {
  return new Command('holdfast dock purge-test')
    .description(
      'remove the test cameras of a stopped dock, with their keys, recordings and ledger; evidence is not touched',
    )
    .requiredOption('--data <dir>', 'data folder of the dock')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  holdfast dock purge-test --data /var/lib/holdfast')
    .exitOverride()
    .showHelpAfterError()
    .allowExcessArguments(false);
}
