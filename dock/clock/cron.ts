import cron, { type ScheduledTask } from 'node-cron';
import type { Cancel } from '../ports.ts';

/** Is this a cron expression (five fields, or six with seconds first)? For config checks. */
export function isCron(expression: string): boolean {
  return cron.validate(expression);
}

/**
 * Runs `job` whenever the expression says so, by this machine's local time. A run that is due while the last one
 * still goes on is left out, not queued. `job` must not reject. Throws a RangeError for a bad expression.
 */
export function schedule(expression: string, job: () => Promise<void>): Cancel {
  if (!isCron(expression)) throw new RangeError(`not a cron expression: ${expression}`);
  const task: ScheduledTask = cron.schedule(expression, async () => job(), {
    noOverlap: true,
    // A busy machine may be late; the next run makes up for it, and a warning on stdout helps nobody.
    suppressMissedWarning: true,
  });
  return () => {
    void task.destroy();
  };
}
