import { join } from 'node:path';
import { Command } from 'commander';
import { ConfigError } from './config.ts';
import { rememberFrom } from './ingest/remember.ts';
import { readIdentity } from './keys/registry.ts';
import { refuseTestData } from './keys/test-data.ts';
import { openPublishedLog, type PublishedLog } from './ledger/published-log.ts';
import { verifyLedger } from './ledger/verify/verify.ts';
import { LedgerError } from './ledger/errors.ts';
import { type Difference, reindex, type Reindexed } from './store/reindex.ts';

interface Flags {
  readonly data: string;
  readonly keys?: string;
  readonly check?: true;
  readonly json?: true;
}

type Print = (line: string) => void;

/** `holdfast dock reindex`. Returns 0; with `--check` 1 when the index is not what it would be. Throws LedgerError, StoreError, and what commander throws. */
export async function main(argv: readonly string[]): Promise<number> {
  const { data, keys, check, json } = command()
    .parse([...argv], { from: 'user' })
    .opts<Flags>();
  refuseTestData(data);
  const log = await checkedLog(join(data, 'ledger'), keys);
  const done = await reindex({ dir: data, remember: rememberFrom(log), check: check === true });
  const print: Print = (line) => process.stdout.write(`${line}\n`);
  if (json === true) print(JSON.stringify({ event: 'reindexed', log: log.size, ...done }));
  else printReport(done, log, print);
  return check === true && done.differences?.length !== 0 ? 1 : 0;
}

/**
 * The log, once all of it is what its checkpoint signs: what a recording is now rests on its word. Throws LedgerError LEDGER_DAMAGED.
 */
export async function checkedLog(dir: string, keys: string | undefined): Promise<PublishedLog> {
  const vkey = keys === undefined ? undefined : vkeyOf(keys);
  const log = await openPublishedLog(dir, vkey);
  const { findings } = await verifyLedger({ dir, vkey: log.vkey });
  // Rules that an honest log broke once do not make its words about recordings untrue.
  const wrong = findings.find(({ severity, code }) => severity === 'failure' && code !== 'sequence');
  if (wrong === undefined) return log;
  const message = `${wrong.file}: ${wrong.message}; ${wrong.advice}`;
  throw new LedgerError('LEDGER_DAMAGED', `the log does not hold: ${message}`, { retry: 'never' });
}

/** The log's key by the dock's own identity, which is no secret. */
function vkeyOf(keys: string): string {
  const identity = readIdentity(join(keys, 'dock.json'));
  if (identity?.kind !== 'dock') throw new ConfigError(`--keys: ${keys} has no dock.json`);
  return identity.ledger;
}

function command(): Command {
  return new Command('holdfast dock reindex')
    .description('make the index of a stopped dock anew, from its files and its ledger alone')
    .requiredOption('--data <dir>', 'data folder of the dock')
    .option('--keys <dir>', "the dock's keys, to know its ledger by (default: the ledger's own vkey file)")
    .option('--check', 'only compare: exit code 1 when the index differs, and it stays as it is')
    .option('--json', 'print one JSON object')
    .exitOverride()
    .showHelpAfterError()
    .allowExcessArguments(false);
}

// A long list of chunks says no more than its beginning; --json has all.
const LISTED_MAX = 50;

function printReport(done: Reindexed, log: PublishedLog, print: Print): void {
  const { holdings, unexplained, differences, keptAs } = done;
  print(`log        ${log.origin}, ${log.size} entries`);
  const states = Object.entries(holdings).map(([state, count]) => `${count} ${state}`);
  print(`index      ${states.join(', ')}`);
  for (const folder of unexplained)
    print(`left       ${folder} explains itself by nothing; it is in no index`);
  if (differences === undefined) print('before     there was no index that could be read');
  else
    print(
      `before     ${differences.length === 0 ? 'the same, row by row' : `${differences.length} differences`}`,
    );
  for (const difference of differences?.slice(0, LISTED_MAX) ?? []) print(`  ${lineOf(difference)}`);
  if ((differences?.length ?? 0) > LISTED_MAX) print('  … all of them with --json');
  if (keptAs !== undefined) print(`old index  kept as ${keptAs}`);
}

function lineOf({ table, recording, chunk, column, before, after }: Difference): string {
  const row = chunk === undefined ? recording : `${recording} ${chunk}`;
  return `${table} ${row} ${column}: ${before || 'nothing'} -> ${after || 'nothing'}`;
}
