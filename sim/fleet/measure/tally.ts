import type {
  CameraCount,
  DockSample,
  DockUse,
  HistogramName,
  LoadOptions,
  LoadResult,
  LoadTarget,
  MeterReport,
  SecondCount,
  SecondPoint,
} from '../result.ts';
import { baysOf, lineOf } from './bays.ts';
import { capacityOf } from './capacity.ts';
import { TimeHistogram } from './histogram.ts';
import { keptBy, type Sizes, steadyOf } from './kept.ts';
import { round } from './round.ts';

const BYTES_PER_MB = 1e6;

/** What the tally cannot know from the meters. */
export interface RunFacts {
  readonly target: LoadTarget;
  readonly options: LoadOptions;
  readonly startedAt: string;
  readonly machine: LoadResult['machine'];
  /** From the start of the run, warm-up included, to its end. */
  readonly elapsedSeconds: number;
  readonly cameras: number;
  readonly generatorCpuPercent: number | null;
  /** Of the dock's books, when the run began and when it ended; undefined where they cannot be seen. */
  readonly sizes: { readonly before: Sizes; readonly after: Sizes } | undefined;
  readonly notMeasured: readonly string[];
}

/** What was seen of the processes in one second. */
export interface Sighting {
  readonly dock: DockSample | null;
  readonly generatorCpuPercent: number | null;
}

type LatencyPoint = Pick<SecondPoint, 'p50Ms' | 'p99Ms' | 'maxMs'>;

