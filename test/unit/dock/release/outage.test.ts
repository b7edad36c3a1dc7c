import { expect, it } from 'vitest';
import type { Question, Verdict } from '../../../../dock/ports.ts';
import { sparing } from '../../../../dock/release/outage.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { OFFICER, recording } from './fixture.ts';

// Goal: a silent service is spared, one that is back is asked at once. Method: answers that a test holds back.

const question: Question = {
  ...{ person: OFFICER, recordingId: recording(1), manifestSha256: new Uint8Array(32) },
  ...{ action: 'view', purpose: 'write_report' },
};

it('hears nothing of failures from before the last sign of life', async () => {
  const clock = new ManualClock();
  const answers: ((verdict: Verdict) => void)[] = [];
  const decide = (): Promise<Verdict> => new Promise((resolve) => answers.push(resolve));
  const policy = sparing({ decide, register: async () => true }, clock);
  const fail = (): void => {
    for (const answer of answers.splice(0)) answer({ verdict: 'unreachable', reason: 'too slow' });
  };
  const before = Promise.all([question, question, question].map(policy.decide));
  policy.retry();
  fail();
  await before;
  void policy.decide(question);
  expect(answers).toHaveLength(1);
  fail();
  // And three more since then are silence.
  const since = Promise.all([question, question].map(policy.decide));
  fail();
  await since;
  expect(await policy.decide(question)).toMatchObject({ verdict: 'unreachable', reason: 'too slow' });
  expect(answers).toHaveLength(0);
  clock.advance(1_000);
  void policy.decide(question);
  expect(answers).toHaveLength(1);
});
