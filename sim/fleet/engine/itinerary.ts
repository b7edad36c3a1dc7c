import type { Keys } from '../../../device/ports.ts';
import { type Arrival, dueChunks, type PlannedRecording } from '../measure/schedule.ts';
import type { Errand } from './camera.ts';
import { type FilmChunk, type LoadRecording, makeRecording } from './film.ts';
import type { Itinerary } from './fleet.ts';

const US_PER_MS = 1_000;

export interface Supply {
  readonly film: readonly FilmChunk[];
  readonly keys: Keys;
  /** Its number in the fleet: each begins at another place of the film, so that no two neighbours send the same bytes at once. */
  readonly camera: number;
  /** Of its first recording; 1 when absent. One that was in other runs begins beyond them, so that no number comes twice. */
  readonly firstCounter?: number | undefined;
  /** Hears of each recording, as it is made. */
  readonly made?: ((recording: LoadRecording) => void) | undefined;
}

/** Recordings of one camera, as many as are asked for. */
export class Reel {
  readonly #supply: Supply;
  #count = 0;
  #previousRoot = new Uint8Array();

  constructor(supply: Supply) {
    this.#supply = supply;
  }

  next(chunks: number): LoadRecording {
    const { film, keys, camera, firstCounter = 1, made } = this.#supply;
    const start = camera * 7 + this.#count * 3;
    const recording = makeRecording({
      cameraId: keys.cameraId,
      sign: (message) => keys.sign(message),
      counter: firstCounter + this.#count,
      previousRoot: this.#previousRoot,
      chunks: Array.from({ length: chunks }, (_, at) => filmAt(film, start + at)),
    });
    this.#count += 1;
    this.#previousRoot = Uint8Array.from(recording.root);
    made?.(recording);
    return recording;
  }
}

/** As fast as the dock takes them: so many recordings, or recordings until the run is over. */
export function closedLoop(
  reel: Reel,
  plan: { readonly startUs: number; readonly chunksEach: number; readonly recordings: number },
): Itinerary {
  let left = plan.recordings;
  return {
    startUs: plan.startUs,
    next: () => {
      left -= 1;
      return left < 0 ? undefined : { recording: reel.next(plan.chunksEach) };
    },
  };
}

export interface PacePlan {
  readonly startUs: number;
  readonly chunksEach: number;
  /** When the chunk of this number, counted over all recordings of the camera, is meant to leave. */
  readonly dueUs: (chunk: number) => number;
  /** The first recording is shorter by so many chunks, so that not all cameras end theirs at once. */
  readonly headStart: number;
  readonly untilUs: number;
}

/** A chunk at a time, at planned times, whatever the dock does. */
export function steadyLoop(reel: Reel, plan: PacePlan): Itinerary {
  const { chunksEach, dueUs, headStart, startUs, untilUs } = plan;
  let done = 0;
  return {
    startUs,
    next: (): Errand | undefined => {
      const first = done;
      if (dueUs(first) >= untilUs) return undefined;
      const chunks = first === 0 ? chunksEach - (headStart % chunksEach) : chunksEach;
      done += chunks;
      return { recording: reel.next(chunks), dueUs: (chunk) => dueUs(first + chunk) };
    },
  };
}

/** What one camera brings home from its shift, at the rate of its own link, whatever the dock does. */
export function dayLoop(
  reel: Reel,
  arrival: Arrival,
  plan: { readonly startUs: number; readonly chunkBytes: number },
): Itinerary {
  const due: number[][] = [];
  for (const { recording, intendedUs } of dueChunks(arrival, plan.chunkBytes))
    (due[recording] ??= []).push(plan.startUs + intendedUs);
  let next = 0;
  return {
    startUs: plan.startUs + arrival.atMs * US_PER_MS,
    next: (): Errand | undefined => {
      const recording = arrival.recordings[next];
      const dues = due[next];
      next += 1;
      // One that was torn out and never came back brings no more.
      if (recording === undefined || dues === undefined) return undefined;
      // A camera that never comes back has recorded all of it all the same.
      const count = Math.ceil(recording.bytes / plan.chunkBytes);
      const dueUs = (chunk: number): number => dues[chunk] ?? Number.POSITIVE_INFINITY;
      return { recording: reel.next(count), dueUs, ...cutOf(recording, plan.chunkBytes) };
    },
  };
}

function cutOf({ cut }: PlannedRecording, chunkBytes: number): Pick<Errand, 'cut'> {
  if (cut === null) return {};
  const { afterBytes, backAfterMs } = cut;
  const backAfterUs = backAfterMs === null ? null : backAfterMs * US_PER_MS;
  return { cut: { afterChunks: Math.ceil(afterBytes / chunkBytes), backAfterUs } };
}

function filmAt(film: readonly FilmChunk[], at: number): FilmChunk {
  const chunk = film[at % film.length];
  if (chunk === undefined) throw new RangeError('no film');
  return chunk;
}
