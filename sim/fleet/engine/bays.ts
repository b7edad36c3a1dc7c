import { randomBytes } from 'node:crypto';
import { systemClock } from '../../../device/clock/system.ts';
import { openSerialLink } from '../../../device/link/serial.ts';
import type { ClosedRecording, Keys, Link, TrustedDock, Vault } from '../../../device/ports.ts';
import { Cradle, type CradleNews } from '../../../device/upload/cradle.ts';
import { nodeChecker } from '../../../dock/ledger/checker.ts';
import type { RecordingId } from '../../../proto/ids.ts';
import { SERIAL_FRAGMENT_BYTES_MAX } from '../../../proto/limits.ts';
import { peekManifest } from '../../../proto/manifest.ts';
import { steadyGauges } from '../../fault/gauges.ts';
import { MemoryTickets } from '../../fault/memory-tickets.ts';
import { type MeterWindow, WorkerMeter } from '../measure/meter.ts';
import type { Meter } from '../result.ts';
import type { Party } from './crowd.ts';
import { type CrewMember, keysOf } from './crew.ts';
import { type FilmChunk, type LoadRecording, makeFilm } from './film.ts';
import { monotonicUs } from './fleet.ts';
import { Reel } from './itinerary.ts';

const FILM_CHUNKS = 13;
const US_PER_MS = 1_000;

/** Cameras in serial bays, each as fast as its line carries. */
export interface BayJob {
  readonly dock: TrustedDock;
  readonly crew: readonly CrewMember[];
  /** The camera's end of each bay's cable, in the order of the crew. */
  readonly ports: readonly string[];
  /** Bit/s. */
  readonly baud: number;
  readonly chunkBytes: number;
  readonly chunksEach: number;
  readonly meter: MeterWindow;
}

/** The firmware's own upload over real ports. Its own thread would be idle: a line is slow. */
export function startBays(job: BayJob): Party {
  const meter = new WorkerMeter(job.meter);
  const film = makeFilm(FILM_CHUNKS, job.chunkBytes);
  const cameras = job.crew.map((member, number) => {
    const keys = keysOf(member, job.dock);
    return new BayCamera({ job, number, keys, film, meter, path: job.ports[number] ?? '' });
  });
  const startMs = Math.max(0, (job.meter.startUs - monotonicUs()) / US_PER_MS);
  const cancel = systemClock().after(startMs, () => {
    for (const camera of cameras) camera.dock();
  });
  const report = async () => ({
    meter: meter.take(),
    docked: cameras.filter(({ isDocked }) => isDocked).length,
  });
  return {
    // A camera in its bay records on: there is always more.
    done: new Promise(() => undefined),
    report,
    close: async () => {
      cancel();
      await Promise.all(cameras.map((camera) => camera.leave()));
      return report();
    },
  };
}

interface BayPlan {
  readonly job: BayJob;
  readonly number: number;
  readonly keys: Keys;
  readonly film: readonly FilmChunk[];
  readonly meter: Meter;
  readonly path: string;
}

/** What it brings now. */
interface Bringing {
  readonly made: LoadRecording;
  readonly closed: ClosedRecording;
  readonly dockedUs: number;
  /** When the first byte of each chunk was asked for. */
  readonly sentUs: number[];
  /** Chunks that the dock has said are durable. */
  durable: number;
}

class BayCamera implements Vault {
  readonly #plan: BayPlan;
  readonly #reel: Reel;
  readonly #cradle: Cradle;
  #bringing: Bringing | undefined;
  #counter = 0;
  isDocked = false;

