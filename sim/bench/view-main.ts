import { loadavg } from 'node:os';
import { Command } from 'commander';
import { endWith } from './end-with.ts';
import { whole } from './config.ts';
import { measureView, type ViewFigures } from './view-cell.ts';
import { findChromium, launch } from './view-browser.ts';
import { openViewTown } from './view-town.ts';

const MIB = 1_024 ** 2;
const PERCENT = 100;

interface Plan {
  readonly json?: true;
  readonly limits: boolean;
  readonly mib: number;
  readonly rounds: number;
  readonly speed: number;
  readonly percent: number;
  readonly grantMinutes: number;
  readonly chromium?: string;
}

process.exitCode = await main(process.argv.slice(2));

/** `npm run bench:view`: exit code 0 when the page is light, quick to see, quick to seek, and stays small; 2 without a browser. */
async function main(argv: readonly string[]): Promise<number> {
  const { json, limits, mib, rounds, speed, percent, grantMinutes, chromium = findChromium() } = read(argv);
  if (chromium === undefined) {
    process.stderr.write('no Chromium on the PATH: install one, or name it with --chromium PATH\n');
    return 2;
  }
  const startMs = performance.now();
  const town = await openViewTown({ bytes: mib * MIB, grantMinutes }, endWith);
  const builtMs = performance.now();
  const browser = await launch(chromium);
  let figures: ViewFigures;
  try {
    figures = await measureView(browser, town, { rounds, speed, share: percent / PERCENT });
  } finally {
    await browser.close();
    await town.close();
  }
  if (json !== true) for (const line of lines(figures)) console.log(line);
  const [load = 0] = loadavg();
  const { film } = town;
  const result = {
    ...figures,
    conditions: {
      film,
      rounds,
      speed,
      percent,
      grantMinutes,
      node: process.version,
      browser: browser.version(),
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

function lines({ seek, memory, firstView, weight, ok }: ViewFigures): readonly string[] {
  const mib = (bytes: number): string => (bytes / MIB).toFixed(1);
  return [
    `seek to the middle: a frame after ${seek.ms} ms (< ${seek.msMax}), ${mib(seek.bytes)} MiB fetched (< ${mib(seek.bytesMax)}), medians of ${seek.rounds.length}`,
    `memory of the page: ${memory.firstHalfMib} MiB at most in the first half, ${memory.secondHalfMib} MiB in the second (<= ${memory.ratioMax} of it), ${mib(memory.playedBytes)} MiB played`,
    `first view: ${firstView.doorMs} ms to the door, ${firstView.listMs} ms to the list (< ${firstView.msMax})`,
    `page weight: ${(weight.bytes / 1_000).toFixed(1)} kB over the network (< ${weight.bytesMax / 1_000})${ok ? '' : '  NOT KEPT'}`,
  ];
}

function read(argv: readonly string[]): Plan {
  const command = new Command('npm run bench:view --')
    .description(
      `How the page shows a long recording: the time and the bytes of a seek to its middle, the page's memory while it plays through,
the time to the first view, and the weight of the page. Real dock, policy service and browser. The last line of stdout is one
JSON object; exit code 1 when a limit is not kept.`,
    )
    .option('--json', 'nothing but that line on stdout')
    .option('--no-limits', 'exit code 0 whatever the figures are')
    .option('--mib <count>', 'length of the recording', whole, 1_024)
    .option('--rounds <count>', 'visits, each with a cold cache and one seek', whole, 5)
    .option('--speed <factor>', 'how much faster than life it is played through', whole, 16)
    .option('--percent <share>', 'how much of it is played through', whole, 100)
    .option('--grant-minutes <n>', 'how much one grant covers; a shorter film needs a shorter one', whole, 10)
    .option('--chromium <path>', 'the browser; the first on the PATH if not given');
  return command.parse([...argv], { from: 'user' }).opts<Plan>();
}
