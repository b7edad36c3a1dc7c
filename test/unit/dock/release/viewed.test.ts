import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReleaseStatus } from '../../../../dock/ports.ts';
import type { Release } from '../../../../dock/release/release.ts';
import { isOpen, OFFICER, PARTNER, recording, REPORT, Stage } from './fixture.ts';

// Goal: a person's list says truly what they have viewed and by which rules it stands as it does. Method: release over stand-ins; a
// restart on the same ledger; a policy service that goes silent.

const R1 = recording(1);

let stage: Stage;
let release: Release;
const start = async (): Promise<void> => {
  release = await stage.open();
  await stage.settle();
};
beforeEach(async () => {
  stage = new Stage();
  stage.holdings.add(R1);
  stage.policy.allow(OFFICER, R1);
  stage.policy.allow(PARTNER, R1);
  await start();
});
afterEach(async () => {
  await stage.policy.close();
  await release.close();
});

const statusOf = async (person = OFFICER): Promise<ReleaseStatus | undefined> =>
  (await release.statuses(person, ['officer'])).find(({ recordingId }) => recordingId === R1);

const openIt = async (): Promise<string> => {
  const opened = await release.open({
    recordingId: R1,
    purpose: 'write_report',
    viewer: stage.viewer(OFFICER),
    token: 'token',
    proof: 'proof',
  });
  if (!isOpen(opened)) throw new Error(`refused: ${opened.refused.reason}`);
  return opened.sessionId;
};
const view = async (): Promise<void> => {
  const chunk = await release.chunk(await openIt(), OFFICER, { recordingId: R1, index: 0 });
  expect(chunk).toBeDefined();
};

describe('what a person has viewed', () => {
  it('is viewed once its first byte has left, for them alone', async () => {
    await statusOf(PARTNER);
    await openIt();
    expect((await statusOf())?.viewed).toBeUndefined();
    await view();
    expect((await statusOf())?.viewed).toBe(true);
    expect((await statusOf(PARTNER))?.viewed).toBeUndefined();
  });

  it('is told at once to whoever has the list open', async () => {
    const changes = release.changes(OFFICER);
    const next = changes.next();
    await view();
    expect(await next).toEqual({ done: false, value: { recordingId: R1 } });
    await changes.return?.();
  });

  it('is not forgotten by a restart', async () => {
    await view();
    await release.close();
    await start();
    expect((await statusOf())?.viewed).toBe(true);
    expect((await statusOf(PARTNER))?.viewed).toBeUndefined();
  });

  it('stays viewed when the release ends', async () => {
    await view();
    stage.policy.deny(OFFICER, R1, [REPORT]);
    stage.policy.announce('reconnected');
    await stage.pass(200);
    expect(await statusOf()).toMatchObject({ status: 'withheld', viewed: true });
  });
});

describe('the rules of a status', () => {
  it('are named by their digest, released or not, and while nobody answers', async () => {
    expect(await statusOf()).toMatchObject({ status: 'released', regime: 'scripted', policySet: 'script' });
    stage.policy.deny(OFFICER, R1, [REPORT]);
    stage.policy.announce('reconnected');
    await stage.pass(200);
    const withheld = { status: 'withheld', regime: 'scripted', policySet: 'script' };
    expect(await statusOf()).toMatchObject(withheld);
    stage.policy.silence('down');
    stage.policy.announce('reconnected');
    await stage.pass(200);
    expect(await statusOf()).toMatchObject({ ...withheld, reason: 'down' });
  });
});
