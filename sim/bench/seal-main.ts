import { loadavg } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { CHUNK_BYTES_MAX } from '../../proto/limits.ts';
import { type Cell, type CellFigures, line, measure } from './ratio.ts';
import { sealCell } from './seal-cell.ts';
import { verifyCell } from './verify-cell.ts';

const CHUNK_KIB = CHUNK_BYTES_MAX / 1024;

interface Plan {
  readonly json: boolean;
  readonly rounds: number;
  readonly chunks: number;
}

process.exitCode = await main(process.argv.slice(2));

/** `npm run bench:seal`: exit code 0 when every limit is kept. */
async function main(argv: readonly string[]): Promise<number> {
  const plan = read(argv);
  const startMs = performance.now();
  const cells: CellFigures[] = [];
  for (const cell of cellsOf(plan)) {
    const figures = await measure(cell, plan.rounds);
    if (!plan.json) console.log(line(figures));
    cells.push(figures);
  }
  // Of the last minute: a ratio from a machine with more to do than it has cores says little.
  const [load = 0] = loadavg();
  const ok = cells.every((cell) => cell.ok);
  const { rounds, chunks } = plan;
  const result = {
    cells,
    conditions: { rounds, chunks, chunkBytes: CHUNK_BYTES_MAX, node: process.version, load },
    seconds: Math.round((performance.now() - startMs) / 1_000),
    ok,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  return ok ? 0 : 1;
}

/** All that is measured, one after the other. */
function cellsOf({ chunks }: Plan): readonly Cell[] {
  return [sealCell(chunks), verifyCell(chunks)];
}

function read(argv: readonly string[]): Plan {
  const command = new Command('npm run bench:seal --')
    .description(
      `What custody costs beside AES-256-GCM and SHA-256 alone, over the same chunks of ${CHUNK_KIB} KiB in the same run. The last line of
stdout is one JSON object; exit code 1 when a limit is not kept.`,
    )
    .option('--json', 'nothing but that line on stdout')
    .option('--rounds <count>', 'turns of each side; medians count', whole, 51)
    .option('--chunks <count>', 'chunks in one turn', whole, 64);
  const given = command.parse([...argv], { from: 'user' }).opts<Omit<Plan, 'json'> & { json?: true }>();
  return { ...given, json: given.json === true };
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('not a whole number above 0');
  return value;
}
