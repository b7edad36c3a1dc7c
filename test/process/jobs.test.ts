import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { askDock } from '../../dock/keep/ask.ts';
import type { JobName, JobStanding } from '../../dock/keep/jobs.ts';
import type { DockStatus } from '../../dock/keep/status.ts';
import { flipByte } from '../unit/dock/store/flip.ts';
import { Depot, holdfast } from './depot.ts';

// Goal: what a dock does by itself can be looked at, fails without ending the dock, and its scrub does what its operator asks while the
// dock runs. Method: the real program with a job a second, its files changed behind its back, the commands that an operator has.

const SECOND = '* * * * * *';
const SOON = { timeout: 20_000, interval: 250 };

describe('the jobs of a dock', () => {
  const depot = new Depot();
  let first = '';

  beforeAll(async () => {
    await depot.open();
    await depot.start(
      ...[
        '--sweep',
        SECOND,
        '--retention-sweep',
        SECOND,
        '--checkpoint-check',
        SECOND,
        '--clock-check',
        SECOND,
      ],
      ...['--scrub-pass', 'off'],
    );
    first = await depot.take('cam-1');
  }, 120_000);
  afterAll(() => depot.close());

  const status = async (): Promise<DockStatus> =>
    (await askDock(join(depot.data, 'control.sock'), 'status')) as DockStatus;
  const job = async (name: JobName): Promise<JobStanding> => {
    const found = (await status()).jobs?.find((row) => row.job === name);
    if (found === undefined) throw new TypeError(`no job ${name}`);
    return found;
  };
  const scrub = (...flags: readonly string[]) => holdfast('dock', 'scrub', '--data', depot.data, ...flags);

  it('come round, and say so', async () => {
    await vi.waitFor(async () => {
      for (const name of ['release', 'retention', 'checkpoint', 'clock'] as const)
        expect(await job(name)).toMatchObject({ schedule: SECOND, failures: 0, last: { outcome: 'done' } });
    }, SOON);
    expect(await job('scrub')).toEqual({ job: 'scrub', schedule: 'off', runs: 0, leftOut: 0, failures: 0 });
    expect((await job('clock')).last?.said).toMatch(/^epoch \d+, no claim about UTC$/);
    expect((await job('checkpoint')).last?.said).toMatch(/^\d+ entries(?:, \d+ on their way)?$/);
    const { out, status: code } = holdfast('dock', 'status', '--data', depot.data, '--strict');
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^job {7}release {4}\* \* .*; next 20/m) as unknown,
    ]);
  });

  // Goal: a job that fails is seen, and neither the dock nor the other jobs mind. Method: another checkpoint in place of the dock's.
  it('fail without ending the dock', async () => {
    const path = join(depot.data, 'ledger/checkpoint');
    const good = readFileSync(path);
    writeFileSync(path, 'no checkpoint\n');
    await vi.waitFor(async () => expect((await job('checkpoint')).failures).toBeGreaterThanOrEqual(2), SOON);
    expect((await job('checkpoint')).last).toMatchObject({ outcome: 'failed' });
    const strict = holdfast('dock', 'status', '--data', depot.data, '--strict');
    expect(strict).toMatchObject({
      status: 1,
      out: expect.stringMatching(/^JOB {7}checkpoint.* FAILED in a row/m) as unknown,
    });
    const { runs } = await job('clock');
    await vi.waitFor(async () => expect((await job('clock')).runs).toBeGreaterThan(runs), SOON);
    writeFileSync(path, good);
    await vi.waitFor(async () => expect(await job('checkpoint')).toMatchObject({ failures: 0 }), SOON);
    expect(depot.dock.isRunning).toBe(true);
  });

  // Goal: an operator has everything read now, and learns what was found. Method: whole, paused, and with a byte that fell over.
  it('read everything when they are asked to', async () => {
    expect((await status()).scrub).toEqual({ state: 'resting', begun: 0 });
    expect(scrub()).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^1 recordings, \d+ bytes read, 0 damaged\n$/) as unknown,
    });
    expect((await status()).scrub).toMatchObject({
      state: 'resting',
      last: { pass: 1, recordingsDone: 1, damaged: 0 },
    });
    expect(await job('scrub')).toMatchObject({ runs: 1, last: { outcome: 'done' } });

    expect(scrub('--pause')).toMatchObject({ status: 0, out: expect.stringMatching(/^paused/) as unknown });
    expect(scrub()).toMatchObject({
      status: 1,
      err: expect.stringMatching(/the scrub is paused/) as unknown,
    });
    expect(scrub('--resume', '--json').out).toMatch(/"state":"resting"/);

    await flipByte(depot.chunks(first), 1_000);
    const found = scrub();
    expect(found.status, found.err).toBe(1);
    expect(found.out).toMatch(new RegExp(`^DAMAGED {2}The disk has lost chunk \\d+ of recording ${first}`));
    expect(found.out).toMatch(/1 recordings, \d+ bytes read, 1 damaged\n$/);
    const [line = ''] = scrub('--json').out.trim().split('\n').slice(-1);
    expect(JSON.parse(line)).toMatchObject({ event: 'scrubbed', pass: 3, damaged: 1 });
  });

  it('cannot be paused where no dock runs', async () => {
    await depot.dock.stop();
    expect(scrub('--pause')).toMatchObject({
      status: 1,
      err: expect.stringMatching(/no dock runs/) as unknown,
    });
    expect(scrub().status).toBe(1);
  });
});
