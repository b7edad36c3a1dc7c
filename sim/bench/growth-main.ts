import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { whole } from './config.ts';
import { type CameraCosts, cameraCosts } from './growth/camera-cell.ts';
import { indexCosts } from './growth/index-cell.ts';
import { growthPage } from './growth/page.ts';

// What the most may cost, of what the fewest cost: log-like, with room for a noisy machine.
const GROWTH_MAX = 3;
const CHUNKS_PER_SECOND = 200;
const CAMERAS = [10, 100, 1_000];
const ROWS = [1_000, 100_000, 1_000_000];

const INDEX = ['chunk', 'begin', 'find', 'unsettled'] as const;
// A 99th percentile of twenty seconds says more about the machine.
const CAMERA = ['cpuMs', 'p50Ms'] as const;

interface Plan {
  readonly cameras: readonly number[];
  readonly rows: readonly number[];
  readonly rate: number;
  readonly limits: boolean;
  readonly report?: string;
  readonly dir?: string;
}

process.exitCode = await main(process.argv.slice(2));

/** `npm run bench:growth`: exit code 0 when nothing grows faster than it may. */
async function main(argv: readonly string[]): Promise<number> {
  const plan = read(argv);
  const rows = await indexCosts(plan.rows, plan.dir);
  for (const costs of rows) process.stderr.write(`${JSON.stringify(costs)}\n`);
  const cameras: CameraCosts[] = [];
  for (const count of plan.cameras) {
    const costs = await cameraCosts(count, { chunksPerSecond: plan.rate, dir: plan.dir });
    cameras.push(costs);
    process.stderr.write(`${JSON.stringify(costs)}\n`);
  }
  if (plan.report !== undefined) writeFileSync(plan.report, growthPage(cameras, rows));
  const growth = { ...growthOf(rows, INDEX), ...growthOf(cameras, CAMERA) };
  const ok =
    Object.values(growth).every((ratio) => ratio <= GROWTH_MAX) &&
    cameras.every(({ errors }) => errors === 0);
  process.stdout.write(`${JSON.stringify({ rows, cameras, growth, limit: GROWTH_MAX, ok })}\n`);
  return ok || !plan.limits ? 0 : 1;
}

/** The most beside the fewest. What was not measured has grown without bound. */
function growthOf<Name extends string>(
  all: readonly Readonly<Record<Name, number | null>>[],
  names: readonly Name[],
): Readonly<Record<string, number>> {
  const [first, last] = [all[0], all.at(-1)];
  if (first === undefined || last === undefined || first === last) return {};
  const ratio = (name: Name): number => {
    const [one, other] = [first[name], last[name]];
    return one === null || other === null ? Number.POSITIVE_INFINITY : Math.round((other / one) * 1e3) / 1e3;
  };
  return Object.fromEntries(names.map((name) => [name, ratio(name)]));
}

type Given = Omit<Plan, 'cameras' | 'rows'> & Partial<Pick<Plan, 'cameras' | 'rows'>>;

function read(argv: readonly string[]): Plan {
  const several = (text: string, all?: readonly number[]): readonly number[] => [...(all ?? []), whole(text)];
  const given = new Command('npm run bench:growth --')
    .description(
      `What a chunk and a recording cost as a dock has more cameras and keeps more recordings. The last line of stdout is one JSON object; exit
code 1 when something costs more than ${GROWTH_MAX} times as much with the most rows or cameras as with the fewest, or a camera had an error.`,
    )
    .option('--cameras <n...>', 'numbers of cameras; 10 100 1000 if not given', several)
    .option('--rows <n...>', 'recordings in the index; 1000 100000 1000000 if not given', several)
    .option('--rate <n>', 'chunks a second of all cameras together', whole, CHUNKS_PER_SECOND)
    .option('--report <file>', 'writes one page with plots')
    .option('--dir <dir>', "where the files are made; the system's temporary folder if not given")
    .option('--no-limits', 'only measure: exit code 0 whatever the ratios are')
    .parse([...argv], { from: 'user' })
    .opts<Given>();
  return { cameras: CAMERAS, rows: ROWS, ...given };
}
