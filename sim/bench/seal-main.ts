import { execFileSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { CHUNK_BYTES_MAX } from '../../proto/limits.ts';
import { whole } from './config.ts';
import { type Cell, type CellFigures, line, measure, middleOf } from './ratio.ts';
import { sealCell } from './seal-cell.ts';
import { verifyCell } from './verify-cell.ts';

const CHUNK_KIB = CHUNK_BYTES_MAX / 1024;

interface Plan {
  readonly json: boolean;
  readonly limits: boolean;
  readonly rounds: number;
  readonly chunks: number;
  /** A process keeps the memory it once got, fast or slow: figures of one are more alike than those of two. */
  readonly processes: number;
}

process.exitCode = await main(process.argv.slice(2));

/** `npm run bench:seal`: exit code 0 when every limit is kept. */
async function main(argv: readonly string[]): Promise<number> {
  const plan = read(argv);
  const startMs = performance.now();
  const cells = plan.processes > 1 ? measureApart(plan) : await measureHere(plan);
  if (!plan.json) for (const cell of cells) console.log(line(cell));
  // Of the last minute: a ratio from a machine with more to do than it has cores says little.
  const [load = 0] = loadavg();
  const ok = cells.every((cell) => cell.ok);
  const { rounds, chunks, processes } = plan;
  const result = {
    cells,
    conditions: { processes, rounds, chunks, chunkBytes: CHUNK_BYTES_MAX, node: process.version, load },
    seconds: Math.round((performance.now() - startMs) / 1_000),
    ok,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  return ok || !plan.limits ? 0 : 1;
}

async function measureHere(plan: Plan): Promise<readonly CellFigures[]> {
  const cells: CellFigures[] = [];
  for (const cell of cellsOf(plan)) cells.push(await measure(cell, plan.rounds));
  return cells;
}

/** One process after the other; of each cell the one in the middle counts. */
function measureApart({ processes, rounds, chunks }: Plan): readonly CellFigures[] {
  const flags = ['--json', '--processes', '1', '--rounds', String(rounds), '--chunks', String(chunks)];
  const runs = Array.from({ length: processes }, () => {
    // A limit that is not kept in one of them is no failure yet.
    const json = execFileSync(process.execPath, [fileURLToPath(import.meta.url), '--no-limits', ...flags]);
    return (JSON.parse(json.toString()) as { readonly cells: readonly CellFigures[] }).cells;
  });
  return (runs[0] ?? []).map((_, index) => middleOf(runs.flatMap((cells) => cells.slice(index, index + 1))));
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
    .option('--processes <count>', 'fresh processes, one after the other; the middle one counts', whole, 5)
    .option('--no-limits', 'exit code 0 whatever the figures are')
    .option('--rounds <count>', 'turns of each side in a process; medians count', whole, 31)
    .option('--chunks <count>', 'chunks in one turn', whole, 64);
  const given = command.parse([...argv], { from: 'user' }).opts<Omit<Plan, 'json'> & { json?: true }>();
  return { ...given, json: given.json === true };
}
