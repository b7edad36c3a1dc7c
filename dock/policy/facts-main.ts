import { Command } from 'commander';
import { unusedLines } from './agencies.ts';
import { Knowledge } from './facts/knowledge.ts';
import { entriesIn, readFactsFile } from './facts/read-only.ts';
import { lineOf } from './shift/file.ts';

/**
 * `holdfast policy facts`. Returns 0. Says on stderr which adopted rules apply to nobody. Throws StoreError when the facts cannot be read, and what commander throws.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const { data } = command()
    .parse([...argv], { from: 'user' })
    .opts<{ readonly data: string }>();
  const known = new Knowledge();
  for (const entry of readFactsFile(data, entriesIn)) {
    known.apply(entry);
    process.stdout.write(`${lineOf(entry)}\n`);
  }
  for (const trouble of unusedLines(known))
    process.stderr.write(`holdfast policy facts: WARNING: ${trouble}\n`);
  return 0;
}

function command(): Command {
  return new Command('holdfast policy facts')
    .description(
      'Writes every stored fact as a JSON line, in index order, manifests left out: the shift file that `holdfast policy diff` reads.',
    )
    .requiredOption('--data <dir>', 'data folder of a policy service, running or not; it is only read')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .allowExcessArguments(false)
    .showHelpAfterError();
}

const EXAMPLES = `
Example:
  holdfast policy facts --data ./policy > shift.jsonl
`;
