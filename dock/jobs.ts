import type { Logger } from 'pino';
import { schedule } from './clock/cron.ts';
import type { DockConfig } from './config.ts';
import { Jobs } from './keep/jobs.ts';
import { LedgerError } from './ledger/errors.ts';
import type { OpenLedger } from './ledger/log.ts';
import type { Clock } from './ports.ts';
import type { Time } from './time.ts';

// A witness that has said nothing new about this log for an hour is asked whether it still remembers it.
const COSIGNED_S_MAX = 3_600;

/** The dock's jobs, none yet; the log hears of each run that has ended. */
export function openJobs({ clock, log }: { readonly clock: Clock; readonly log: Logger }): Jobs {
  return new Jobs({
    clock,
    schedule,
    ended: ({ job, last, runs, leftOut, failures }) => {
      const facts = { job, ...last, runs, leftOut, failures };
      if (failures === 0) log.debug(facts, 'job.done');
      else log.error(facts, 'job.failed');
    },
  });
}

/** Adds the jobs that look at what others keep right as it happens: the log that everybody sees, and the clock. */
export function addChecks(
  jobs: Jobs,
  of: {
    readonly config: DockConfig;
    readonly ledger: Pick<OpenLedger, 'check'>;
    readonly time: Pick<Time, 'check'>;
    readonly clock: Pick<Clock, 'wallUs'>;
  },
): void {
  const { config, ledger, time, clock } = of;
  jobs.add({
    name: 'checkpoint',
    schedule: config.jobs.checkpoint,
    run: async () => {
      const { size, pending, cosigned, lacking } = await ledger.check(
        clock.wallUs() / 1_000_000 - COSIGNED_S_MAX,
      );
      if (lacking !== undefined) throw new LedgerError('LEDGER_BUSY', lacking, { retry: 'later' });
      const names = cosigned.length === 0 ? '' : `, cosigned by ${cosigned.join(', ')}`;
      return `${size} entries${pending === 0 ? '' : `, ${pending} on their way`}${names}`;
    },
  });
  jobs.add({ name: 'clock', schedule: config.jobs.clock, run: () => time.check() });
}
