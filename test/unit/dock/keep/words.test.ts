import { expect, test } from 'vitest';
import { jobInWords, passInWords, scrubInWords } from '../../../../dock/keep/words.ts';

// Goal: what an operator reads in a terminal says everything that programs get. Method: one line of each kind.

const pass = {
  ...{ pass: 3, startedAt: '2026-11-22T10:00:00.000000Z', bytesDone: 5, bytesTotal: 20, recordingsDone: 1 },
  ...{ recordingsTotal: 4, bytesPerS: 16_777_216, damaged: 0 },
};
const last = {
  ...pass,
  bytesDone: 20,
  recordingsDone: 4,
  damaged: 1,
  endedAt: '2026-11-22T10:01:00.000000Z',
};

test('how far a pass has come', () => {
  expect(passInWords(pass)).toBe('5 of 20 bytes (25 %), 1 of 4 recordings, 16777216 bytes/s, 0 damaged');
  expect(passInWords({ ...pass, bytesDone: 0, bytesTotal: 0 })).toMatch(/^0 of 0 bytes \(100 %\)/);
});

test('how the scrub stands', () => {
  expect(scrubInWords({ state: 'resting', begun: 0 })).toEqual([
    'resting; no pass has ended since the dock started',
  ]);
  expect(scrubInWords({ state: 'reading', begun: 3, now: pass, last })).toEqual([
    `reading: ${passInWords(pass)}; since 2026-11-22T10:00:00.000000Z`,
    'last pass 2026-11-22T10:01:00.000000Z: 4 recordings, 20 bytes, 1 damaged',
  ]);
});

test('how a job goes', () => {
  const job = { job: 'scrub', schedule: 'off', runs: 0, leftOut: 0, failures: 0 } as const;
  expect(jobInWords(job)).toBe('scrub      off; has not run yet; 0 runs');
  const ended = { startedAt: last.startedAt, endedAt: last.endedAt, tookMs: 7, said: 'no room' };
  const busy = { ...job, runningSince: pass.startedAt, next: last.endedAt, runs: 2, leftOut: 3, failures: 2 };
  expect(jobInWords({ ...busy, last: { ...ended, outcome: 'failed' } })).toBe(
    'scrub      off; runs since 2026-11-22T10:00:00.000000Z; failed 2026-11-22T10:01:00.000000Z in 7 ms: no room; ' +
      '2 runs, 3 LEFT OUT as one still ran; 2 FAILED in a row; next 2026-11-22T10:01:00.000000Z',
  );
});
