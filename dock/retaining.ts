import type { Logger } from 'pino';
import type { RecordingId } from '../proto/ids.ts';
import { said, say } from './announce.ts';
import type { AuthzenOptions } from './authzen/policy.ts';
import { openRetentionDesk } from './authzen/retention.ts';
import type { DockConfig } from './config.ts';
import type { Jobs } from './keep/jobs.ts';
import { Retention } from './keep/retention.ts';
import type { RetentionPorts, RetentionStanding, SweepReport } from './keep/retention-ports.ts';
import type { PolicyEvent } from './ports.ts';

/** What ends recordings when their time is over. */
export interface Retaining {
  /** Begins; before this nothing is asked and nothing destroyed. */
  start(): void;
  heard(this: void, event: PolicyEvent): void;
  sweep(options: { readonly dryRun: boolean }): Promise<SweepReport>;
  standing(): Promise<RetentionStanding>;
  /** Before ledger and store are closed. */
  close(): Promise<void>;
}

interface RetainingParts extends Omit<RetentionPorts, 'policy' | 'keys' | 'report'> {
  readonly config: DockConfig;
  readonly authzen: AuthzenOptions;
  readonly keys: RetentionPorts['keys'];
  readonly jobs: Pick<Jobs, 'add' | 'record'>;
  readonly log: Logger;
}

/** Throws AuthzenError for a policy key that cannot be used. */
export async function openRetaining(parts: RetainingParts): Promise<Retaining> {
  const { config, authzen, log, gone, jobs, ...ports } = parts;
  const { retainDays } = config;
  const report = (problem: unknown): void => log.error({ problem: said(problem) }, 'retention.problem');
  const retention = new Retention(
    {
      ...ports,
      policy: await openRetentionDesk(authzen),
      report,
      gone: (recording: RecordingId) => {
        gone(recording);
        say(config, { event: 'destroyed', recording });
      },
    },
    retainDays,
  );
  const sweepOnce = async (options: { readonly dryRun: boolean }): Promise<SweepReport> => {
    const done = await retention.sweep(options);
    for (const kept of done.kept) log.warn(kept, 'retention.kept');
    log.info({ destroyed: done.destroyed.length, kept: done.kept.length, ...options }, 'retention.sweep');
    return done;
  };
  /** By hand: a rehearsal is no run of the job. */
  const sweep = async (options: { readonly dryRun: boolean }): Promise<SweepReport> => {
    if (options.dryRun) return sweepOnce(options);
    let done: SweepReport = { destroyed: [], kept: [] };
    await jobs.record('retention', async () => inWords((done = await sweepOnce(options))));
    return done;
  };
  return {
    start: () => {
      void retention.start();
      const run = async (): Promise<string> => inWords(await sweepOnce({ dryRun: false }));
      jobs.add({ name: 'retention', schedule: config.jobs.retention, run });
    },
    heard: (event) => retention.heard(event),
    sweep,
    standing: () => retention.standing(),
    close: () => retention.close(),
  };
}

function inWords({ destroyed, kept }: SweepReport): string {
  return `${destroyed.length} destroyed, ${kept.length} kept though their time is over`;
}
