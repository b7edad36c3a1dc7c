import { join } from 'node:path';
import { Command } from 'commander';
import { refuseTestData } from './keys/test-data.ts';
import { openPublishedLog } from './ledger/published-log.ts';
import { systemDisk } from './store/disk.ts';
import { adoptMirror } from './store/mirror-place.ts';

interface Flags {
  readonly data: string;
  readonly mirror: string;
}

/** `holdfast dock mirror-init`. Returns 0. Throws StoreError STORE_MIRROR, LedgerError, and what commander throws. */
export async function main(argv: readonly string[]): Promise<number> {
  const { data, mirror } = command()
    .parse([...argv], { from: 'user' })
    .opts<Flags>();
  refuseTestData(data);
  const { origin } = await openPublishedLog(join(data, 'ledger'));
  await adoptMirror({ dir: mirror, data, origin, disk: systemDisk, home: systemDisk });
  process.stdout.write(`${mirror} is the mirror of ${origin}; a running dock copies to it what it lacks\n`);
  return 0;
}

function command(): Command {
  return new Command('holdfast dock mirror-init')
    .description('make a folder on another disk the mirror, in place of one that is gone; the dock may run')
    .requiredOption('--data <dir>', 'data folder of the dock')
    .requiredOption('--mirror <dir>', 'the folder that the dock is started with as --mirror')
    .exitOverride()
    .showHelpAfterError()
    .allowExcessArguments(false);
}
