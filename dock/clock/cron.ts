import cron, { type ScheduledTask } from 'node-cron';
import type { Cancel } from '../ports.ts';

/** Is this a cron expression (five fields, or six with seconds first)? For config checks. */
export function isCron(expression: string): boolean {
  return cron.validate(expression);
}

const nothing = (): void => undefined;
const SILENT = { info: nothing, warn: nothing, error: nothing, debug: nothing };

/** A job on its way round. */
export interface Round {
  readonly cancel: Cancel;
  /** The clock was set: what is due next is reckoned anew. A job that goes on goes on. */
  readonly again: () => void;
  /** When it is due next, microseconds since 1970; undefined once it was cancelled. */
  nextUs(this: void): number | undefined;
}

/**
 * Runs `job` whenever the expression says so, in UTC: where clocks go forward and back an hour of local time is missing once a
 * year, or comes twice, and a job with it. A run that is due while the last one still goes on is left out, not queued, and told to
 * `leftOut`; so is one whose second went by because the program was too busy. `job` must not reject, `leftOut` must not throw.
 * Makes UTC this program's local time. Throws a RangeError for a bad expression.
 */
export function schedule(expression: string, job: () => Promise<void>, leftOut: () => void = nothing): Round {
  if (!isCron(expression)) throw new RangeError(`not a cron expression: ${expression}`);
  // Also where it goes by UTC, node-cron 4 cuts the milliseconds off in local time: in the hour that comes twice it is then an hour
  // behind, runs nothing, and spins until the hour is over.
  process.env['TZ'] = 'UTC';
  const task: ScheduledTask = cron.schedule(expression, async () => job(), {
    noOverlap: true,
    timezone: 'UTC',
    // What was left out is told to `leftOut`; words on stdout would stand between the lines that programs read.
    suppressMissedWarning: true,
    logger: SILENT,
  });
  task.on('execution:overlap', () => leftOut());
  task.on('execution:missed', () => leftOut());
  let cancelled = false;
  return {
    cancel: () => {
      cancelled = true;
      void task.destroy();
    },
    // Left to itself node-cron waits until a clock that was set back has caught up, and counts every run that one set ahead has skipped.
    again: () => {
      if (cancelled) return;
      void task.stop();
      void task.start();
    },
    nextUs: () => {
      const next = cancelled ? null : task.getNextRun();
      return next === null ? undefined : next.getTime() * 1_000;
    },
  };
}
