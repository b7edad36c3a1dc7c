import { loadavg } from 'node:os';
import { Command } from 'commander';
import { whole } from './config.ts';
import { type DecideFigures, measureDecisions } from './decide-cell.ts';
import { openBenchCourt } from './decide-court.ts';

interface Plan {
  readonly json?: true;
  readonly limits: boolean;
  readonly facts: number;
  readonly recordings: number;
  readonly people: number;
  readonly rounds: number;
  readonly batch: number;
}

process.exitCode = await main(process.argv.slice(2));

/** `npm run bench:decide`: exit code 0 when a decision costs no more than it may. */
async function main(argv: readonly string[]): Promise<number> {
  const { json, limits, facts, recordings, people, rounds, batch } = read(argv);
  const startMs = performance.now();
  const bench = await openBenchCourt({ facts, recordings, people });
  const stored = bench.court.book.known.newest;
  const builtMs = performance.now();
  const figures = await measureDecisions(bench, { rounds, batch });
  await bench.close();
  if (json !== true) for (const line of lines(figures)) console.log(line);
  const [load = 0] = loadavg();
  const result = {
    ...figures,
    conditions: {
      facts: stored,
      recordings,
      people,
      rounds,
      batch,
      regime: bench.rules.regime,
      node: process.version,
      load,
    },
    seconds: {
      building: Math.round((builtMs - startMs) / 1_000),
      measuring: Math.round((performance.now() - builtMs) / 1_000),
    },
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  return figures.ok || !limits ? 0 : 1;
}

function lines({
  alone,
  bare,
  together,
  overhead,
  overheadCpu,
  overheadMax,
  ok,
}: DecideFigures): readonly string[] {
  return [
    `one decision at a time: p50 ${alone.p50Us} us, p99 ${alone.p99Us} us`,
    `Cedar alone: p50 ${bare.p50Us} us, p99 ${bare.p99Us} us, ${bare.perSecond} a second`,
    `in batches: ${together.perSecond} decisions a second, ${together.perCpuSecond} for each second of a core`,
    `overhead: ${overhead} of Cedar alone by the clock, ${overheadCpu} by the core (<= ${overheadMax})${ok ? '' : '  TOO SLOW'}`,
  ];
}

function read(argv: readonly string[]): Plan {
  const command = new Command('npm run bench:decide --')
    .description(
      `What a decision of the policy service costs, written down and in its ledger, beside Cedar's statefulIsAuthorized alone on the same
questions in the same run. The last line of stdout is one JSON object; exit code 1 when it is more than twice as much.`,
    )
    .option('--json', 'nothing but that line on stdout')
    .option('--no-limits', 'exit code 0 whatever the figures are')
    .option('--facts <count>', 'facts on file', whole, 100_000)
    .option('--recordings <count>', 'recordings they are about', whole, 10_000)
    .option('--people <count>', 'people, at least 50', whole, 500)
    .option('--rounds <count>', 'turns of each side; medians count', whole, 11)
    .option('--batch <count>', 'questions in one turn', whole, 1_000);
  return command.parse([...argv], { from: 'user' }).opts<Plan>();
}
