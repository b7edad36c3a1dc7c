import type { Command } from 'commander';
import { showAsJson, showForPeople, showHeader, showSummary } from './show.ts';
import { Story } from './story.ts';
import { Tally } from './summary.ts';
import { openTape } from './tape.ts';

interface DecodeOptions {
  readonly json?: true;
}

const HELP = `
Bodies that are signed inside a message, manifests, and messages that came in parts are opened; no signature is checked. Remarks in
brackets say what a message means after all that came before it, such as [repeat of 4096..8192]. A damaged line is named on
stderr with its number and skipped, and makes the exit code 1.

Examples:
  holdfast rig decode cam-1.capture
  holdfast rig decode cam-1.capture --json | jq 'select(.type == "receipt") | .body'
`;

/** `holdfast rig decode`. */
export function addDecode(decode: Command, ended: (exitCode: number) => void): void {
  decode
    .description('prints a capture message by message, and what it comes to')
    .argument('<file>', 'made by "holdfast rig capture"')
    .option('--json', 'one JSON object a line on stdout; the last one is the summary')
    .addHelpText('after', HELP)
    .allowExcessArguments(false)
    .action(async (file: string, { json }: DecodeOptions) => ended(await decodeFile(file, json === true)));
}

async function decodeFile(file: string, json: boolean): Promise<number> {
  const { header, lines } = await openTape(file);
  const story = new Story();
  const tally = new Tally(header.transport);
  if (!json) await print(showHeader(header));
  for await (const one of lines) {
    if ('problem' in one) {
      tally.damagedLines += 1;
      process.stderr.write(`holdfast: ${file}:${one.line}: the line ${one.problem}\n`);
      continue;
    }
    const told = story.take(one.record);
    tally.add(told);
    await print(json ? showAsJson(told, one.line) : showForPeople(told).join('\n'));
  }
  const summary = tally.summary();
  await print(json ? JSON.stringify({ type: 'summary', ...summary }) : showSummary(summary).join('\n'));
  return summary.damagedLines === 0 ? 0 : 1;
}

/** Waits while the reader of our output is slower than we are. */
async function print(line: string): Promise<void> {
  if (process.stdout.write(`${line}\n`)) return;
  await new Promise<void>((resolve) => process.stdout.once('drain', () => resolve()));
}
