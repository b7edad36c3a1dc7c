import { Command, InvalidArgumentError } from 'commander';
import { badConfig } from './config.ts';
import { replay, type Difference, type Differing, type Replayed } from './decide/replay.ts';
import { readFactsFile } from './facts/read-only.ts';

interface Flags {
  readonly data: string;
  readonly from?: number;
  readonly to?: number;
  readonly json?: true;
}

const EXIT_DIFFERS = 1;
const SHOWN_CHARACTERS = 200;

/**
 * `holdfast policy replay`. Returns 0 when every answer on file is what its inputs give, else 1. Throws ConfigError for a
 * folder without facts.db or a range that runs backwards, StoreError when it cannot be read, and what commander throws.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const { data, json, ...range } = command()
    .parse([...argv], { from: 'user' })
    .opts<Flags>();
  const { from = 1, to = from } = range;
  // Else a slip of the pen would read as a clean bill.
  if (to < from) throw badConfig(`--from ${from} --to ${to}: there is no decision between the two`);
  const replayed = readFactsFile(data, (database) => replay(database, range));
  const lines = json === true ? [JSON.stringify(replayed)] : linesOf(replayed);
  process.stdout.write(`${lines.join('\n')}\n`);
  return replayed.differing.length === 0 ? 0 : EXIT_DIFFERS;
}

function linesOf({ decisions, keys, facts, policySets, differing }: Replayed): readonly string[] {
  const again = `${decisions} decisions and ${keys} requests for keys decided again`;
  const from = `from ${facts} facts and ${policySets} policy sets`;
  const outcome = differing.length === 0 ? 'none differs' : `${differing.length} DIFFER`;
  return [...differing.flatMap(inWords), `${again} ${from}: ${outcome}`];
}

function inWords({ table, index, at, person, recording, differs }: Differing): readonly string[] {
  const what = table === 'keys' ? 'keys' : 'decision';
  return [
    `DIFFERS   ${what} ${index} of ${at}: ${person}, recording ${recording}`,
    ...differs.map(
      (one) => `  ${one.what.padEnd(12)} was ${shown(one.was)}\n  ${''.padEnd(12)} is  ${shown(one.is)}`,
    ),
  ];
}

function shown(value: Difference['was']): string {
  const text = JSON.stringify(value);
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS - 1)}…`;
}

function index(given: string): number {
  const number = Number(given);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new InvalidArgumentError('decisions are numbered 1, 2, 3, …');
}

function command(): Command {
  return new Command('holdfast policy replay')
    .description(
      'Decides everything that was decided once more, from the stored facts and policy texts alone, and lists each answer that comes out otherwise. Reads DATA/facts.db, beside a running service too.',
    )
    .requiredOption('--data <dir>', 'data folder of the policy service')
    .option('--from <n>', 'first decision; keys are left out with a range', index)
    .option('--to <n>', 'last decision', index)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  holdfast policy replay --data ./policy
  holdfast policy replay --data ./policy --from 1200 --to 1300 --json

Exit code 0: none differs. 1: some do.`,
    )
    .exitOverride()
    .allowExcessArguments(false)
    .showHelpAfterError();
}
