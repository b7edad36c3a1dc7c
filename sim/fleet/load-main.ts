import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { CHUNK_BYTES_MAX, CREDIT_UNITS_PER_STREAM, SESSIONS_MAX } from '../../proto/limits.ts';
import { ownVersion } from '../../dock/time.ts';
import type { Pace } from './engine/job.ts';
import { openPtyPair, type PtyPair } from '../rig/pty.ts';
import { resultLines } from './load-lines.ts';
import { LiveView } from './measure/live.ts';
import { givenDock } from './given-dock.ts';
import { startOwnDock } from './own-dock.ts';
import { reportPage } from './report/page.ts';
import { PROFILES } from './measure/profile.ts';
import type { LoadOptions, LoadResult, ProfileName } from './result.ts';
import { type LoadPlan, runLoad } from './run.ts';

const KIB = 1_024;
const CHUNK_KIB_MAX = CHUNK_BYTES_MAX / KIB;
const CLOSED_CHUNKS = 256;
const STEADY_CHUNKS = 32;
const CAMERAS = 8;
const PROFILE_SCALE = 0.01;
const BAYS_MAX = 64;
// A USB adapter's.
const LINE_LATENCY_MS = 2;
const BAUD = 921_600;
const BAUD_MAX = 3_000_000;
// 16 KiB: several times in a second each line says how far it is.
const BAY_CHUNK_KIB = 16;
const BAY_CHUNKS = 1_024;
// A generator thread and a dock share what there is; more threads than this only take the dock's.
const THREADS_MAX = 4;

const EXAMPLES = `
Examples:
  What does this machine take, from eight cameras at once?
    holdfast load --cameras 8 --json
  A dock that is there already, with cameras whose recordings it keeps apart:
    holdfast enrol test-cameras --data data/dock-1 --keys keys/dock-1 --count 200 --out test-crew
    holdfast load --url mqtt://127.0.0.1:1883 --site site --crew test-crew --rate 500
    holdfast dock purge-test --data data/dock-1`;

interface Given {
  readonly cameras?: number;
  readonly bays?: number;
  readonly baud: number;
  readonly bitErrorRate: number;
  readonly window: number;
  readonly chunkKib?: number;
  readonly chunksEach?: number;
  readonly rate?: number;
  readonly profile?: ProfileName;
  readonly payloadScale?: number;
  readonly timeWarp: number;
  readonly cutShare: number;
  readonly returnShare: number;
  readonly seconds: number;
  readonly warmUp: number;
  readonly ramp: number;
  readonly seed: number;
  readonly threads: number;
  readonly url?: string;
  readonly site: string;
  readonly crew?: string;
  readonly pid?: number;
  readonly dir?: string;
  readonly stagingMib?: number;
  readonly json?: true;
  readonly report?: string;
}

/** `holdfast load`: exit code 0 when every camera was served without an error, 1 otherwise; throws what commander throws. */
export async function main(argv: readonly string[]): Promise<number> {
  const given = read(argv);
  const stop = new AbortController();
  const stopped = (): void => stop.abort();
  process.once('SIGINT', stopped).once('SIGTERM', stopped);
  const cables = await lay(given);
  try {
    const result = await loaded(given, cables, stop.signal);
    tell(result, given);
    return Object.keys(result.errors).length === 0 ? 0 : 1;
  } finally {
    process.off('SIGINT', stopped).off('SIGTERM', stopped);
    for (const cable of cables) await cable.close();
  }
}

async function loaded(given: Given, cables: readonly PtyPair[], stopped: AbortSignal): Promise<LoadResult> {
  const hasBays = given.bays !== undefined;
  const { url, site, crew, pid, cameras } = given;
  if (url !== undefined && crew !== undefined) {
    const target = givenDock({ url, site, crewDir: crew, cameras, pid });
    return putOn({ ...given, cameras: target.crew.length }, { target, ports: undefined }, stopped);
  }
  const target = await startOwnDock({
    cameras: camerasOf(given),
    dir: given.dir,
    serial: hasBays ? cables.map(({ dockPath }) => dockPath) : undefined,
    dockArgs: dockArgsOf(given),
  });
  try {
    const ports = hasBays ? cables.map(({ cameraPath }) => cameraPath) : undefined;
    return await putOn(given, { target, ports }, stopped);
  } finally {
    await target.close();
  }
}

function putOn(
  given: Given,
  on: Pick<LoadPlan, 'target' | 'ports'>,
  stopped: AbortSignal,
): Promise<LoadResult> {
  const view = new LiveView(process.stderr);
  return runLoad({
    ...on,
    options: optionsOf(given),
    pace: paceOf(given),
    version: ownVersion(),
    threads: given.threads,
    seen: (point, errors) => view.show(point, errors),
    stopped,
  });
}

