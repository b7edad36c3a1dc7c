import type { Logger } from 'pino';
import type { RecordingId } from '../proto/ids.ts';
import { said, say } from './announce.ts';
import type { AuthzenOptions } from './authzen/policy.ts';
import { openRetentionDesk } from './authzen/retention.ts';
import { schedule } from './clock/cron.ts';
import type { DockConfig } from './config.ts';
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
  readonly log: Logger;
}

/** Throws AuthzenError for a policy key that cannot be used. */
export async function openRetaining(parts: RetainingParts): Promise<Retaining> {
  const { config, authzen, log, gone, ...ports } = parts;
  const { retainDays, retentionSweep } = config;
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
  const sweep = async (options: { readonly dryRun: boolean }): Promise<SweepReport> => {
    const done = await retention.sweep(options);
    for (const kept of done.kept) log.warn(kept, 'retention.kept');
    log.info({ destroyed: done.destroyed.length, kept: done.kept.length, ...options }, 'retention.sweep');
    return done;
  };
  const stopSweep = schedule(retentionSweep, async () => {
    await sweep({ dryRun: false }).catch(report);
  });
  return {
    start: () => void retention.start(),
    heard: (event) => retention.heard(event),
    sweep,
    standing: () => retention.standing(),
    close: async () => {
      stopSweep();
      await retention.close();
    },
  };
}
