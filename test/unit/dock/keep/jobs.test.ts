import { afterEach, describe, expect, it, vi } from 'vitest';
import { schedule } from '../../../../dock/clock/cron.ts';
import { SystemClock } from '../../../../dock/clock/system.ts';
import { type Job, type JobName, Jobs, type JobStanding } from '../../../../dock/keep/jobs.ts';

// Goal: what a dock does by itself never overlaps itself, never ends the dock, and can be looked at. Method: the real node-cron at
// one-second expressions, jobs that end when the test says so, waits for a condition with a deadline.

const EVERY_SECOND = '* * * * * *';
const SOON = { timeout: 8_000, interval: 20 };
const open: Jobs[] = [];
const ended: JobStanding[] = [];

function jobsWith(...jobs: readonly Partial<Job>[]): Jobs {
  const all = new Jobs({
    clock: new SystemClock(),
    schedule,
    ended: (standing) => void ended.push(standing),
  });
  open.push(all);
  for (const job of jobs)
    all.add({ name: 'release', schedule: EVERY_SECOND, run: () => Promise.resolve('nothing to do'), ...job });
  return all;
}
const row = (jobs: Jobs, name: JobName = 'release'): JobStanding => {
  const found = jobs.standing().find(({ job }) => job === name);
  if (found === undefined) throw new TypeError(`no job ${name}`);
  return found;
};

/** A job that goes on until it is let go, and counts how many of it go on at once. */
class Slow {
  runs = 0;
  most = 0;
  #now = 0;
  #go: () => void = () => undefined;

  run = async (): Promise<string> => {
    this.runs += 1;
    this.#now += 1;
    this.most = Math.max(this.most, this.#now);
    await new Promise<void>((resolve) => {
      this.#go = resolve;
    });
    this.#now -= 1;
    return `run ${this.runs}`;
  };

  letGo(): void {
    this.#go();
  }
}

afterEach(async () => {
  ended.length = 0;
  for (const jobs of open.splice(0)) await jobs.close();
});

describe('a job', () => {
  it('runs when it is due, and every run is on record', { timeout: 20_000 }, async () => {
    const jobs = jobsWith({});
    expect(row(jobs)).toMatchObject({ schedule: EVERY_SECOND, runs: 0, leftOut: 0, failures: 0 });
    expect(Date.parse(row(jobs).next ?? '')).toBeGreaterThan(Date.now() - 1_000);
    await vi.waitFor(() => expect(row(jobs).runs).toBeGreaterThanOrEqual(2), SOON);
    const { last } = row(jobs);
    expect(last).toMatchObject({ outcome: 'done', said: 'nothing to do' });
    expect((last?.endedAt ?? '') >= (last?.startedAt ?? '9')).toBe(true);
    expect(ended.length).toBeGreaterThanOrEqual(2);
  });

  it('does not overlap itself, and the runs that were left out are counted', {
    timeout: 30_000,
  }, async () => {
    const slow = new Slow();
    const jobs = jobsWith({ run: slow.run });
    await vi.waitFor(() => expect(row(jobs).leftOut).toBeGreaterThanOrEqual(2), SOON);
    expect(slow).toMatchObject({ runs: 1, most: 1 });
    expect(row(jobs)).toMatchObject({ runs: 0, runningSince: expect.any(String) as string });
    const before = row(jobs).leftOut;
    slow.letGo();
    await vi.waitFor(() => expect(slow.runs).toBe(2), SOON);
    expect(row(jobs)).toMatchObject({ runs: 1, leftOut: before, last: { outcome: 'done', said: 'run 1' } });
    expect(slow.most).toBe(1);
    slow.letGo();
  });

  it('that is asked for by hand does not overlap itself either', { timeout: 20_000 }, async () => {
    const slow = new Slow();
    const jobs = jobsWith({ run: slow.run });
    const first = jobs.run('release');
    const second = jobs.run('release');
    await vi.waitFor(() => expect(row(jobs).leftOut).toBeGreaterThanOrEqual(1), SOON);
    expect(slow).toMatchObject({ runs: 1, most: 1 });
    slow.letGo();
    await Promise.all([first, second]);
    expect(row(jobs).last).toMatchObject({ said: 'run 1' });
    slow.letGo();
    await vi.waitFor(() => {
      slow.letGo();
      expect(row(jobs).runningSince).toBeUndefined();
    }, SOON);
  });

  it('that throws ends nothing, is counted, and runs again', { timeout: 20_000 }, async () => {
    let isBroken = true;
    const jobs = jobsWith(
      { run: () => (isBroken ? Promise.reject(new Error('the disk is gone')) : Promise.resolve('well')) },
      {
        name: 'clock',
        run: () => {
          throw new TypeError('before its first wait');
        },
      },
      { name: 'checkpoint' },
    );
    await vi.waitFor(() => expect(row(jobs).failures).toBeGreaterThanOrEqual(2), SOON);
    expect(row(jobs).last).toMatchObject({ outcome: 'failed', said: 'the disk is gone' });
    expect(row(jobs, 'clock').last).toMatchObject({ outcome: 'failed', said: 'before its first wait' });
    expect(row(jobs, 'checkpoint')).toMatchObject({ failures: 0, last: { outcome: 'done' } });
    isBroken = false;
    await vi.waitFor(() => expect(row(jobs)).toMatchObject({ failures: 0, last: { said: 'well' } }), SOON);
  });

  it('that is off, or begins by itself, is never due', async () => {
    const jobs = jobsWith({ schedule: 'off' }, { name: 'scrub', schedule: 'endless' });
    expect(row(jobs)).not.toHaveProperty('next');
    await jobs.record('scrub', () => Promise.resolve('2 recordings'));
    expect(row(jobs, 'scrub')).toMatchObject({ runs: 1, last: { said: '2 recordings' } });
    const problem = new Error('no');
    await expect(jobs.record('scrub', () => Promise.reject(problem))).rejects.toBe(problem);
    expect(row(jobs, 'scrub')).toMatchObject({ runs: 2, failures: 1 });
    await jobs.run('release');
    expect(row(jobs)).toMatchObject({ runs: 1 });
  });

  it('that goes on is waited for at the end, and none begins any more', async () => {
    const slow = new Slow();
    const jobs = jobsWith({ run: slow.run, schedule: 'off' });
    const running = jobs.run('release');
    await vi.waitFor(() => expect(slow.runs).toBe(1), SOON);
    let isClosed = false;
    const closing = jobs.close().then(() => {
      isClosed = true;
    });
    await Promise.resolve();
    expect(isClosed).toBe(false);
    slow.letGo();
    await Promise.all([running, closing]);
    expect(row(jobs)).toMatchObject({ runs: 1 });
  });

  // Goal: a clock that was set concerns every job, and none that has no hours. Method: a schedule that notes what it is told.
  it('is due by the clock as it was set', () => {
    let again = 0;
    const jobs = new Jobs({
      clock: new SystemClock(),
      schedule: () => ({
        cancel: () => undefined,
        nextUs: () => undefined,
        again: () => {
          again += 1;
        },
      }),
      ended: () => undefined,
    });
    const run = (): Promise<string> => Promise.resolve('');
    jobs.add({ name: 'release', schedule: EVERY_SECOND, run });
    jobs.add({ name: 'clock', schedule: EVERY_SECOND, run });
    jobs.add({ name: 'scrub', schedule: 'endless', run });
    jobs.clockWasSet();
    expect(again).toBe(2);
  });

  it('with an expression that is none is refused', () => {
    expect(() => jobsWith({ schedule: 'every minute' })).toThrow(RangeError);
  });
});
