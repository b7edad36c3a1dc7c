import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { AskError, askDock } from './keep/ask.ts';
import type { RetentionStanding } from './keep/retention-ports.ts';
import { type DockStatus, statusOffline } from './keep/status.ts';
import { absenceInWords, damageInWords, jobInWords, scrubInWords } from './keep/words.ts';
import { refuseTestData } from './keys/test-data.ts';
import { LedgerError } from './ledger/errors.ts';
import { readLedger } from './ledger/reader.ts';

interface Flags {
  readonly data: string;
  readonly strict?: true;
  readonly json?: true;
}

/**
 * `holdfast dock status`. Returns 0, or 1 with `--strict` when anything is missing or damaged, or a job fails. Throws AskError when a dock runs
 * and does not answer as it should, LedgerError when none runs and its ledger cannot be read, and what commander throws.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const { data, strict, json } = command()
    .parse([...argv], { from: 'user' })
    .opts<Flags>();
  refuseTestData(data);
  const status = await statusOf(data);
  const lines = json === true ? [JSON.stringify(status)] : linesOf(status);
  process.stdout.write(`${lines.join('\n')}\n`);
  return strict === true && !isWell(status) ? 1 : 0;
}

function isWell({ missing, damaged, jobs = [] }: DockStatus): boolean {
  return missing.length + damaged.length === 0 && jobs.every(({ failures }) => failures === 0);
}

async function statusOf(data: string): Promise<DockStatus> {
  try {
    // What a dock of this version answers.
    return (await askDock(join(data, 'control.sock'), 'status')) as DockStatus;
  } catch (error) {
    if (!(error instanceof AskError) || error.code !== 'NOT_RUNNING') throw error;
    return statusOffline(await readLedger({ dir: join(data, 'ledger'), vkey: vkeyIn(data) }));
  }
}

function vkeyIn(data: string): string {
  const path = join(data, 'ledger', 'vkey');
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    const message = `${path} cannot be read, and no dock answers in ${data}: name the data folder of a dock`;
    throw new LedgerError('LEDGER_IO', message, { retry: 'never', cause });
  }
}

function linesOf(status: DockStatus): readonly string[] {
  const { dock, running, at, epoch, ledger, recordings, bytes, bays } = status;
  const states = Object.entries(recordings).map(([state, count]) => `${count} ${state}`);
  return [
    running ? `dock      ${dock}, running` : `dock      ${dock}, NOT RUNNING: this is what its ledger says`,
    `time      ${at}${epoch === undefined ? '' : `, clock epoch ${epoch}`}`,
    `ledger    ${ledger.size} entries, ${ledger.origin}${cosigned(ledger.cosigned)}`,
    `holds     ${states.join(', ')}; ${bytes} bytes`,
    ...bays.map(({ name, camera, state }) => `bay       ${name}: ${camera ?? 'empty'}, ${state}`),
    ...listOf(
      'MISSING',
      status.missing.map((one) => `${absenceInWords(one)} Since ${one.since}.`),
    ),
    ...listOf('DAMAGED', status.damaged.map(damageInWords)),
    ...(status.retention === undefined ? [] : retentionLines(status.retention)),
    ...(status.scrub === undefined ? [] : scrubInWords(status.scrub).map((line) => `scrub     ${line}`)),
    ...(status.jobs ?? []).map((job) => `${job.failures === 0 ? 'job' : 'JOB'}       ${jobInWords(job)}`),
  ];
}

function cosigned(names: readonly string[]): string {
  return names.length === 0 ? '' : `, cosigned by ${names.join(', ')}`;
}

function listOf(title: string, lines: readonly string[]): readonly string[] {
  const head = `${title.toLowerCase()}   `;
  return lines.length === 0 ? [`${head}nothing`] : lines.map((line) => `${title}   ${line}`);
}

function retentionLines(standing: RetentionStanding): readonly string[] {
  const { days, next, held, kept, unfinished, untold, problem } = standing;
  const rule = days === 0 ? 'nothing is ever destroyed' : `recordings are kept for ${days} days`;
  const due = next === undefined ? '' : `; the next is due ${next.until}, ${next.recording}`;
  return [
    `retention ${rule}${due}`,
    ...held.map(({ recording, since }) => `hold      ${recording}, since ${since}`),
    ...kept.map(({ recording, until, why }) => `KEPT      ${recording}, due since ${until}: ${why}`),
    ...unfinished.map((recording) => `UNDONE    ${recording} is to be gone, and is not yet`),
    ...(untold === 0 ? [] : [`untold    the policy service has not heard of ${untold} that were destroyed`]),
    ...(problem === undefined ? [] : [`trouble   ${problem}`]),
  ];
}

function command(): Command {
  return new Command('holdfast dock status')
    .description(
      'Says how a dock stands: what it holds, what is missing and since when, what is damaged, what may not end yet, and how its jobs go. Asks the running dock, or reads its ledger when none runs.',
    )
    .requiredOption('--data <dir>', 'data folder of the dock')
    .option('--strict', 'exit with 1 when anything is missing or damaged, or a job has failed')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  holdfast dock status --data /var/lib/holdfast
  holdfast dock status --data /var/lib/holdfast --strict --json`,
    )
    .exitOverride()
    .allowExcessArguments(false)
    .showHelpAfterError();
}
