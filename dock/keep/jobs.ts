import { formatInstant } from '../../proto/instant.ts';
import type { Cancel, Clock } from '../ports.ts';

/** What a dock does by itself, at times that its operator chooses. */
export type JobName = 'release' | 'retention' | 'scrub' | 'checkpoint' | 'clock';

export interface Job {
  readonly name: JobName;
  /** A cron expression; `endless`: whoever does it begins anew by itself; `off`: only when it is asked for. */
  readonly schedule: string;
  /** One run; resolves to what came of it, for people. A job that is stopped with the dock may resolve early. */
  readonly run: () => Promise<string>;
}

/** How one job stands. Times are RFC 3339, by the dock's clock. */
export interface JobStanding {
  readonly job: JobName;
  readonly schedule: string;
  /** Since when, while it goes on. */
  readonly runningSince?: string;
  /** The newest run that has ended. */
  readonly last?: {
    readonly startedAt: string;
    readonly endedAt: string;
    readonly tookMs: number;
    readonly outcome: 'done' | 'failed';
    /** What came of it, or why nothing did. */
    readonly said: string;
  };
  readonly next?: string;
  /** Since the dock started: runs that have ended, and runs that were left out because the one before still went on. */
  readonly runs: number;
  readonly leftOut: number;
  /** How many in a row have failed, up to the newest one. */
  readonly failures: number;
}

export interface JobsOptions {
  readonly clock: Pick<Clock, 'wallUs' | 'monoUs'>;
  /** Calls the job when it is due and `leftOut` when it was due and still ran; see `schedule` of clock/cron. */
  readonly schedule: (
    expression: string,
    job: () => Promise<void>,
    leftOut: () => void,
  ) => { readonly cancel: Cancel; readonly again: () => void; nextUs(): number | undefined };
  /** Hears of every run that has ended. Must not throw. */
  readonly ended: (standing: JobStanding) => void;
}

interface Row {
  readonly job: Job;
  readonly round: ReturnType<JobsOptions['schedule']> | undefined;
  running: { readonly sinceUs: number; readonly done: Promise<void> } | undefined;
  last: JobStanding['last'];
  runs: number;
  leftOut: number;
  failures: number;
}

/**
 * The dock's periodic work, one row a job. No job overlaps itself, whoever starts it; one that fails, fails alone and is tried
 * again when it is due; every run is on record.
 */
export class Jobs {
  readonly #options: JobsOptions;
  readonly #rows = new Map<JobName, Row>();

  constructor(options: JobsOptions) {
    this.#options = options;
  }

  /** From now on it runs when it is due. Throws RangeError for a bad expression. */
  add(job: Job): void {
    const { name, schedule } = job;
    const isCron = schedule !== 'off' && schedule !== 'endless';
    const due = async (): Promise<void> => {
      const row = this.#row(name);
      // Somebody asked for it by hand, and that goes on.
      if (row.running !== undefined) row.leftOut += 1;
      else await this.#begin(row, job.run);
    };
    const round = isCron
      ? this.#options.schedule(schedule, due, () => void (this.#row(name).leftOut += 1))
      : undefined;
    this.#rows.set(name, {
      job,
      round,
      running: undefined,
      last: undefined,
      runs: 0,
      leftOut: 0,
      failures: 0,
    });
  }

  /** Runs it now; while it runs anyway, waits for that run. Resolves when it has ended, well or not: {@link standing} says which. */
  run(name: JobName): Promise<void> {
    const row = this.#row(name);
    return row.running?.done ?? this.#begin(row, row.job.run);
  }

  /** Puts a run on record that its doer began by itself; while one goes on, this is part of it. Rejects as `work` does. */
  async record(name: JobName, work: () => Promise<string>): Promise<void> {
    const row = this.#row(name);
    if (row.running !== undefined) return void (await work());
    let failed: { readonly problem: unknown } | undefined;
    await this.#begin(row, async () => {
      try {
        return await work();
      } catch (problem) {
        failed = { problem };
        throw problem;
      }
    });
    if (failed !== undefined) throw failed.problem;
  }

  standing(): readonly JobStanding[] {
    return [...this.#rows.values()].map(standingOf);
  }

  /** The dock's clock was set: every job is due by the clock as it is now. */
  clockWasSet(): void {
    for (const { round } of this.#rows.values()) round?.again();
  }

  /** Begins no run any more; resolves when those that go on have ended. */
  async close(): Promise<void> {
    for (const { round } of this.#rows.values()) round?.cancel();
    await Promise.all(
      [...this.#rows.values()].flatMap(({ running }) => (running === undefined ? [] : [running.done])),
    );
  }

  /** Never rejects: what a job throws is what came of it. */
  #begin(row: Row, run: () => Promise<string>): Promise<void> {
    const { clock, ended } = this.#options;
    const [sinceUs, fromUs] = [clock.wallUs(), clock.monoUs()];
    const end = (outcome: 'done' | 'failed', said: string): void => {
      const tookMs = Math.round((clock.monoUs() - fromUs) / 1_000);
      const times = { startedAt: formatInstant(sinceUs), endedAt: formatInstant(clock.wallUs()), tookMs };
      row.last = { ...times, outcome, said };
      row.running = undefined;
      row.runs += 1;
      row.failures = outcome === 'done' ? 0 : row.failures + 1;
      ended(standingOf(row));
    };
    // In a turn of its own: a job that throws before its first wait fails like any other.
    const done = Promise.resolve()
      .then(run)
      .then(
        (said) => end('done', said),
        (problem: unknown) => end('failed', problem instanceof Error ? problem.message : String(problem)),
      );
    row.running = { sinceUs, done };
    return done;
  }

  #row(name: JobName): Row {
    const row = this.#rows.get(name);
    if (row === undefined) throw new RangeError(`there is no job ${name}`);
    return row;
  }
}

function standingOf({ job, round, running, last, runs, leftOut, failures }: Row): JobStanding {
  const nextUs = round?.nextUs();
  return {
    job: job.name,
    schedule: job.schedule,
    ...(running === undefined ? {} : { runningSince: formatInstant(running.sinceUs) }),
    ...(last === undefined ? {} : { last }),
    ...(nextUs === undefined ? {} : { next: formatInstant(nextUs) }),
    ...{ runs, leftOut, failures },
  };
}