/** Adds up what the workers report, second by second, into the result of the run. */
export class Tally {
  readonly #all: Readonly<Record<HistogramName, TimeHistogram>> = {
    chunk: new TimeHistogram(),
    service: new TimeHistogram(),
    erasable: new TimeHistogram(),
    lag: new TimeHistogram(),
  };
  readonly #current = new TimeHistogram();
  readonly #counts = new Map<number, SecondCount>();
  readonly #ticks = new Map<number, LatencyPoint & Sighting>();
  readonly #cameras = new Map<number, CameraCount>();
  readonly #errors = new Map<string, number>();
  #retransmits = { chunks: 0, bytes: 0 };
  #unfinished = 0;

  add(report: MeterReport): void {
    this.#current.addEncoded(report.histograms.chunk);
    this.#all.chunk.addEncoded(report.histograms.chunk);
    this.#all.service.addEncoded(report.histograms.service);
    this.#all.erasable.addEncoded(report.histograms.erasable);
    this.#all.lag.addEncoded(report.histograms.lag);
    for (const one of report.seconds) this.#counts.set(one.second, plus(this.#counts.get(one.second), one));
    for (const one of report.cameras)
      this.#cameras.set(one.camera, merged(this.#cameras.get(one.camera), one));
    for (const [code, times] of Object.entries(report.errors)) {
      this.#errors.set(code, (this.#errors.get(code) ?? 0) + times);
    }
    const { chunks, bytes } = this.#retransmits;
    this.#retransmits = {
      chunks: chunks + report.retransmits.chunks,
      bytes: bytes + report.retransmits.bytes,
    };
    this.#unfinished += report.unfinished;
  }

  /** Ends one second of the run, once every worker's report of it was added. */
  tick(second: number, sighting: Sighting): SecondPoint {
    const { p50, p99, max } = this.#current.percentiles();
    this.#current.reset();
    this.#ticks.set(second, { p50Ms: p50, p99Ms: p99, maxMs: max, ...sighting });
    return this.#point(second);
  }

  get errors(): number {
    return [...this.#errors.values()].reduce((sum, times) => sum + times, 0);
  }

  result(facts: RunFacts): LoadResult {
    const { options, elapsedSeconds } = facts;
    const series = Array.from({ length: Math.ceil(elapsedSeconds) }, (_, second) => this.#point(second));
    const counted = [...this.#counts.values()].filter(
      ({ second }) => second >= options.warmUpSeconds && second < elapsedSeconds,
    );
    const seconds = Math.max(0, elapsedSeconds - options.warmUpSeconds);
    const total = counted.reduce(plus, { second: 0, bytes: 0, chunks: 0, recordings: 0 });
    const errors = Object.fromEntries([...this.#errors].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const bays = baysOf(this.#cameras, facts.cameras, seconds);
    const { answer, reason } = capacityOf({ series, options, elapsedSeconds, errors: this.errors });
    return {
      target: facts.target,
      options,
      startedAt: facts.startedAt,
      machine: facts.machine,
      durable: {
        bytes: total.bytes,
        seconds: round(seconds),
        MBps: seconds === 0 ? 0 : round(total.bytes / BYTES_PER_MB / seconds),
        chunks: total.chunks,
        recordings: total.recordings,
        recordingsPerSecond: seconds === 0 ? 0 : round(total.recordings / seconds),
      },
      chunkLatencyMs: this.#all.chunk.percentiles(),
      serviceMs: this.#all.service.percentiles(),
      erasableMs: this.#all.erasable.percentiles(),
      generatorLagMs: this.#all.lag.percentiles(),
      unfinished: this.#unfinished,
      retransmits: this.#retransmits,
      errors,
      generator: { cpuPercent: facts.generatorCpuPercent },
      dock: useOf(series.flatMap(({ dock }) => (dock === null ? [] : [dock]))),
      series,
      bays,
      kept:
        facts.sizes === undefined
          ? null
          : keptBy(facts.sizes.before, facts.sizes.after, this.#bytes() / options.payloadScale),
      steady: steadyOf(series),
      line: lineOf(options.baud, bays, seconds),
      capacity: answer,
      noCapacity: reason,
      notMeasured: facts.notMeasured,
    };
  }

  /** Durable since the start, warm-up included. */
  #bytes(): number {
    return [...this.#counts.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #point(second: number): SecondPoint {
    const count = this.#counts.get(second);
    const tick = this.#ticks.get(second);
    return {
      second,
      MBps: round((count?.bytes ?? 0) / BYTES_PER_MB),
      chunks: count?.chunks ?? 0,
      recordings: count?.recordings ?? 0,
      p50Ms: tick?.p50Ms ?? null,
      p99Ms: tick?.p99Ms ?? null,
      maxMs: tick?.maxMs ?? null,
      generatorCpuPercent: tick?.generatorCpuPercent ?? null,
      dock: tick?.dock ?? null,
    };
  }
}

function plus(before: SecondCount | undefined, more: SecondCount): SecondCount {
  if (before === undefined) return more;
  return {
    second: before.second,
    bytes: before.bytes + more.bytes,
    chunks: before.chunks + more.chunks,
    recordings: before.recordings + more.recordings,
  };
}

function merged(before: CameraCount | undefined, more: CameraCount): CameraCount {
  if (before === undefined) return more;
  return {
    camera: before.camera,
    bytes: before.bytes + more.bytes,
    recordings: before.recordings + more.recordings,
    errors: before.errors + more.errors,
    retransmits: before.retransmits + more.retransmits,
    worstUs: Math.max(before.worstUs, more.worstUs),
  };
}

/** The whole run's use of a dock. What was never known stays null. */
function useOf(samples: readonly DockSample[]): DockUse {
  const known = (of: (sample: DockSample) => number | null): readonly number[] =>
    samples.map(of).filter((value) => value !== null);
  const cpu = known(({ cpuPercent }) => cpuPercent);
  const syncs = known(({ fsyncs }) => fsyncs);
  const delays = known(({ eventLoopDelayMs }) => eventLoopDelayMs);
  const queues = samples.flatMap(({ queues }) => Object.entries(queues ?? {}));
  return {
    cpuPercent: cpu.length === 0 ? null : round(cpu.reduce((sum, one) => sum + one, 0) / cpu.length),
    rssMiB: extremes(known(({ rssMiB }) => rssMiB)),
    fds: extremes(known(({ fds }) => fds)),
    fsyncs: syncs.length < 2 ? null : (syncs.at(-1) ?? 0) - (syncs[0] ?? 0),
    eventLoopDelayMs: delays.length === 0 ? null : Math.max(...delays),
    queues: queues.length === 0 ? null : mostOf(queues),
  };
}

function extremes(values: readonly number[]): { readonly max: number; readonly last: number } | null {
  const last = values.at(-1);
  return last === undefined ? null : { max: Math.max(...values), last };
}

function mostOf(entries: readonly (readonly [string, number])[]): Readonly<Record<string, number>> {
  const most = new Map<string, number>();
  for (const [name, value] of entries) most.set(name, Math.max(most.get(name) ?? value, value));
  return Object.fromEntries(most);
}
