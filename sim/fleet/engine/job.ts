import type { Keys, TrustedDock } from '../../../device/ports.ts';
import { Chance } from '../../fault/chance.ts';
import { PROFILES } from '../measure/profile.ts';
import { dayArrivals, type DayPlan, joinMs, steadyPace } from '../measure/schedule.ts';
import { type MeterWindow, WorkerMeter } from '../measure/meter.ts';
import type { MeterReport, ProfileName } from '../result.ts';
import { type CrewMember, keysOf } from './crew.ts';
import { makeFilm, type FilmChunk } from './film.ts';
import { type Fleet, type Itinerary, makeFleet } from './fleet.ts';
import { closedLoop, dayLoop, Reel, steadyLoop } from './itinerary.ts';

const FILM_CHUNKS = 13;
const US_PER_MS = 1_000;

/** Who sets the pace, of the whole fleet. */
export type Pace =
  | { readonly loop: 'closed'; readonly chunksEach: number; readonly recordings: number }
  | { readonly loop: 'steady'; readonly chunksEach: number; readonly chunksPerSecond: number }
  | ({ readonly loop: 'day'; readonly profile: ProfileName } & Pick<
      DayPlan,
      'payloadScale' | 'timeWarp' | 'cutShare' | 'returnShare'
    >);

/** What one thread of the generator does: plain values, so that it can be posted there. */
export interface FleetJob {
  readonly url: string;
  readonly site: string;
  readonly dock: TrustedDock;
  readonly crew: readonly CrewMember[];
  readonly firstCamera: number;
  /** In the whole fleet. */
  readonly cameras: number;
  readonly window: number;
  readonly chunkBytes: number;
  readonly pace: Pace;
  readonly rampSeconds: number;
  readonly meter: MeterWindow;
  readonly seed: string;
  /** Of each camera's first recording. */
  readonly firstCounter: number;
}

/** One second of one thread. */
export interface JobReport {
  readonly meter: MeterReport;
  readonly docked: number;
}

/** A job under way. */
export interface RunningJob {
  /** Resolves when no camera has anything left to bring. */
  readonly done: Promise<void>;
  /** What happened since the last call. */
  report(): JobReport;
  close(): void;
}

// A camera greets and brings its manifest before footage is due.
const SETTLE_US = 1_000_000;

export function startJob(job: FleetJob): RunningJob {
  const meter = new WorkerMeter(job.meter);
  const film = makeFilm(FILM_CHUNKS, job.chunkBytes);
  const fleet: Fleet = makeFleet({
    ...{ url: job.url, site: job.site, window: job.window, firstCamera: job.firstCamera, meter },
    keys: job.crew.map((member) => keysOf(member, job.dock)),
    itinerary: itineraries(job, film),
  });
  return {
    done: fleet.run(),
    report: () => ({ meter: meter.take(), docked: fleet.docked }),
    close: () => fleet.close(),
  };
}

function itineraries(job: FleetJob, film: readonly FilmChunk[]): (camera: number, keys: Keys) => Itinerary {
  const { pace, cameras, rampSeconds, meter } = job;
  const startUs = (camera: number): number =>
    meter.startUs + joinMs(camera, cameras, rampSeconds) * US_PER_MS;
  if (pace.loop === 'closed')
    return (camera, keys) =>
      closedLoop(new Reel({ film, keys, camera, firstCounter: job.firstCounter }), {
        ...pace,
        startUs: startUs(camera),
      });
  if (pace.loop === 'day') return dayItineraries(job, film);
  const { chunksEach, chunksPerSecond } = pace;
  const { dueUs } = steadyPace({ cameras, chunksPerSecond, chance: new Chance(job.seed) });
  return (camera, keys) =>
    steadyLoop(new Reel({ film, keys, camera, firstCounter: job.firstCounter }), {
      ...{ chunksEach, startUs: startUs(camera), untilUs: meter.toUs, headStart: camera },
      // It keeps its pace from when it has come in: the load rises as the cameras do.
      dueUs: (chunk) => startUs(camera) + SETTLE_US + dueUs(camera, chunk),
    });
}

/** Every thread plans the whole fleet's day, as its sums are those of the profile, and plays its own part of it. */
function dayItineraries(
  job: FleetJob,
  film: readonly FilmChunk[],
): (camera: number, keys: Keys) => Itinerary {
  const { pace, cameras, chunkBytes, meter, seed } = job;
  if (pace.loop !== 'day') throw new TypeError('no day');
  const profile = PROFILES[pace.profile];
  const arrivals = dayArrivals({ ...pace, profile, cameras, chance: new Chance(seed) });
  const byCamera = new Map(arrivals.map((arrival) => [arrival.camera, arrival]));
  return (camera, keys) => {
    const arrival = byCamera.get(camera);
    if (arrival === undefined) throw new RangeError(`nobody planned camera ${camera}`);
    return dayLoop(new Reel({ film, keys, camera, firstCounter: job.firstCounter }), arrival, {
      startUs: meter.startUs,
      chunkBytes,
    });
  };
}
