import type { Logger } from 'pino';
import type { RecordingId } from '../proto/ids.ts';
import { said, say } from './announce.ts';
import type { DockConfig } from './config.ts';
import type { Bays } from './ingest/bays.ts';
import type { Jobs } from './keep/jobs.ts';
import { Pace } from './keep/pace.ts';
import type { PassReport, ScrubStanding } from './keep/progress.ts';
import { Scrub, type ScrubNews } from './keep/scrub.ts';
import type { Clock, HoldingKey, Ledger } from './ports.ts';
import type { Release } from './release/release.ts';
import type { Wound } from './store/examine.ts';
import type { MirrorNews } from './store/mirror.ts';
import type { Store, StoreOptions } from './store/store.ts';

/** What looks after the bytes of the recordings that are here. */
export interface Upkeep {
  /** A recording came into custody, perhaps once more. */
  arrived(recordingId: RecordingId): void;
  /** A recording did not read back: it is looked at before all others. */
  doubt(key: HoldingKey): void;
  standing(): ScrubStanding;
  /** No footage is read until `resume`; what is under way stays under way. */
  pause(): void;
  resume(): void;
  /** A pass over everything now, as fast as the disk gives it, or the rest of the one under way. Resolves to what came of it; see `Scrub.ask`. */
  scrub(): Promise<PassReport | undefined>;
  /** Before ledger and store are closed. */
  close(): Promise<void>;
}

interface UpkeepParts {
  readonly config: DockConfig;
  readonly ledger: Ledger;
  readonly store: Store;
  readonly clock: Clock;
  readonly bays: Bays;
  readonly release: Pick<Release, 'gone' | 'held'>;
  readonly jobs: Pick<Jobs, 'add' | 'record' | 'run'>;
  readonly log: Logger;
}

/** Where the second copies go, when there is a second disk. */
export function mirrorOf(
  config: DockConfig,
  { origin }: Pick<Ledger, 'origin'>,
  log: Logger,
): Pick<StoreOptions, 'mirror'> {
  const { mirror: dir } = config;
  if (dir === undefined) return {};
  return { mirror: { dir, origin, tell: (news) => tellMirror(config, log, news) } };
}

/** Starts to read everything that is held, again and again or when it is due; with a rate of 0 only what there is reason to look at. */
export function openUpkeep(parts: UpkeepParts): Upkeep {
  const { config, ledger, store, clock, bays, jobs, log } = parts;
  const isOn = config.scrubBytesPerS > 0;
  const pace = new Pace({
    clock,
    // What is not read at all costs nothing at any rate.
    bytesPerS: isOn ? config.scrubBytesPerS : Number.POSITIVE_INFINITY,
    isBusy: () => bays.isTaking,
  });
  const scrub: Scrub<Wound> = new Scrub<Wound>({
    ...{ upkeep: store.keeper, ledger, clock, pace, passes: config.jobs.scrub === 'endless' },
    record: (pass) => jobs.record('scrub', () => pass().then(() => inWords(scrub.standing().last))),
    tell: (news) => heard(news, parts),
  });
  const run = async (): Promise<string> => inWords(await scrub.ask());
  jobs.add({ name: 'scrub', schedule: config.jobs.scrub, run });
  for (const { recordingId, manifestSha256 } of store.recovered.damage)
    scrub.soon({ recordingId, manifestSha256 });
  scrub.start();
  return {
    arrived: (recordingId) => {
      store
        .find(recordingId)
        .then((holding) => holding && scrub.arrived(holding))
        .catch((problem: unknown) => log.error({ problem: said(problem) }, 'upkeep.problem'));
    },
    doubt: ({ recordingId, manifestSha256 }) => scrub.soon({ recordingId, manifestSha256 }),
    standing: () => scrub.standing(),
    pause: () => pace.pause(),
    resume: () => pace.resume(),
    scrub: async () => {
      const before = scrub.standing().last;
      pace.hurry(true);
      await jobs.run('scrub').finally(() => pace.hurry(false));
      const { last } = scrub.standing();
      return last === before ? undefined : last;
    },
    close: () => scrub.stop(),
  };
}

function inWords(report: PassReport | undefined): string {
  if (report === undefined) return 'stopped before its end';
  const { recordingsDone, bytesDone, damaged } = report;
  return `${recordingsDone} recordings, ${bytesDone} bytes, ${damaged} damaged`;
}

function heard(news: ScrubNews, { config, release, log }: UpkeepParts): void {
  if (news.news === 'problem') return log.error({ problem: said(news.problem) }, 'upkeep.problem');
  if (news.news === 'pass') return log.info(news, 'scrub.pass');
  const { news: event, recordingId: recording, ...rest } = news;
  if (event === 'damaged') log.error({ recording, ...rest }, 'store.damaged');
  else log.warn({ recording, ...rest }, `store.${event}`);
  if (event === 'withdrawn') void release.gone(recording);
  if (event === 'restored') void release.held(recording);
  say(config, { event, recording, ...rest });
}

function tellMirror(config: DockConfig, log: Logger, news: MirrorNews): void {
  if (news.news === 'mirror-back') log.info({}, 'mirror.back');
  else log.error({ why: news.why }, 'mirror.missing');
  const { news: event, ...rest } = news;
  say(config, { event, ...rest });
}
