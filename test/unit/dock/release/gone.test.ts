import { beforeEach, expect, it } from 'vitest';
import type { ContentSession, Opening } from '../../../../dock/ports.ts';
import type { Release } from '../../../../dock/release/release.ts';
import { CHUNKS } from '../../proto/fixture.ts';
import { isOpen, OFFICER, PARTNER, recording, Stage } from './fixture.ts';

const R1 = recording(1);

let stage: Stage;
let release: Release;

beforeEach(async () => {
  stage = new Stage();
  stage.holdings.add(R1);
  stage.policy.allow(OFFICER, R1);
  release = await stage.open();
  await stage.settle();
});

async function open(person = OFFICER): Promise<ContentSession> {
  const opening: Opening = {
    ...{ recordingId: R1, purpose: 'supplement_report', viewer: stage.viewer(person) },
    ...{ token: 'token', proof: 'proof' },
  };
  const opened = await release.open(opening);
  if (!isOpen(opened)) throw new Error(opened.refused.reason);
  return opened;
}

const chunk = ({ sessionId }: ContentSession, person = OFFICER): Promise<Uint8Array | undefined> =>
  release.chunk(sessionId, person, { recordingId: R1, index: 0 });

async function lose(): Promise<void> {
  const holding = await stage.holdings.find(R1);
  if (holding !== undefined) stage.holdings.put({ ...holding, state: 'quarantined', reason: 'rot' });
  await release.gone(R1);
  await stage.settle();
}

// Goal: what the dock no longer holds is nobody's to see from that moment, and the ledger says so. Method: lose it in mid-session.
it('ends what is open of a recording that is no longer held', async () => {
  const session = await open();
  expect(await chunk(session)).toEqual(CHUNKS[0]);
  await lose();
  expect(await chunk(session)).toBeUndefined();
  expect(await release.statuses(OFFICER, ['officer'])).toEqual([]);
  expect((await stage.story()).at(-1)).toBe('revoked 4411');
  await release.sweep();
  expect((await stage.story()).at(-1)).toBe('revoked 4411');
});

// Goal: it does not wait for the ledger. Method: a ledger that takes its time.
it('ends it before that is on record', async () => {
  const session = await open();
  stage.ledger.appendOnce = () => new Promise(() => {});
  void lose();
  await stage.settle();
  expect(await chunk(session)).toBeUndefined();
});

// Goal: nobody's session is forgotten, also not of somebody whose status was never asked for. Method: an opening, and at once the end.
it('ends what was opened before any status was on record', async () => {
  stage.policy.allow(PARTNER, R1);
  const session = await open(PARTNER);
  await release.gone(R1);
  expect(await chunk(session, PARTNER)).toBeUndefined();
});

// Goal: an answer that was on its way releases nothing any more. Method: lose it while the policy service thinks.
it('is not released by an answer that comes late', async () => {
  await lose();
  const before = await stage.story();
  const holding = stage.holdings.add(R1);
  let answer = (): void => {};
  const decide = stage.policy.decide.bind(stage.policy);
  stage.policy.decide = async (question) => {
    await new Promise<void>((resolve) => {
      answer = resolve;
    });
    return decide(question);
  };
  await release.held(R1);
  await stage.settle();
  stage.holdings.put({ ...holding, state: 'quarantined', reason: 'rot' });
  await release.gone(R1);
  answer();
  await stage.settle();
  expect(await stage.story()).toEqual(before);
  expect(await release.statuses(OFFICER, ['officer'])).toEqual([]);
});

// Goal: once it is held again it is asked about like a new one.
it('is released again when it is back', async () => {
  await lose();
  stage.holdings.add(R1);
  await release.held(R1);
  await stage.settle();
  expect((await stage.story()).at(-1)).toBe('released 4411');
  expect(await chunk(await open())).toEqual(CHUNKS[0]);
});
