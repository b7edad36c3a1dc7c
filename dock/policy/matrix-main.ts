import { Command } from 'commander';
import { readTexts, regimes } from './decide/load.ts';
import { matrixOf } from './decide/matrix.ts';
import { matrixTable } from './decide/matrix-table.ts';

/** `holdfast policy matrix REGIME`. Returns 0. Throws RegimeError when there is no such regime or it cannot be used, and what commander throws. */
export async function main(argv: readonly string[]): Promise<number> {
  const parsed = command().parse([...argv], { from: 'user' });
  const [regime = ''] = parsed.args;
  const matrix = matrixOf(readTexts(regime));
  const isJson = parsed.opts<{ readonly json?: true }>().json === true;
  const lines = isJson ? [JSON.stringify(matrix)] : matrixTable(matrix);
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

function command(): Command {
  return new Command('holdfast policy matrix')
    .description(
      'Prints everything a regime says, as a table that a person can review: who may view what, when, for which purpose and why. ' +
        'Every combination is in exactly one line.',
    )
    .argument('<REGIME>', `one of ${regimes().join(', ')}`)
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .allowExcessArguments(false);
}

const EXAMPLES = `
Examples:
  holdfast policy matrix doj
  holdfast policy matrix portland-2023 > portland-2023.csv
  holdfast policy matrix city --json
`;
