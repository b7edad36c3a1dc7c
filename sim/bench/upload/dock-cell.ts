import { join } from 'node:path';
import { makeFilm, type LoadRecording } from '../../fleet/engine/film.ts';
import { keysOf } from '../../fleet/engine/crew.ts';
import { makeFleet, monotonicUs } from '../../fleet/engine/fleet.ts';
import { closedLoop, Reel } from '../../fleet/engine/itinerary.ts';
import { type OwnDock, startOwnDock } from '../../fleet/own-dock.ts';
import type { Meter } from '../../fleet/result.ts';
import { bytesOf, rate, type RoundFigures, type Shape, type UploadCell } from './cell.ts';
import { checkStored } from './rehash.ts';

const FILM_CHUNKS = 13;
const US_PER_MS = 1_000;
const RECEIPT_MS_MAX = 60_000;

export interface DockCellPlan {
  readonly name: string;
  readonly shape: Shape;
  readonly dir: string | undefined;
  /** Another launcher, whose dock keeps no footage: what is stored cannot be read again. */
  readonly sink?: string;
}

/** Our dock, one process for all rounds, as a docking station runs; each round is one recording of every camera. */
export async function dockCell(plan: DockCellPlan): Promise<UploadCell> {
  const { name, shape, sink } = plan;
  const target = await startOwnDock({
    cameras: shape.cameras,
    dir: plan.dir,
    ...(sink === undefined ? {} : { command: sink, env: { UV_THREADPOOL_SIZE: '16' } }),
  });
  const film = makeFilm(FILM_CHUNKS, shape.chunkBytes);
  const counters = new Map<number, Reel>();
  const made: LoadRecording[] = [];
  const reel = (camera: number): Reel => {
    const member = target.crew[camera];
    if (member === undefined) throw new RangeError(`no camera ${camera}`);
    const known =
      counters.get(camera) ??
      new Reel({
        film,
        keys: keysOf(member, target.trusted),
        camera,
        made: (recording) => made.push(recording),
      });
    counters.set(camera, known);
    return known;
  };
  return {
    name,
    round: async () => {
      made.length = 0;
      const clock = new Stopwatch();
      const fleet = makeFleet({
        ...{ url: target.url, site: target.site, firstCamera: 0, window: shape.window, meter: clock },
        keys: target.crew.map((member) => keysOf(member, target.trusted)),
        itinerary: (camera) =>
          closedLoop(reel(camera), { startUs: monotonicUs(), chunksEach: shape.chunks, recordings: 1 }),
      });
      await Promise.race([fleet.run(), late(RECEIPT_MS_MAX)]);
      fleet.close();
      if (sink === undefined) await check(target, made);
      return clock.figures(shape);
    },
    close: () => target.close(),
  };
}

async function check(target: OwnDock, made: readonly LoadRecording[]): Promise<void> {
  for (const { recordingId, chunks } of made)
    await checkStored(join(target.dataDir, 'recordings', recordingId, 'chunks'), chunks);
}

function late(ms: number): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`a round took more than ${ms} ms`)), ms).unref();
  });
}

/** From the first byte sent to the last durable one. */
class Stopwatch implements Meter {
  #sentUs = Number.POSITIVE_INFINITY;
  #durableUs = 0;
  #receiptUs = 0;
  #bytes = 0;
  readonly #lastUs = new Map<number, number>();

  chunk(camera: number, times: Parameters<Meter['chunk']>[1]): void {
    this.#sentUs = Math.min(this.#sentUs, times.sentUs);
    this.#durableUs = Math.max(this.#durableUs, times.durableUs);
    this.#lastUs.set(camera, times.durableUs);
    this.#bytes += times.bytes;
  }

  recording(_camera: number, { erasableUs }: Parameters<Meter['recording']>[1]): void {
    this.#receiptUs = Math.max(this.#receiptUs, erasableUs);
  }

  unfinished(): void {
    throw new Error('a round ended before all was durable');
  }

  retransmit(): void {}

  failed(camera: number, code: string): void {
    throw new Error(`camera ${camera}: ${code}`);
  }

  figures(shape: Shape): RoundFigures {
    if (this.#bytes !== bytesOf(shape))
      throw new Error(`${this.#bytes} bytes are durable, of ${bytesOf(shape)}`);
    // Every camera sends as much as any other: who is done first was served fastest.
    const rates = [...this.#lastUs.values()].map((us) => 1 / (us - this.#sentUs));
    const mean = rates.reduce((sum, one) => sum + one, 0) / rates.length;
    return {
      MBps: rate(this.#bytes, (this.#durableUs - this.#sentUs) / US_PER_MS),
      receiptLagMs: (this.#receiptUs - this.#durableUs) / US_PER_MS,
      slowest: Math.min(...rates) / mean,
    };
  }
}
