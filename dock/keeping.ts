import { join } from 'node:path';
import type { CameraId } from '../proto/ids.ts';
import type { DockConfig } from './config.ts';
import type { Bays } from './ingest/bays.ts';
import type { NamedAbsence } from './keep/absences.ts';
import { askScrub } from './keep/ask-scrub.ts';
import { ControlError, openControl } from './keep/control.ts';
import { recordExport } from './keep/exported.ts';
import type { Jobs } from './keep/jobs.ts';
import { statusOf } from './keep/status.ts';
import { Watch } from './keep/watch.ts';
import { atMost } from './clock/at-most.ts';
import { enrolledReader } from './keys/enrolled.ts';
import type { Clock, Holdings, Keys, Ledger } from './ports.ts';
import type { Retaining } from './retaining.ts';
import { Sightings } from './store/sightings.ts';
import type { Upkeep } from './upkeep.ts';

/** What looks after the recordings that are here, and notices those that are not. */
export interface Keeping {
  /** A camera docked, or left. */
  sighted(camera: CameraId): void;
  /** Something ended that may have closed a gap or opened one: looks again, soon. */
  look(): void;
  /** Looks now; resolves to how much is missing. Rejects with what ledger or store throw. */
  count(): Promise<number>;
  missing(): Promise<readonly NamedAbsence[]>;
  /** Before ledger and store are closed. */
  close(): Promise<void>;
}

interface KeepingParts {
  readonly config: DockConfig;
  readonly ledger: Ledger;
  readonly store: Holdings;
  readonly keys: Pick<Keys, 'dockId'>;
  readonly clock: Clock;
  readonly bays: Bays;
  readonly epoch: () => number;
  readonly retaining: Pick<Retaining, 'sweep' | 'standing'>;
  readonly upkeep: Pick<Upkeep, 'standing' | 'pause' | 'resume' | 'scrub'>;
  readonly jobs: Pick<Jobs, 'standing'>;
  /** Hears what could not be done; it is tried again at the next look. Must not throw. */
  readonly report: (problem: unknown) => void;
}

const MS_PER_HOUR = 3_600_000;
const MS_PER_MINUTE = 60_000;
// Cameras come and go by the thousand at the end of a shift, and one look serves all of them.
const LOOK_EVERY_MS = 1_000;

/** Starts the watch and opens the operator's door, `DATA/control.sock`. Throws what the disk throws. */
export async function openKeeping(parts: KeepingParts): Promise<Keeping> {
  const { config, ledger, store, keys, clock, bays, epoch, retaining, upkeep, jobs, report } = parts;
  const sightings = await Sightings.open(join(config.data, 'sightings.json'), { clock });
  const enrolled = enrolledReader(config.registry, clock);
  const cameras = () =>
    enrolled().map((one) => {
      const seenUs = sightings.seenUs(one.camera);
      return seenUs === undefined ? one : { ...one, seenUs };
    });
  const watch = new Watch(
    { ledger, holdings: store, clock, cameras, bays: () => bays.all() },
    { overdueMs: config.overdueHours * MS_PER_HOUR, partialMs: config.partialMinutes * MS_PER_MINUTE },
  );
  const looks = new Set<Promise<unknown>>();
  const looking = atMost(LOOK_EVERY_MS, clock, () => {
    const look: Promise<unknown> = watch
      .look()
      .catch(report)
      .finally(() => looks.delete(look));
    looks.add(look);
  });
  const missing = (): Promise<readonly NamedAbsence[]> => watch.listed();
  const retention = () => retaining.standing();
  const { dockId } = keys;
  const status = () =>
    statusOf({
      ...{ dockId, holdings: store, ledger, clock, epoch, bays: () => bays.all(), missing, retention },
      ...{ scrub: () => upkeep.standing(), jobs: () => jobs.standing() },
    });
  const control = await openControl(
    join(config.data, 'control.sock'),
    {
      status,
      look: () => watch.look(),
      retain: (body) => retaining.sweep(readSweep(body)),
      scrub: (body) => askScrub(body, { upkeep, report }),
      exported: (body) => recordExport(body, { holdings: store, ledger, clock }),
    },
    report,
  );
  looking.ask();
  return {
    sighted: (camera) => sightings.note(camera, clock.wallUs()),
    look: () => looking.ask(),
    missing,
    count: async () => (await watch.look()).length,
    close: async () => {
      looking.stop();
      await control.close();
      await Promise.all(looks);
      await sightings.close();
    },
  };
}

function readSweep(body: unknown): { readonly dryRun: boolean } {
  const { dryRun = false }: { readonly dryRun?: unknown } =
    typeof body === 'object' && body !== null ? body : {};
  // Whoever misspells a rehearsal must not get the real thing.
  if (typeof dryRun !== 'boolean') throw new ControlError('BAD_REQUEST', 'dryRun is true or false');
  return { dryRun };
}
