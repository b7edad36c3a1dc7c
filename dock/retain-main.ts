import { join } from 'node:path';
import { Command } from 'commander';
import { askDock } from './keep/ask.ts';
import type { SweepReport } from './keep/retention-ports.ts';
import { refuseTestData } from './keys/test-data.ts';

interface Flags {
  readonly data: string;
  readonly dryRun?: true;
  readonly json?: true;
}

/** `holdfast dock retain`. Returns 0 once the running dock has looked. Throws AskError, and what commander throws. */
export async function main(argv: readonly string[]): Promise<number> {
  const {
    data,
    dryRun = false,
    json = false,
  } = command()
    .parse([...argv], { from: 'user' })
    .opts<Flags>();
  refuseTestData(data);
  // What a dock of this version answers.
  const report = (await askDock(join(data, 'control.sock'), 'retain', { dryRun })) as SweepReport;
  const lines = json ? [JSON.stringify(report)] : linesOf(report, dryRun);
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

function linesOf({ destroyed, kept }: SweepReport, dryRun: boolean): readonly string[] {
  return [
    ...destroyed.map((recording) => `destroyed ${recording}`),
    ...kept.map(({ recording, until, why }) => `kept      ${recording}, due since ${until}: ${why}`),
    dryRun
      ? `${kept.length} recordings are due; nothing was asked and nothing destroyed`
      : `${destroyed.length} recordings destroyed, ${kept.length} kept`,
  ];
}

function command(): Command {
  return new Command('holdfast dock retain')
    .description(
      'Makes a running dock look now for recordings whose time is over, and destroy those that the policy service lets go.',
    )
    .requiredOption('--data <dir>', 'data folder of the dock')
    .option('--dry-run', 'only say what is due; nothing is asked, written or destroyed')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  holdfast dock retain --data /var/lib/holdfast --dry-run
  holdfast dock retain --data /var/lib/holdfast`,
    )
    .exitOverride()
    .allowExcessArguments(false)
    .showHelpAfterError();
}