/** A cable for each bay, with the rate, the latency and the noise of a real one. */
function lay({ bays = 0, baud, bitErrorRate, seed }: Given): Promise<readonly PtyPair[]> {
  return Promise.all(
    Array.from({ length: bays }, (_, bay) =>
      openPtyPair({
        uart: { baud, bitErrorRate, latencyMs: LINE_LATENCY_MS, seed: `load ${seed} bay ${bay}` },
      }),
    ),
  );
}

function dockArgsOf({ stagingMib, bays, baud }: Given): readonly string[] {
  return [
    ...(stagingMib === undefined ? [] : ['--staging-mib', String(stagingMib)]),
    ...(bays === undefined ? [] : ['--baud', String(baud), '--baud-max', String(baud)]),
  ];
}

function tell(result: LoadResult, { json, report }: Given): void {
  if (report !== undefined) writeFileSync(report, reportPage(result));
  if (json === true) return void process.stdout.write(`${JSON.stringify(result)}\n`);
  for (const line of resultLines(result)) process.stdout.write(`${line}\n`);
  if (report !== undefined) process.stdout.write(`report: ${report}\n`);
}

function optionsOf(given: Given): LoadOptions {
  return {
    cameras: camerasOf(given),
    transport: given.bays === undefined ? 'mqtt' : 'serial',
    loop: given.rate === undefined && given.profile === undefined ? 'closed' : 'open',
    profile: given.profile ?? null,
    durationSeconds: given.seconds,
    warmUpSeconds: given.warmUp,
    rampSeconds: given.ramp,
    windowChunks: given.window,
    chunkBytes: (given.chunkKib ?? (given.bays === undefined ? CHUNK_KIB_MAX : BAY_CHUNK_KIB)) * KIB,
    baud: given.bays === undefined ? null : given.baud,
    payloadScale: scaleOf(given),
    timeWarp: given.profile === undefined ? 1 : given.timeWarp,
    seed: given.seed,
  };
}

function scaleOf({ payloadScale, profile }: Given): number {
  return payloadScale ?? (profile === undefined ? 1 : PROFILE_SCALE);
}

function camerasOf({ cameras, profile, bays }: Given): number {
  return bays ?? cameras ?? (profile === undefined ? CAMERAS : PROFILES[profile].cameras);
}

function paceOf({ rate, chunksEach, profile, bays, ...day }: Given): Pace {
  if (bays !== undefined)
    return { loop: 'closed', chunksEach: chunksEach ?? BAY_CHUNKS, recordings: Number.POSITIVE_INFINITY };
  if (profile !== undefined) {
    const { timeWarp, cutShare, returnShare, payloadScale = PROFILE_SCALE } = day;
    return { loop: 'day', profile, payloadScale, timeWarp, cutShare, returnShare };
  }
  return rate === undefined
    ? { loop: 'closed', chunksEach: chunksEach ?? CLOSED_CHUNKS, recordings: Number.POSITIVE_INFINITY }
    : { loop: 'steady', chunksEach: chunksEach ?? STEADY_CHUNKS, chunksPerSecond: rate };
}

function read(argv: readonly string[]): Given {
  const command = new Command('holdfast load').description(
    `Puts a dock under load and says what it does. A dock and a policy service are started for the run in a folder of its own, with test
cameras; both end, and the folder is removed, when the run does. Without --rate each camera sends as fast as the dock lets it (closed loop).
With --bays the cameras are in serial bays of that dock.
With --rate or --profile chunks are due at planned times, whatever the dock does (open loop), and every latency counts from the planned
time.
Exit code 1 when there were errors.`,
  );
  for (const option of fleetOptions()) command.addOption(option);
  command
    .addOption(counted('--seconds <n>', 'how long, warm-up and ramp included', { to: 86_400, otherwise: 30 }))
    .addOption(counted('--warm-up <n>', 'seconds that do not count', { from: 0, to: 3_600, otherwise: 3 }))
    .addOption(
      counted('--ramp <n>', 'seconds over which the cameras come in', { from: 0, to: 3_600, otherwise: 1 }),
    )
    .addOption(
      counted('--seed <n>', 'what chance draws in this run', { to: Number.MAX_SAFE_INTEGER, otherwise: 1 }),
    )
    .addOption(
      counted('--threads <n>', 'threads of the generator', {
        to: 64,
        otherwise: Math.max(1, Math.min(THREADS_MAX, availableParallelism() - 1)),
      }),
    )
    .option('--dir <dir>', "where the folder of the run is made; the system's temporary folder if not given")
    .addOption(
      counted('--staging-mib <n>', "the dock's memory for footage on its way to the disk", {
        from: 8,
        to: 65_536,
      }),
    )
    .option('--json', 'the whole result as one line of JSON on stdout')
    .option('--report <file>', 'writes one page with plots, which needs no network')
    .exitOverride()
    .showHelpAfterError();
  for (const option of [...bayOptions(), ...dayOptions(), ...givenOptions()]) command.addOption(option);
  command.addHelpText('after', EXAMPLES);
  const given = command.parse([...argv], { from: 'user' }).opts<Given>();
  if (given.rate !== undefined && given.profile !== undefined)
    command.error('error: --rate and --profile both say when chunks are due; give one');
  if (given.bays !== undefined && (given.rate ?? given.profile ?? given.cameras) !== undefined)
    command.error(
      'error: --bays has a camera in each bay, as fast as its line; leave --cameras, --rate and --profile away',
    );
  checkGiven(command, given);
  if (given.payloadScale === 0) command.error('error: --payload-scale 0 sends nothing; give a share above 0');
  if (given.warmUp >= given.seconds)
    command.error(`error: --warm-up ${given.warmUp} leaves nothing of --seconds ${given.seconds} to count`);
  return given;
}

