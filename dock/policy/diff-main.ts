import { Command } from 'commander';
import { badConfig, readDocument } from './config.ts';
import { loadRules } from './decide/load.ts';
import { entriesIn, readFactsFile } from './facts/read-only.ts';
import { compare, type Difference } from './shift/difference.ts';
import { differencePage } from './shift/difference-page.ts';
import { differenceJson, differenceTable } from './shift/difference-table.ts';
import { parseShift } from './shift/file.ts';

interface Flags {
  readonly shift?: string;
  readonly data?: string;
  readonly json?: true;
  readonly csv?: true;
}

/**
 * `holdfast policy diff A B`. Returns 0 when the two regimes agree over the shift, 1 when they do not. Throws ConfigError and
 * RegimeError for what the command line names wrongly, StoreError when the facts cannot be read, and what commander throws.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const parsed = command().parse([...argv], { from: 'user' });
  const [first = '', second = ''] = parsed.args;
  const { shift, data, json, csv } = parsed.opts<Flags>();
  if (json === true && csv === true) throw badConfig('--json and --csv: choose one');
  if ((shift === undefined) === (data === undefined))
    throw badConfig('name one of --shift FILE and --data DIR: the facts to compare the regimes over');
  // The rules first: a regime that does not exist is found before a long file is read.
  const rules = [loadRules(first), loadRules(second)] as const;
  const entries =
    shift === undefined ? readFactsFile(data ?? '', entriesIn) : parseShift(shift, readDocument(shift));
  const difference = compare(entries, rules);
  const lines =
    json === true ? [JSON.stringify(differenceJson(difference))] : linesOf(difference, csv === true);
  process.stdout.write(`${lines.join('\n')}\n`);
  return difference.rows.length === 0 ? 0 : 1;
}

function linesOf(difference: Difference, isTable: boolean): readonly string[] {
  return isTable ? differenceTable(difference) : differencePage(difference);
}

function command(): Command {
  return new Command('holdfast policy diff')
    .description(
      'Shows over one shift who could have viewed what and when under regime A and under regime B. Names every pre-review window: ' +
        'footage viewable under one before the report that the other waits for. Exits 0 when they agree, 1 when not.',
    )
    .argument('<A>', 'a regime')
    .argument('<B>', 'another')
    .option('--shift <file>', 'facts as `holdfast policy facts` writes them')
    .option('--data <dir>', 'data folder of a policy service, running or not; it is only read')
    .option('--json', 'one JSON object on stdout')
    .option('--csv', 'a table for spreadsheets on stdout')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .allowExcessArguments(false)
    .showHelpAfterError();
}

const EXAMPLES = `
Examples:
  holdfast policy diff doj ppa --data ./policy
  holdfast policy facts --data ./policy > shift.jsonl
  holdfast policy diff doj city --shift shift.jsonl --csv > diff.csv
`;
