import './wasm.ts';
import { createWriteStream, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { SystemClock } from '../../dock/clock/system.ts';
import { runSeeds } from './jobs.ts';
import { plan } from './plan.ts';
import {
  EXIT_OF_VERDICT,
  faultTable,
  hashOf,
  jsonOf,
  type Least,
  problemsOf,
  type SeedOutcome,
  tooRare,
  worstOf,
} from './report.ts';
import { run } from './run.ts';
import type { Scenario } from './scenario.ts';
import { planShift } from './shift.ts';
import { shrink } from './shrink.ts';

const HELP = `npm run world -- [options]

Cameras, docks, wires, disks, clocks, people and a policy service in one process, under virtual time: a storm, then calm, and
the promises of the product as checks. The same seed is the same run, byte for byte.

  --seed N            replay one seed; says what happened and the trace hash (default: 1)
  --seeds A..B        run all of these; the first that fails is shrunk to a short scenario, printed as JSON
  --scenario FILE     run a scenario instead of a seed, such as a shrunk one
  --shift             run one shift of 8 hours: 50 cameras, two docks, the burst at its end; says how long it took in real time
  --limit S           with --shift: exit 1 when it takes more than so many seconds of real time
  --at-least KxN      with --seeds: exit 1 when fewer than K kinds of fault came N times or more, such as 20x100
  --jobs N            worker processes for --seeds (default: 2)
  --checks a,b        hold the world to these checks only
  --trace FILE        write every line of the trace of one run
  --json              end with one line of JSON: {"seeds":n,"failed":[…],"faults":{name:count},"hash":…}
  --help              this text

Exit code: 0 all held, 1 a check failed, 2 a program crashed, 3 not everything arrived after calm or time stood still, 64 wrong usage.
`;

const USAGE_EXIT = 64;
const SHRINK_RUNS = 250;

interface Wish {
  readonly seeds: readonly number[];
  readonly scenario: Scenario | undefined;
  readonly isShift: boolean;
  readonly limitS: number;
  readonly jobs: number;
  readonly least: Least;
  readonly checks: readonly string[] | undefined;
  readonly trace: string | undefined;
  readonly isJson: boolean;
}

/** `npm run world`; gives the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let wish: Wish | 'help';
  try {
    wish = readWish(argv);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return USAGE_EXIT;
  }
  if (wish === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  if (wish.isShift) return runShift(wish);
  const [seed] = wish.seeds;
  const outcomes =
    wish.scenario !== undefined || (seed !== undefined && wish.seeds.length === 1)
      ? [await runOne(wish.scenario ?? plan(seed ?? 1), wish)]
      : await runMany(wish);
  if (wish.isJson) process.stdout.write(`${jsonOf(outcomes)}\n`);
  const rare = tooRare(outcomes, wish.least);
  if (rare !== undefined) process.stderr.write(`${rare}\n`);
  const exit = EXIT_OF_VERDICT[worstOf(outcomes)];
  return exit === 0 && rare !== undefined ? 1 : exit;
}

function readWish(argv: readonly string[]): Wish | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string' },
      scenario: { type: 'string' },
      shift: { type: 'boolean', default: false },
      limit: { type: 'string' },
      'at-least': { type: 'string', default: '0x0' },
      jobs: { type: 'string', default: '2' },
      checks: { type: 'string' },
      trace: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const jobs = whole(values.jobs, '--jobs');
  if (jobs < 1) throw new RangeError('--jobs: at least 1');
  const { scenario, trace } = values;
  return {
    seeds: readSeeds(values.seed, values.seeds),
    scenario: scenario === undefined ? undefined : (JSON.parse(readFileSync(scenario, 'utf8')) as Scenario),
    isShift: values.shift,
    limitS: values.limit === undefined ? Number.POSITIVE_INFINITY : whole(values.limit, '--limit'),
    least: readLeast(values['at-least']),
    checks: values.checks?.split(','),
    ...{ jobs, trace, isJson: values.json },
  };
}

function readSeeds(seed: string | undefined, seeds: string | undefined): readonly number[] {
  if (seeds === undefined) return [whole(seed ?? '1', '--seed')];
  const [from, to] = seeds.split('..').map((part) => whole(part, '--seeds'));
  if (from === undefined || to === undefined || to < from)
    throw new RangeError('--seeds: A..B, with A up to B');
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

function readLeast(text: string): Least {
  const [kinds, times, ...more] = text.split('x').map((part) => whole(part, '--at-least'));
  if (kinds === undefined || times === undefined || more.length > 0)
    throw new RangeError('--at-least: KxN, such as 20x100');
  return { kinds, times };
}

function whole(text: string, option: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0)
    throw new RangeError(`${option}: ${text} is no whole number`);
  return number;
}

async function runOne(scenario: Scenario, { checks, trace, isJson }: Wish): Promise<SeedOutcome> {
  const { seed } = scenario;
  if (!isJson) process.stdout.write(`seed ${seed}\n`);
  const file = trace === undefined ? undefined : createWriteStream(trace);
  const outcome = {
    seed,
    ...(await run(scenario, { checks, sink: file && ((line) => file.write(`${line}\n`)) })),
  };
  await new Promise<void>((resolve) => (file === undefined ? resolve() : file.end(() => resolve())));
  if (isJson) return outcome;
  const { verdict, recordings, virtualMs, lines, hash } = outcome;
  const minutes = (virtualMs / 60_000).toFixed(1);
  process.stdout.write(
    `${faultTable([outcome])}\n\n${scenario.cameras.length} cameras, ${scenario.docks.length} docks, ${recordings} recordings, ` +
      `${minutes} virtual minutes, ${lines} lines\n${verdict === 'ok' ? `seed ${seed}: ok` : problemsOf(outcome)}\ntrace ${hash}\n`,
  );
  return outcome;
}

async function runShift({ checks, limitS, isJson }: Wish): Promise<number> {
  const scenario = planShift();
  const clock = new SystemClock();
  const startUs = clock.monoUs();
  const { verdict, failures, met, hash, recordings, virtualMs } = await run(scenario, { checks });
  const realSeconds = Math.round((clock.monoUs() - startUs) / 1_000) / 1_000;
  const virtualSeconds = Math.round(virtualMs / 1_000);
  const isInTime = realSeconds <= limitS;
  const faults = met.reduce((sum, [, , times]) => sum + times, 0);
  const sum = {
    virtualSeconds,
    realSeconds,
    recordings,
    faults,
    ok: verdict === 'ok',
    inTime: isInTime,
    hash,
  };
  for (const { check, problem } of failures) process.stderr.write(`${check}: ${problem}\n`);
  process.stdout.write(
    isJson
      ? `${JSON.stringify(sum)}\n`
      : `${scenario.cameras.length} cameras, ${scenario.docks.length} docks, ${recordings} recordings, ${faults} faults: ${verdict}\n` +
          `${virtualSeconds} virtual seconds in ${realSeconds} s\ntrace ${hash}\n`,
  );
  return verdict === 'ok' && !isInTime ? 1 : EXIT_OF_VERDICT[verdict];
}

async function runMany(wish: Wish): Promise<readonly SeedOutcome[]> {
  const { seeds, jobs, checks, isJson } = wish;
  const outcomes: SeedOutcome[] = [];
  const isLive = process.stderr.isTTY && !isJson;
  await runSeeds(seeds, {
    ...{ jobs, checks },
    done: (outcome) => {
      outcomes.push(outcome);
      if (isLive) process.stderr.write(`\r${outcomes.length} of ${seeds.length} seeds `);
      if (outcome.verdict !== 'ok' && !isJson) process.stdout.write(`${problemsOf(outcome)}\n`);
    },
  });
  if (isLive) process.stderr.write('\n');
  if (isJson) return outcomes;
  const failed = outcomes.filter(({ verdict }) => verdict !== 'ok').toSorted((a, b) => a.seed - b.seed);
  process.stdout.write(
    `${faultTable(outcomes)}\n\n${outcomes.length} seeds, ${failed.length} failed\ntrace ${hashOf(outcomes)}\n`,
  );
  const [first] = failed;
  if (first !== undefined) await showShrunk(first, checks);
  return outcomes;
}

async function showShrunk(failed: SeedOutcome, checks: Wish['checks']): Promise<void> {
  const names = new Set(failed.failures.map(({ check }) => check));
  const short = await shrink(
    plan(failed.seed),
    async (scenario) => (await run(scenario, { checks })).failures.some(({ check }) => names.has(check)),
    { runs: SHRINK_RUNS },
  );
  process.stdout.write(
    `\nseed ${failed.seed}, shrunk to ${short.actions.length} actions (replay with --scenario FILE):\n`,
  );
  process.stdout.write(`${JSON.stringify(short)}\n`);
}

process.exitCode = await main(process.argv.slice(2));
