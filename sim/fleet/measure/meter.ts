import {
  HISTOGRAM_NAMES,
  type CameraCount,
  type ChunkTimes,
  type HistogramName,
  type Meter,
  type MeterReport,
  type RecordingTimes,
  type SecondCount,
  type UnfinishedTimes,
} from '../result.ts';
import { TimeHistogram } from './histogram.ts';

const US_PER_SECOND = 1_000_000;

/** When a run starts and what of it counts, on the clock of the times. Before `fromUs` is warm-up. */
export interface MeterWindow {
  readonly startUs: number;
  readonly fromUs: number;
  readonly toUs: number;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * The meter of one worker. A chunk's time is counted if it was meant to be sent in the window, and its bytes if they
 * became durable in it; so neither a late start nor what is still on its way at the end adds to the rate.
 */
export class WorkerMeter implements Meter {
  readonly #window: MeterWindow;
  readonly #histograms: Readonly<Record<HistogramName, TimeHistogram>> = {
    chunk: new TimeHistogram(),
    service: new TimeHistogram(),
    erasable: new TimeHistogram(),
    lag: new TimeHistogram(),
  };
  readonly #seconds = new Map<number, Writable<SecondCount>>();
  readonly #cameras = new Map<number, Writable<CameraCount>>();
  readonly #errors = new Map<string, number>();
  #resent = { chunks: 0, bytes: 0 };
  #unfinished = 0;

  constructor(window: MeterWindow) {
    this.#window = window;
  }

  chunk(camera: number, { intendedUs, sentUs, durableUs, bytes }: ChunkTimes): void {
    const second = this.#second(durableUs);
    second.bytes += bytes;
    second.chunks += 1;
    const count = this.#camera(camera);
    if (this.#isCounted(durableUs)) count.bytes += bytes;
    if (!this.#isCounted(intendedUs)) return;
    count.worstUs = Math.max(count.worstUs, durableUs - intendedUs);
    this.#histograms.chunk.record(durableUs - intendedUs);
    this.#histograms.service.record(durableUs - sentUs);
    this.#histograms.lag.record(sentUs - intendedUs);
  }

  recording(camera: number, { dockedUs, erasableUs }: RecordingTimes): void {
    this.#second(erasableUs).recordings += 1;
    if (this.#isCounted(erasableUs)) this.#camera(camera).recordings += 1;
    if (this.#isCounted(dockedUs)) this.#histograms.erasable.record(erasableUs - dockedUs);
  }

  unfinished(camera: number, { intendedUs, untilUs }: UnfinishedTimes): void {
    if (!this.#isCounted(intendedUs)) return;
    const waitedUs = Math.max(0, untilUs - intendedUs);
    this.#unfinished += 1;
    this.#histograms.chunk.record(waitedUs);
    const count = this.#camera(camera);
    count.worstUs = Math.max(count.worstUs, waitedUs);
  }

  retransmit(camera: number, bytes: number): void {
    this.#camera(camera).retransmits += 1;
    this.#resent.chunks += 1;
    this.#resent.bytes += bytes;
  }

  failed(camera: number, code: string): void {
    this.#camera(camera).errors += 1;
    this.#errors.set(code, (this.#errors.get(code) ?? 0) + 1);
  }

  /** What happened since the last call. */
  take(): MeterReport {
    const encoded = HISTOGRAM_NAMES.map((name) => [name, this.#histograms[name].takeEncoded()] as const);
    const report = {
      histograms: Object.fromEntries(encoded) as Record<HistogramName, string>,
      seconds: [...this.#seconds.values()],
      cameras: [...this.#cameras.values()],
      errors: Object.fromEntries(this.#errors),
      retransmits: this.#resent,
      unfinished: this.#unfinished,
    };
    this.#seconds.clear();
    this.#cameras.clear();
    this.#errors.clear();
    this.#resent = { chunks: 0, bytes: 0 };
    this.#unfinished = 0;
    return report;
  }

  #isCounted(us: number): boolean {
    return us >= this.#window.fromUs && us < this.#window.toUs;
  }

  #second(us: number): Writable<SecondCount> {
    const second = Math.max(0, Math.floor((us - this.#window.startUs) / US_PER_SECOND));
    const known = this.#seconds.get(second);
    if (known !== undefined) return known;
    const fresh = { second, bytes: 0, chunks: 0, recordings: 0 };
    this.#seconds.set(second, fresh);
    return fresh;
  }

  #camera(camera: number): Writable<CameraCount> {
    const known = this.#cameras.get(camera);
    if (known !== undefined) return known;
    const fresh = { camera, bytes: 0, recordings: 0, errors: 0, retransmits: 0, worstUs: 0 };
    this.#cameras.set(camera, fresh);
    return fresh;
  }
}
