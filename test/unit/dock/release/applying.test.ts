import { expect, it } from 'vitest';
import { Applying, type Answered } from '../../../../dock/release/applying.ts';
import { UNASKED, type Outcome } from '../../../../dock/release/status.ts';
import { OFFICER, recording, REPORT, Stage } from './fixture.ts';

// Goal: answers reach the ledger in order, none of which it needs is lost, and one pair does not wait for another.
// Method: a ledger that takes an answer only when the test lets it.

const R1 = recording(1);
const item = { recordingId: R1, manifestSha256: new Uint8Array(32), officer: OFFICER };
const SAID = { reason: '', purpose: '' };
const DENIED: Outcome = { ...SAID, outcome: 'denied', missing: [], regime: '', concerns: false };
const SILENT: Outcome = { ...SAID, outcome: 'unreachable' };
const grant = {
  jws: '',
  id: '',
  expiresAtUs: 0,
  regime: '',
  policySet: '',
  newestFact: 0,
  chunkStart: 0,
  chunkEnd: 0,
};
const ALLOWED: Outcome = { ...SAID, outcome: 'allowed', grant };

const answered = (outcome: Outcome, key = 'one'): Answered => ({
  pair: { key, item, person: OFFICER, known: UNASKED, stake: false, answeredAtUs: undefined },
  outcome,
});

/** What was applied, in order, when these came while the first one was being written; and whether each was the newest then. */
async function applied(outcomes: readonly Outcome[]): Promise<readonly (readonly [string, boolean])[]> {
  const order: [string, boolean][] = [];
  let letGo = (): void => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const applying = new Applying(async ({ outcome: { outcome } }, isNewest) => {
    await held;
    order.push([outcome, isNewest()]);
  });
  for (const outcome of outcomes) applying.add(answered(outcome));
  letGo();
  await applying.allSettled();
  return order;
}

it.each([
  [
    [ALLOWED, DENIED],
    ['allowed', 'denied'],
  ],
  [
    [ALLOWED, DENIED, ALLOWED],
    ['allowed', 'denied', 'allowed'],
  ],
  [
    [ALLOWED, DENIED, SILENT, ALLOWED],
    ['allowed', 'denied', 'allowed'],
  ],
  [
    [ALLOWED, DENIED, ALLOWED, DENIED],
    ['allowed', 'denied'],
  ],
  [
    [ALLOWED, DENIED, ALLOWED, SILENT],
    ['allowed', 'denied', 'unreachable'],
  ],
  [
    [DENIED, ALLOWED, ALLOWED, ALLOWED],
    ['denied', 'allowed'],
  ],
])('writes what must be written, and the newest: case %#', async (given, expected) => {
  const order = await applied(given);
  expect(order.map(([outcome]) => outcome)).toEqual(expected);
  expect(order.map(([, isNewest]) => isNewest)).toEqual(expected.map((_, at) => at === expected.length - 1));
});

it('does not let one pair wait for another', async () => {
  const order: string[] = [];
  const applying = new Applying(async ({ pair: { key } }) => {
    if (key === 'one') await new Promise(() => {});
    order.push(key);
  });
  applying.add(answered(DENIED, 'one'));
  applying.add(answered(DENIED, 'two'));
  await applying.settled('two');
  expect(order).toEqual(['two']);
});

// Goal: a release that ended while it was being written down is never shown as one. Method: each entry waits to be let in.
it('never shows a release that has ended meanwhile', async () => {
  const stage = new Stage();
  stage.holdings.add(R1);
  stage.policy.deny(OFFICER, R1, [REPORT]);
  const release = await stage.open();
  await stage.settle();
  const append = stage.ledger.appendOnce.bind(stage.ledger);
  const gates: (() => void)[] = [];
  stage.ledger.appendOnce = async (key, entry) => {
    await new Promise<void>((resolve) => gates.push(resolve));
    return append(key, entry);
  };
  stage.policy.allow(OFFICER, R1);
  stage.policy.announce({ type: 'report.filed' });
  await stage.pass(200);
  stage.policy.deny(OFFICER, R1, [REPORT]);
  stage.policy.announce({ type: 'report.withdrawn' });
  await stage.pass(200);
  gates.shift()?.();
  await stage.settle();
  expect((await stage.story()).at(-1)).toBe('released 4411');
  expect(await release.statuses(OFFICER, ['officer'])).toMatchObject([{ status: 'withheld' }]);
  gates.shift()?.();
  await stage.settle();
  expect((await stage.story()).at(-1)).toBe('revoked 4411');
});
