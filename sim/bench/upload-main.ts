import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { whole } from './config.ts';
import { endWith } from './end-with.ts';
import { median } from './figures.ts';
import { bytesOf, type RoundFigures, type Shape, type UploadCell } from './upload/cell.ts';
import { copyCell, rsyncCell } from './upload/copy-cell.ts';
import { dockCell } from './upload/dock-cell.ts';
import { naiveCell } from './upload/naive-cell.ts';
import { command } from './upload/peer.ts';
import { tusCell } from './upload/tus-cell.ts';

const KIB = 1_024;
const MIB = KIB * KIB;
/** What our rate has to be of each, and of the same dock with 64 cameras: of ours with eight. */
const LIMITS = { sink: 0.8, tus: 1.5, aedesNaive: 1.5, cp: 0.75 } as const;
const WIDE_MIN = 0.6;
const SLOWEST_MIN = 0.5;

/** Of the system, that a cell needs. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  cp: ['openssl'],
  rsync: ['rsync', 'openssl'],
};

interface Plan {
  readonly json?: true;
  readonly limits: boolean;
  readonly rounds: number;
  readonly mib: number;
  readonly only?: readonly string[];
  readonly dir?: string;
}

interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

process.exitCode = await main(process.argv.slice(2));

/** `npm run bench`: exit code 0 when every limit is kept. */
async function main(argv: readonly string[]): Promise<number> {
  const plan = read(argv);
  const startMs = performance.now();
  const cells = await openCells(plan);
  const close = async (): Promise<void> => {
    for (const cell of cells) await cell.close();
  };
  endWith(close);
  try {
    const rounds = await measure(cells, plan);
    const result = summed(rounds, plan);
    if (plan.json !== true) for (const line of lines(result, rounds)) console.log(line);
    const [load = 0] = loadavg();
    const seconds = Math.round((performance.now() - startMs) / 1_000);
    process.stdout.write(
      `${JSON.stringify({ ...result, conditions: { mib: plan.mib, load, seconds, node: process.version } })}\n`,
    );
    return result.ok || !plan.limits ? 0 : 1;
  } finally {
    await close();
  }
}

async function openCells({ mib, dir, only }: Plan): Promise<readonly UploadCell[]> {
  const narrow: Shape = {
    cameras: 8,
    window: 8,
    chunkBytes: 256 * KIB,
    chunks: Math.max(1, (mib * MIB) / (8 * 256 * KIB)),
  };
  const wide: Shape = {
    cameras: 64,
    window: 1,
    chunkBytes: 64 * KIB,
    chunks: Math.max(1, (mib * MIB) / (64 * 64 * KIB)),
  };
  const sink = fileURLToPath(new URL('./upload/sink-dock.js', import.meta.url));
  const makers: Readonly<Record<string, () => Promise<UploadCell> | UploadCell>> = {
    dock: () => dockCell({ name: 'dock', shape: narrow, dir }),
    sink: () => dockCell({ name: 'sink', shape: narrow, dir, sink }),
    wide: () => dockCell({ name: 'wide', shape: wide, dir }),
    tus: () => tusCell(narrow, dir),
    aedesNaive: () => naiveCell(narrow, dir),
    cp: () => copyCell(narrow, dir),
    rsync: () => rsyncCell(narrow, dir),
  };
  const cells: UploadCell[] = [];
  for (const [name, make] of Object.entries(makers)) {
    if (only !== undefined && !only.includes(name)) continue;
    if (await hasPrograms(name)) cells.push(await make());
    else
      process.stderr.write(
        `${name} is left out: ${(PROGRAMS[name] ?? []).join(' and ')} must be installed\n`,
      );
  }
  return cells;
}

async function hasPrograms(name: string): Promise<boolean> {
  const asked = (PROGRAMS[name] ?? []).map((program) =>
    command(program, [program === 'rsync' ? '--version' : 'version']),
  );
  return (await Promise.allSettled(asked)).every(({ status }) => status === 'fulfilled');
}

/** All cells in turn, round by round, so that a machine that slows down for a while does so to all; the first round does not count. */
async function measure(cells: readonly UploadCell[], { rounds, json }: Plan): Promise<readonly Round[]> {
  const done: Round[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const figures: Record<string, RoundFigures> = {};
    const order = round % 2 === 0 ? cells : cells.toReversed();
    for (const cell of order) figures[cell.name] = await cell.round();
    if (round > 0) done.push(figures);
    if (json !== true) process.stderr.write(`round ${round} of ${rounds}: ${said(figures)}\n`);
  }
  return done;
}

type Round = Readonly<Record<string, RoundFigures>>;

