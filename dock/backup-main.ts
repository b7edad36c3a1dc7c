import { join } from 'node:path';
import { Command } from 'commander';
import { copyDock, printSummary } from './copying.ts';
import { refuseTestData } from './keys/test-data.ts';
import { openPublishedLog } from './ledger/published-log.ts';

interface Flags {
  readonly data: string;
  readonly out: string;
  readonly vkey?: string;
  readonly json?: true;
}

/** `holdfast dock backup`. Returns 0 when the copy holds, 1 when it does not. Throws LedgerError, StoreError, and what commander throws. */
export async function main(argv: readonly string[]): Promise<number> {
  const { data, out, vkey, json } = command()
    .parse([...argv], { from: 'user' })
    .opts<Flags>();
  refuseTestData(data);
  const log = await openPublishedLog(join(data, 'ledger'), vkey);
  const done = await copyDock(data, out, log);
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  if (json === true) print(JSON.stringify({ event: 'backup', ...done }));
  else printSummary(done, print);
  return done.ok ? 0 : 1;
}

function command(): Command {
  return new Command('holdfast dock backup')
    .description(
      'copy the ledger and what it settled to another folder, and check the copy; the dock may run',
    )
    .requiredOption('--data <dir>', 'data folder of the dock')
    .requiredOption('--out <dir>', 'where the copy is kept; what is there and right is not copied again')
    .option('--vkey <key>', "verifier key of the ledger (default: the ledger's own vkey file)")
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Keys are never in a backup: keep them elsewhere, and apart from it.
Exit code: 0 when the copy holds, 1 when it does not.`,
    )
    .exitOverride()
    .showHelpAfterError()
    .allowExcessArguments(false);
}
