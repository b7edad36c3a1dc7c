import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { codeOf, LedgerError } from './errors.ts';
import type { Finding } from './verify/finding.ts';
import { type Report, verifyLedger } from './verify/verify.ts';

interface Flags {
  readonly vkey?: string;
  readonly store?: string;
  readonly since?: string;
  readonly ledgerOnly?: true;
  readonly json?: true;
}

type Print = (line: string) => void;

/** `holdfast verify`. Returns 0 when everything that is there holds, 1 when something does not. Throws what commander throws. */
export async function main(argv: readonly string[]): Promise<number> {
  const parsed = command().parse([...argv], { from: 'user' });
  const flags = parsed.opts<Flags>();
  const [dir = ''] = parsed.args;
  if (!(await isFolder(dir))) {
    throw new LedgerError('LEDGER_IO', `${dir} is not a folder; name the ledger folder of a dock`, {
      retry: 'never',
    });
  }
  const report = await verifyLedger({
    dir,
    ...(flags.ledgerOnly === true ? {} : { store: flags.store ?? join(dir, '..', 'recordings') }),
    ...(flags.vkey === undefined ? {} : { vkey: flags.vkey }),
    ...(flags.since === undefined ? {} : { since: flags.since }),
  });
  const print: Print = (line) => process.stdout.write(`${line}\n`);
  if (flags.json === true) print(JSON.stringify(report));
  else printReport(report, print);
  return report.ok ? 0 : 1;
}

function command(): Command {
  return new Command('holdfast verify')
    .description('check a ledger, and the recordings it accepted, without the dock that wrote them')
    .argument('<ledger-dir>', 'folder with checkpoint, vkey and tile/')
    .option(
      '--vkey <key>',
      'verifier key of the log, from a place you trust (default: the file vkey in the folder)',
    )
    .option('--store <dir>', 'folder with the recordings (default: recordings beside the ledger folder)')
    .option('--since <file>', 'an older checkpoint: check that the log has only grown since')
    .option('--ledger-only', 'check the log alone')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Exit code: 0 when everything that is there holds (notes do not count), 1 when something does not, 2 for a
bad command line.

Examples:
  holdfast verify dock/ledger --vkey "$(cat /safe/dock-1.vkey)"
  holdfast verify copy/ledger --ledger-only --since /safe/checkpoint-of-last-month`,
    )
    .exitOverride()
    .showHelpAfterError();
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return false;
    throw cause;
  }
}

function printReport(report: Report, print: Print): void {
  const { ledger, entries, store, findings } = report;
  print(
    `ledger    ${ledger.origin ?? 'unknown origin'}, ${ledger.size ?? 'unknown number of'} entries, ${ledger.dir}`,
  );
  print(`key       ${ledger.vkey ?? 'none'}${ledger.pinned ? '' : ' (not pinned)'}`);
  const types = Object.entries(entries).map(([type, count]) => `${type} ${count}`);
  print(`entries   ${types.join(', ') || 'none'}`);
  if (store === null) print('store     not checked');
  else print(`store     ${store.recordings} recordings, ${store.bytes} bytes hashed, ${store.dir}`);
  for (const severity of ['failure', 'note'] as const) {
    for (const finding of findings) if (finding.severity === severity) printFinding(finding, print);
  }
  if (report.unlisted > 0) print(`          and ${report.unlisted} more findings`);
  const failures = findings.filter(({ severity }) => severity === 'failure').length;
  print(report.ok ? 'result    everything holds' : `result    DOES NOT HOLD (${failures} failures)`);
}

function printFinding({ severity, code, file, index, message, advice }: Finding, print: Print): void {
  const place = index === undefined ? file : `${file} [${index}]`;
  print(`${severity === 'failure' ? 'FAILURE  ' : 'note     '} ${code}: ${place} ${message}`);
  print(`          ${advice}`);
}
