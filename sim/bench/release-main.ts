import { loadavg } from 'node:os';
import { Command } from 'commander';
import { endWith } from './end-with.ts';
import { whole } from './config.ts';
import { type Latency, measureReleases, type ReleaseFigures } from './release-cell.ts';
import { openTown } from './release-town.ts';

interface Plan {
  readonly json?: true;
  readonly limits: boolean;
  readonly recordings: number;
  readonly officers: number;
  readonly incidents: number;
  readonly rounds: number;
  readonly reports: number;
  readonly pace: number;
  readonly burst: number;
}

process.exitCode = await main(process.argv.slice(2));

/** `npm run bench:release`: exit code 0 when what a report opens can be played soon enough. */
async function main(argv: readonly string[]): Promise<number> {
  const { json, limits, recordings, officers, incidents, ...plan } = read(argv);
  const startMs = performance.now();
  const town = await openTown({ recordings, officers, incidents }, endWith);
  const builtMs = performance.now();
  let figures: ReleaseFigures;
  try {
    figures = await measureReleases(town, plan);
  } finally {
    await town.close();
  }
  if (json !== true) for (const line of lines(figures)) console.log(line);
  const [load = 0] = loadavg();
  const result = {
    ...figures,
    conditions: {
      recordings: town.awaited.length,
      officers,
      incidents,
      ...plan,
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

function lines({ paced, burst, parts, p99MsMax, ok }: ReleaseFigures): readonly string[] {
  const words = ({ count, p50Ms, p99Ms, maxMs }: Latency): string =>
    `p50 ${p50Ms} ms, p99 ${p99Ms} ms, at most ${maxMs} ms, of ${count}`;
  return [
    `reports one after the other: ${words(paced)}`,
    `reports at once: ${words(burst)}`,
    `median: listed after ${parts.listedMs} ms, then opened and decrypted in ${parts.openedMs} ms (p99 < ${p99MsMax} ms)${ok ? '' : '  TOO SLOW'}`,
  ];
}

function read(argv: readonly string[]): Plan {
  const command = new Command('npm run bench:release --')
    .description(
      `How long it takes from a report on file until its officer's page has the footage: released in the list, opened, keys fetched, first
second decrypted. Real dock and policy service, every officer's page open. The last line of stdout is one JSON object; exit code 1
when the slowest hundredth takes two seconds.`,
    )
    .option('--json', 'nothing but that line on stdout')
    .option('--no-limits', 'exit code 0 whatever the figures are')
    .option('--recordings <count>', 'sealed recordings that the dock holds', whole, 1_000)
    .option('--officers <count>', 'people who made them', whole, 20)
    .option('--incidents <count>', 'incidents they are about', whole, 300)
    .option('--rounds <count>', 'each files its reports and then its burst', whole, 2)
    .option('--reports <count>', 'reports of a round, one after the other', whole, 150)
    .option('--pace <count>', 'of them in a second', whole, 4)
    .option('--burst <count>', 'reports at once', whole, 10);
  return command.parse([...argv], { from: 'user' }).opts<Plan>();
}
