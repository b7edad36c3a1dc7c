import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { ConfigError } from './config.ts';
import { copyDock, isAbsent, printSummary } from './copying.ts';
import { rememberFrom } from './ingest/remember.ts';
import { openPublishedLog } from './ledger/published-log.ts';
import { reindex } from './store/reindex.ts';

interface Flags {
  readonly from: string;
  readonly data: string;
  readonly vkey?: string;
  readonly json?: true;
}

/** `holdfast dock restore`. Returns 0 when what was restored holds, 1 when it does not. Throws ConfigError, LedgerError, StoreError, and what commander throws. */
export async function main(argv: readonly string[]): Promise<number> {
  const { from, data, vkey, json } = command()
    .parse([...argv], { from: 'user' })
    .opts<Flags>();
  await checkEmpty(data);
  const log = await openPublishedLog(join(from, 'ledger'), vkey);
  const done = await copyDock(from, data, log);
  const { holdings, unexplained } = await reindex({ dir: data, remember: rememberFrom(log), check: false });
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  if (json === true) {
    print(JSON.stringify({ event: 'restored', ...done, holdings, unexplained }));
  } else {
    printSummary(done, print);
    print(`keys       bring them yourself: they are in no backup`);
    print(
      `beware     the log has ${done.log} entries: cameras and witnesses that have seen more refuse this dock; give it a new ledger key and origin then`,
    );
  }
  return done.ok ? 0 : 1;
}

/** A restore into a dock's folder could mix two histories. */
async function checkEmpty(dir: string): Promise<void> {
  try {
    if ((await readdir(dir)).length > 0) throw new ConfigError(`--data: ${dir} is not empty`);
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}

function command(): Command {
  return new Command('holdfast dock restore')
    .description('make a new data folder from a backup, with a new index, and check it')
    .requiredOption('--from <dir>', 'the backup')
    .requiredOption('--data <dir>', 'the new data folder; it must be empty or not there')
    .option('--vkey <key>', "verifier key of the ledger (default: the backup's own vkey file)")
    .option('--json', 'print one JSON object')
    .exitOverride()
    .showHelpAfterError()
    .allowExcessArguments(false);
}
