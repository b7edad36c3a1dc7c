import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { parseDecimal } from '../proto/checkpoint.ts';
import { parseCosignerVkey, type Quorum } from '../proto/cosignature.ts';
import { nodeChecker } from './ledger/checker.ts';
import { codeOf, LedgerError } from './ledger/errors.ts';
import type { Finding } from './ledger/verify/finding.ts';
import { type Report, verifyLedger } from './ledger/verify/verify.ts';

interface Flags {
  readonly vkey?: string;
  readonly store?: string;
  readonly since: readonly string[];
  readonly witness: readonly string[];
  readonly quorum?: number;
  readonly ledgerOnly?: true;
  readonly json?: true;
}

type Print = (line: string) => void;

/** `holdfast verify`. Returns 0 when everything that is there holds, 1 when something does not. Throws what commander throws. */
export async function main(argv: readonly string[]): Promise<number> {
  const parsed = command().parse([...argv], { from: 'user' });
  const flags = parsed.opts<Flags>();
  const [dir = ''] = parsed.args;
  if ((await kindOf(dir)) !== 'folder') {
    throw new LedgerError('LEDGER_IO', `${dir} is not a folder; name the ledger folder of a dock`, {
      retry: 'never',
    });
  }
  const report = await verifyLedger({
    dir,
    ...(flags.ledgerOnly === true ? {} : { store: flags.store ?? join(dir, '..', 'recordings') }),
    ...(flags.vkey === undefined ? {} : { vkey: flags.vkey }),
    since: flags.since,
    witnesses: await witnessesOf(flags),
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
    .option(
      '--since <file>',
      'an older checkpoint: check that the log has only grown since (repeatable)',
      also,
      [],
    )
    .option('--witness <vkey>', 'verifier key of a witness, or a file with it (repeatable)', also, [])
    .option(
      '--quorum <n>',
      'how many of the witnesses must have cosigned (default: all that are named)',
      count,
    )
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

const also = (value: string, before: readonly string[]): readonly string[] => [...before, value];

function count(digits: string): number {
  const value = parseDecimal(digits);
  if (value === undefined) throw new InvalidArgumentError('must be a number');
  return value;
}

/** A witness by its key, or by a file that holds it. Throws ProofError BAD_NOTE for what is neither. */
async function witnessesOf({ witness, quorum }: Flags): Promise<Quorum> {
  const witnesses = await Promise.all(
    witness.map(async (given) => {
      const vkey = (await isThere(given)) ? (await readFile(given, 'utf8')).trim() : given;
      parseCosignerVkey(vkey, nodeChecker.sha256);
      return vkey;
    }),
  );
  return { witnesses, quorum: quorum ?? witnesses.length };
}

async function isThere(path: string): Promise<boolean> {
  return (await kindOf(path)) !== undefined;
}

async function kindOf(path: string): Promise<'folder' | 'file' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(codeOf(cause))) return undefined;
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
