import { cpus, totalmem } from 'node:os';
import { monotonicUs } from './engine/fleet.ts';
import { startBays } from './engine/bays.ts';
import { type Party, startParty } from './engine/crowd.ts';
import type { FleetJob, JobReport, Pace } from './engine/job.ts';
import { type Sizes, sizesOf } from './measure/kept.ts';
import type { MeterWindow } from './measure/meter.ts';
import { round } from './measure/round.ts';
import { type Published, ProcessSampler } from './measure/sampler.ts';
import { Tally } from './measure/tally.ts';
import type { TrustedDock } from '../../device/ports.ts';
import type { Program } from '../rig/program.ts';
import type { CrewMember } from './engine/crew.ts';
import type { LoadOptions, LoadResult, SecondPoint } from './result.ts';

const US_PER_MS = 1_000;
const MS_PER_SECOND = 1_000;
const BYTES_PER_MIB = 1_024 ** 2;
// Threads start and make their film before the clock of the run does.
const SETTLE_MS = 1_000;

/** A dock under load, and the cameras that may come to it. */
export interface LoadDock {
  readonly kind: 'own' | 'given';
  /** Of its broker; empty with serial bays. */
  readonly url: string;
  readonly site: string;
  readonly trusted: TrustedDock;
  readonly crew: readonly CrewMember[];
  /** Of its process, when that can be looked at. */
  readonly pid?: number | undefined;
  /** The program, when it is this run's own. */
  readonly dock?: Program;
  /** Folder of its data, when that is this run's own. */
  readonly dataDir?: string;
}

export interface LoadPlan {
  readonly options: LoadOptions;
  readonly pace: Pace;
  /** The cameras' ends of serial bays; over MQTT there are none. */
  readonly ports?: readonly string[] | undefined;
  readonly target: LoadDock;
  readonly version: string;
  /** Threads of the generator. */
  readonly threads: number;
  /** Called after each second. */
  readonly seen?: ((point: SecondPoint, errors: number) => void) | undefined;
  /** Ends the run early. */
  readonly stopped?: AbortSignal | undefined;
}

/** Puts the load on, second by second, and adds up what came of it. */
export async function runLoad(plan: LoadPlan): Promise<LoadResult> {
  const { options, target } = plan;
  const startUs = monotonicUs() + SETTLE_MS * US_PER_MS;
  const startedAt = new Date(Date.now() + SETTLE_MS).toISOString();
  const parties = await partiesOf(plan, startUs);
  const tally = new Tally();
  const before = sizes(target);
  const sampler = new ProcessSampler(target.dock?.pid ?? target.pid);
  const state: { isDone: boolean; failure?: Error } = { isDone: false };
  Promise.all(parties.map(({ done }) => done)).then(
    () => {
      state.isDone = true;
    },
    (error: unknown) => {
      state.failure = error instanceof Error ? error : new Error(String(error));
    },
  );
  let cpu = process.cpuUsage();
  let seconds = 0;
  await until(startUs);
  await sampler.sample(monotonicUs() / US_PER_MS);
  const isOver = (): boolean =>
    seconds >= options.durationSeconds || state.isDone || plan.stopped?.aborted === true;
  for (; !isOver(); seconds += 1) {
    await until(startUs + (seconds + 1) * MS_PER_SECOND * US_PER_MS);
    if (state.failure !== undefined) throw state.failure;
    if (target.dock?.isRunning === false) throw new Error(`the dock has ended: ${target.dock.stderr}`);
    for (const report of await Promise.all(parties.map((party) => party.report()))) tally.add(report.meter);
    const used = process.cpuUsage(cpu);
    cpu = process.cpuUsage();
    const point = tally.tick(seconds, {
      dock: await sampler.sample(monotonicUs() / US_PER_MS, published(target)),
      generatorCpuPercent: round((used.user + used.system) / US_PER_MS / 10),
    });
    plan.seen?.(point, tally.errors);
  }
  for (const { meter } of await closeAll(parties)) tally.add(meter);
  return tally.result({
    target: {
      kind: target.kind,
      where: plan.ports === undefined ? target.url : `${plan.ports.length} serial bays`,
      version: target.kind === 'own' ? plan.version : null,
    },
    options,
    startedAt,
    machine: machineOf(),
    elapsedSeconds: seconds,
    cameras: options.cameras,
    generatorCpuPercent: null,
    sizes: before && { before, after: sizes(target) ?? before },
    notMeasured: notMeasured(options, target),
  });
}