/** Who sends what. */
function fleetOptions(): readonly Option[] {
  return [
    counted('--cameras <n>', `how many cameras; ${CAMERAS}, or those of the profile`, { to: SESSIONS_MAX }),
    counted('--window <n>', 'chunks of a camera on their way at once', {
      to: CREDIT_UNITS_PER_STREAM,
      otherwise: CREDIT_UNITS_PER_STREAM,
    }),
    counted('--chunk-kib <n>', `size of a chunk; ${CHUNK_KIB_MAX}, with --bays ${BAY_CHUNK_KIB}`, {
      to: CHUNK_KIB_MAX,
    }),
    counted(
      '--chunks-each <n>',
      `chunks of a recording; ${CLOSED_CHUNKS}, with --rate ${STEADY_CHUNKS}, with --bays ${BAY_CHUNKS}`,
      { to: 4_096 },
    ),
    counted('--rate <n>', 'chunks a second of all cameras together', { to: 1_000_000 }),
  ];
}

function bayOptions(): readonly Option[] {
  return [
    counted(
      '--bays <n>',
      "serial bays instead of MQTT: a modelled line each, and the firmware's own upload",
      {
        to: BAYS_MAX,
      },
    ),
    counted('--baud <rate>', 'line rate of the bays, bit/s', { from: 1_200, to: BAUD_MAX, otherwise: BAUD }),
    share('--bit-error-rate <share>', 'bits that the lines of the bays spoil', 0),
  ];
}

/** A dock that was there before the run. */
function givenOptions(): readonly Option[] {
  return [
    new Option(
      '--url <url>',
      'mqtt://HOST:PORT of a dock that is there already, or of its broker; only its test cameras take part',
    ),
    new Option('--crew <dir>', 'their key folders, as "holdfast enrol test-cameras" made them; with --url'),
    new Option('--site <name>', 'MQTT topic level of the site; with --url').default('site'),
    counted('--pid <n>', 'process of that dock, when it runs on this machine: what it uses is looked at', {
      to: 4_194_304,
    }),
  ];
}

function checkGiven(command: Command, { url, crew, bays, dir, stagingMib, pid }: Given): void {
  if ((url === undefined) !== (crew === undefined))
    command.error('error: --url and --crew go together: the dock, and the test cameras that it knows');
  if (url === undefined && pid !== undefined) command.error('error: --pid goes with --url');
  if (url !== undefined && (bays ?? dir ?? stagingMib) !== undefined)
    command.error('error: --bays, --dir and --staging-mib are of a dock that the run starts; not with --url');
  if (url !== undefined && (!URL.canParse(url) || new URL(url).protocol !== 'mqtt:'))
    command.error(`error: --url ${url}: give mqtt://HOST:PORT`);
}

function dayOptions(): readonly Option[] {
  return [
    new Option(
      '--profile <name>',
      "a day of an agency's shifts, which end at 6, 14 and 22 h: 50, 1,100 or 5,000 cameras",
    ).choices(Object.keys(PROFILES)),
    share(
      '--payload-scale <share>',
      `how much of the footage that a run stands for is sent; 1, with --profile ${PROFILE_SCALE}`,
    ),
    counted('--time-warp <n>', 'seconds of the profile that pass in one', { to: 86_400, otherwise: 240 }),
    share('--cut-share <share>', "of the profile's recordings, torn out of the dock on their way", 0),
    share('--return-share <share>', 'of those, brought back and resumed', 1),
  ];
}

function share(flags: string, what: string, otherwise?: number): Option {
  const option = new Option(flags, what).argParser((text: string) => {
    const value = Number(text);
    if (value >= 0 && value <= 1) return value;
    throw new InvalidArgumentError('a share from 0 to 1');
  });
  return otherwise === undefined ? option : option.default(otherwise);
}

interface Bounds {
  readonly from?: number;
  readonly to: number;
  /** Without it the option may be left away. */
  readonly otherwise?: number;
}

function counted(flags: string, what: string, { from = 1, to, otherwise }: Bounds): Option {
  const option = new Option(flags, what).argParser((text: string) => {
    const number = Number(text);
    if (Number.isSafeInteger(number) && number >= from && number <= to) return number;
    throw new InvalidArgumentError(`a whole number from ${from} to ${to}`);
  });
  return otherwise === undefined ? option : option.default(otherwise);
}