  constructor(plan: BayPlan) {
    const { keys, film, number, path, job } = plan;
    this.#plan = plan;
    this.#reel = new Reel({ film, keys, camera: number });
    const bootId = randomBytes(16);
    this.#cradle = new Cradle({
      open: () => openSerialLink({ path, baudRate: job.baud }),
      clock: systemClock(),
      vault: this,
      tickets: new MemoryTickets(),
      gauges: steadyGauges,
      context: (link: Link) => ({
        ...{ keys, ...nodeChecker, bootId, fragmentBytes: link.fragmentBytes },
        limits: {
          pduBytesMax: link.pduBytesMax,
          fragmentBytesMax: SERIAL_FRAGMENT_BYTES_MAX,
          streamsMax: 1,
        },
      }),
      tell: (news) => this.#heard(news),
    });
  }

  dock(): void {
    this.#cradle.dock();
  }

  async leave(): Promise<void> {
    await this.#cradle.undock();
    const bringing = this.#bringing;
    const { meter, number } = this.#plan;
    const untilUs = monotonicUs();
    for (const sentUs of bringing?.sentUs.slice(bringing.durable) ?? [])
      meter.unfinished(number, { intendedUs: sentUs, untilUs });
  }

  waiting(): Promise<readonly ClosedRecording[]> {
    this.#bringing ??= this.#next();
    return Promise.resolve([this.#bringing.closed]);
  }

  async read(recordingId: RecordingId, start: number, end: number): Promise<Uint8Array> {
    const bringing = this.#bringing;
    if (bringing?.made.recordingId !== recordingId) throw new RangeError(`no content of ${recordingId}`);
    const { chunkBytes } = this.#plan.job;
    const out = new Uint8Array(end - start);
    for (let at = start; at < end; ) {
      const index = Math.floor(at / chunkBytes);
      const offset = at - index * chunkBytes;
      const some = bringing.made.chunks[index]?.bytes.subarray(offset, offset + end - at) ?? new Uint8Array();
      if (some.length === 0) throw new RangeError(`${recordingId} has no byte ${at}`);
      bringing.sentUs[index] ??= monotonicUs();
      out.set(some, at - start);
      at += some.length;
    }
    return out;
  }

  erase(): Promise<void> {
    const bringing = this.#bringing;
    if (bringing === undefined) return Promise.resolve();
    const { dockedUs, made } = bringing;
    const times = { dockedUs, erasableUs: monotonicUs(), bytes: made.contentBytes };
    this.#plan.meter.recording(this.#plan.number, times);
    this.#bringing = undefined;
    return Promise.resolve();
  }

  next(): Promise<{ readonly counter: number; readonly previousRoot: Uint8Array }> {
    return Promise.resolve({ counter: this.#counter + 1, previousRoot: new Uint8Array() });
  }

  #next(): Bringing {
    this.#counter += 1;
    const made = this.#reel.next(this.#plan.job.chunksEach);
    const { recordingId, signedManifest, contentBytes } = made;
    const { chunks, root } = peekManifest(signedManifest);
    const closed = { recordingId, counter: this.#counter, signedManifest, chunks, root, contentBytes };
    return { made, closed, dockedUs: monotonicUs(), sentUs: [], durable: 0 };
  }

  #heard(news: CradleNews): void {
    const { meter, number } = this.#plan;
    if (news.news === 'docked') this.isDocked = true;
    if (news.news === 'interrupted') this.isDocked = false;
    if (news.news === 'progress') this.#progressed(news.durableBytes);
    if (news.news === 'unreachable' || news.news === 'interrupted')
      meter.failed(number, news.news.toUpperCase());
    if (news.news === 'refused') meter.failed(number, news.abort.code);
  }

  #progressed(durableBytes: number): void {
    const bringing = this.#bringing;
    if (bringing === undefined) return;
    const { meter, number } = this.#plan;
    const { chunks, layout } = bringing.made;
    const durableUs = monotonicUs();
    // Unit 0 is the manifest.
    for (; bringing.durable < chunks.length; bringing.durable += 1) {
      const index = bringing.durable;
      if (layout.start(index + 2) > durableBytes) return;
      const sentUs = bringing.sentUs[index] ?? durableUs;
      const bytes = chunks[index]?.bytes.length ?? 0;
      meter.chunk(number, { intendedUs: sentUs, sentUs, durableUs, bytes });
    }
  }
}