function closeAll(parties: readonly Party[]): Promise<readonly JobReport[]> {
  return Promise.all(parties.map((party) => party.close()));
}

async function partiesOf(plan: LoadPlan, startUs: number): Promise<readonly Party[]> {
  const { options, pace, target, ports } = plan;
  if (ports === undefined) return Promise.all(jobsOf(plan, startUs).map((job) => startParty(job)));
  if (options.baud === null || pace.loop !== 'closed')
    throw new TypeError('serial bays have a line rate and set their own pace');
  const { crew, trusted: dock } = target;
  const { baud, chunkBytes } = options;
  return [
    startBays({
      dock,
      crew,
      ports,
      baud,
      chunkBytes,
      chunksEach: pace.chunksEach,
      meter: windowOf(options, startUs),
    }),
  ];
}

function windowOf({ warmUpSeconds, durationSeconds }: LoadOptions, startUs: number): MeterWindow {
  const second = (seconds: number): number => startUs + seconds * MS_PER_SECOND * US_PER_MS;
  return { startUs, fromUs: second(warmUpSeconds), toUs: second(durationSeconds) };
}

function jobsOf({ options, pace, target, threads }: LoadPlan, startUs: number): readonly FleetJob[] {
  const each = Math.ceil(options.cameras / threads);
  return Array.from({ length: Math.ceil(options.cameras / each) }, (_, index) => ({
    ...{ url: target.url, site: target.site, dock: target.trusted, cameras: options.cameras, pace },
    crew: target.crew.slice(index * each, (index + 1) * each),
    firstCamera: index * each,
    ...{ window: options.windowChunks, chunkBytes: options.chunkBytes, rampSeconds: options.rampSeconds },
    meter: windowOf(options, startUs),
    seed: `load ${options.seed}`,
    // A test camera's numbers go on from run to run, and a second holds no more than one recording in the mean.
    firstCounter: target.kind === 'own' ? 1 : Math.floor(Date.now() / MS_PER_SECOND),
  }));
}

/** What the dock said of itself last. */
function published({ dock }: LoadDock): Published {
  const stats = dock?.events.findLast(({ event }) => event === 'stats');
  if (stats === undefined) return {};
  const number = (name: string): number => Number(stats[name]);
  const queues = ['stagingBytes', 'inboxBytes', 'uploadsWaiting'].map((name) => [name, number(name)]);
  return {
    fsyncs: number('fsyncs'),
    eventLoopDelayMs: number('eventLoopDelayMs'),
    queues: Object.fromEntries(queues) as Record<string, number>,
  };
}

function machineOf(): LoadResult['machine'] {
  const [cpu] = cpus();
  return {
    cpus: cpus().length,
    model: cpu?.model ?? 'unknown',
    node: process.versions.node,
    memoryMiB: Math.round(totalmem() / BYTES_PER_MIB),
  };
}

function sizes({ dataDir }: LoadDock): Sizes | undefined {
  return dataDir === undefined ? undefined : sizesOf(dataDir);
}

function notMeasured(options: LoadOptions, { kind }: LoadDock): readonly string[] {
  return [
    kind === 'own'
      ? 'The dock and the generator shared one machine, and its processors.'
      : 'The network between the generator and the dock, and whatever else the dock did meanwhile, is in every number.',
    ...(options.loop === 'closed'
      ? [
          'In a closed loop a camera that waits offers nothing meanwhile: latencies say how long the dock takes at its own pace.',
        ]
      : []),
    ...(kind === 'own'
      ? ['Syncs are those of footage and its index; the ledger adds some for each recording.']
      : ['What the dock keeps of it, and how often it synced: its folder is not this run’s.']),
  ];
}

function until(us: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, (us - monotonicUs()) / US_PER_MS)));
}