interface Result {
  readonly rounds: number;
  readonly durableMBps: number;
  readonly receiptLagMs: number;
  readonly ratios: Readonly<Record<string, Spread>>;
  readonly wide: { readonly MBps: number; readonly ofNarrow: Spread; readonly slowestCamera: number } | null;
  readonly ok: boolean;
}

function summed(rounds: readonly Round[], { rounds: count }: Plan): Result {
  const of = (name: string): readonly number[] => rounds.map((round) => round[name]?.MBps ?? Number.NaN);
  const against = (name: string): Spread => spread(rounds.map((round) => ratio(round, 'dock', name)));
  const peers = ['sink', 'tus', 'aedesNaive', 'cp', 'rsync'].filter(
    (name) => rounds[0]?.[name] !== undefined,
  );
  const ratios = Object.fromEntries(peers.map((name) => [name, against(name)]));
  const wide =
    rounds[0]?.['wide'] === undefined
      ? null
      : {
          MBps: round1(median(of('wide'))),
          ofNarrow: spread(rounds.map((round) => ratio(round, 'wide', 'dock'))),
          slowestCamera: round3(median(rounds.map((round) => round['wide']?.slowest ?? 0))),
        };
  const isKept = Object.entries(LIMITS).every(([name, least]) => (ratios[name]?.median ?? least) >= least);
  const isFair = wide === null || (wide.ofNarrow.median >= WIDE_MIN && wide.slowestCamera >= SLOWEST_MIN);
  return {
    rounds: count,
    durableMBps: round1(median(of('dock'))),
    receiptLagMs: Math.round(median(rounds.map((round) => round['dock']?.receiptLagMs ?? Number.NaN))),
    ratios,
    wide,
    ok: isKept && isFair,
  };
}

function lines(
  { durableMBps, receiptLagMs, ratios, wide }: Result,
  rounds: readonly Round[],
): readonly string[] {
  const limit = (name: string): string =>
    name in LIMITS ? ` (>= ${LIMITS[name as keyof typeof LIMITS]})` : '';
  const rateOf = (name: string): string =>
    median(rounds.map((round) => round[name]?.MBps ?? Number.NaN)).toFixed(0);
  return [
    `dock: ${durableMBps} MB/s durable, 8 cameras with window 8 and 256 KiB; the last receipt ${receiptLagMs} ms later`,
    ...Object.entries(ratios).map(
      ([name, { median: middle, min, max }]) =>
        `  ${middle} of ${name}${limit(name)}, ${min} to ${max}; ${name} ${rateOf(name)} MB/s`,
    ),
    ...(wide === null
      ? []
      : [
          `64 cameras, window 1, 64 KiB: ${wide.MBps} MB/s, ${wide.ofNarrow.median} of that (>= ${WIDE_MIN}); the slowest camera at ${wide.slowestCamera} of the mean (>= ${SLOWEST_MIN})`,
        ]),
  ];
}

function ratio(round: Round, ours: string, other: string): number {
  return (round[ours]?.MBps ?? Number.NaN) / (round[other]?.MBps ?? Number.NaN);
}

function spread(values: readonly number[]): Spread {
  return {
    median: round3(median(values)),
    min: round3(Math.min(...values)),
    max: round3(Math.max(...values)),
  };
}

function said(figures: Round): string {
  return Object.entries(figures)
    .map(([name, { MBps }]) => `${name} ${MBps.toFixed(0)}`)
    .join(', ');
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}

function round3(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

function read(argv: readonly string[]): Plan {
  const options = new Command('npm run bench --')
    .description(
      `How fast the dock takes footage in, durably: beside the same dock without a disk, a tus server, a broker with a naive subscriber, cp and
rsync, each with hash and sync, over the same bytes and in turn. What was stored is read and hashed again before it counts. The last
line of stdout is one JSON object; exit code 1 when a limit is not kept.`,
    )
    .option('--json', 'nothing but that line on stdout')
    .option('--no-limits', 'exit code 0 whatever the figures are')
    .option('--rounds <count>', 'rounds that count; one more goes before them', whole, 5)
    .option('--mib <count>', 'how much each cell stores in a round', whole, 1_024)
    .option('--only <name...>', 'these cells alone: dock sink wide tus aedesNaive cp rsync')
    .option('--dir <dir>', "where everything is stored; the system's temporary folder if not given");
  const plan = options.parse([...argv], { from: 'user' }).opts<Plan>();
  if (bytesOf({ cameras: 1, window: 1, chunkBytes: MIB, chunks: plan.mib }) < 64 * MIB)
    options.error('error: --mib must be 64 or more');
  return plan;
}
