import type { Command } from 'commander';
import { z } from 'zod';
import type { JobName } from './jobs.ts';

/** When each job runs: a cron expression in UTC, with or without seconds; `off`; and for the scrub `endless`. */
export type JobSchedules = Readonly<Record<JobName, string>>;

type JobFlag = 'sweep' | 'checkpointCheck' | 'retentionSweep' | 'scrubPass' | 'clockCheck';

/** As they stand on the command line. */
export function jobFlags(isCron: (given: string) => boolean): Readonly<Record<JobFlag, z.ZodType<string>>> {
  const cron = z.string().refine(isCron, 'must be a cron expression');
  const cronOr = (...words: readonly string[]): z.ZodType<string> =>
    z
      .string()
      .refine(
        (given) => words.includes(given) || isCron(given),
        `must be a cron expression, or ${words.join(' or ')}`,
      );
  return {
    // Whoever may see what, and what is missing, is promised; so is a log that is what it says. Neither can be switched off.
    sweep: cron,
    checkpointCheck: cron,
    retentionSweep: cronOr('off'),
    scrubPass: cronOr('endless', 'off'),
    clockCheck: cronOr('off'),
  };
}

/** Adds the jobs' flags to the dock's command. */
export function withJobs(command: Command): Command {
  return command
    .optionsGroup('Jobs, each with a cron expression in UTC (five fields, or six with seconds first):')
    .option(
      '--sweep <cron>',
      'ask again about everything withheld, and look for missing footage',
      '*/30 * * * * *',
    )
    .option(
      '--retention-sweep <cron>',
      'look for recordings whose time is over; off only with --retain-days 0',
      '15 11 * * *',
    )
    .option(
      '--scrub-pass <cron>',
      'begin to read everything that is held; endless: again and again; off: only holdfast dock scrub does',
      'endless',
    )
    .option(
      '--checkpoint-check <cron>',
      'hold the published checkpoint against the log, and ask its witnesses',
      '*/5 * * * *',
    )
    .option(
      '--clock-check <cron>',
      'look at the clock, and ask chronyd; off: only the stamps do',
      '*/5 * * * *',
    );
}

/** Checks what one flag alone cannot say; `refuse` throws. */
export function jobsOf(
  given: Readonly<Record<JobFlag, string>>,
  { retainDays, scrubMibS }: { readonly retainDays: number; readonly scrubMibS: number },
  refuse: (problem: string) => never,
): JobSchedules {
  const { sweep, retentionSweep, scrubPass, checkpointCheck, clockCheck } = given;
  if (retentionSweep === 'off' && retainDays > 0)
    refuse(
      '--retention-sweep: off keeps for ever what --retain-days ends; give a cron expression, or --retain-days 0',
    );
  if (scrubPass !== 'endless' && scrubPass !== 'off' && scrubMibS === 0)
    refuse('--scrub-pass: nothing is read with --scrub-mib-s 0; give a rate, or --scrub-pass off');
  return {
    release: sweep,
    retention: retentionSweep,
    scrub: scrubMibS === 0 ? 'off' : scrubPass,
    checkpoint: checkpointCheck,
    clock: clockCheck,
  };
}
