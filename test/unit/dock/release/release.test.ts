import { beforeEach, describe, expect, it } from 'vitest';
import type { ContentSession, Opening, ReleaseStatus } from '../../../../dock/ports.ts';
import type { Release } from '../../../../dock/release/release.ts';
import { isPersonId, type PersonId } from '../../../../proto/ids.ts';
import { checked, CHUNKS } from '../../proto/fixture.ts';
import { isOpen, OFFICER, PARTNER, recording, REPORT, Stage, STRANGER } from './fixture.ts';

const R1 = recording(1);

let stage: Stage;
let release: Release;

beforeEach(async () => {
  stage = new Stage();
  stage.holdings.add(R1);
  stage.policy.deny(OFFICER, R1, [REPORT]);
});

const start = async (): Promise<void> => {
  release = await stage.open();
  await stage.settle();
};
const statusOf = async (person: PersonId): Promise<ReleaseStatus | undefined> =>
  (await release.statuses(person, ['officer'])).find(({ recordingId }) => recordingId === R1);
/** Announcements got lost on the way: the dock notices, and asks about everything. */
const askedAgain = async (): Promise<void> => {
  stage.policy.announce('reconnected');
  await stage.pass(200);
};
const opening = (person: PersonId = OFFICER): Opening => ({
  recordingId: R1,
  purpose: 'supplement_report',
  viewer: stage.viewer(person),
  token: 'token',
  proof: 'proof',
});
const opened = async (person: PersonId = OFFICER): Promise<ContentSession> => {
  const result = await release.open(opening(person));
  if (!isOpen(result)) throw new Error(`refused: ${result.refused.reason}`);
  return result;
};
const chunk = (
  session: ContentSession,
  index = 0,
  person: PersonId = OFFICER,
): Promise<Uint8Array | undefined> => release.chunk(session.sessionId, person, { recordingId: R1, index });

describe('a status', () => {
  // Goal: a recording in custody is registered, and withheld with what it waits for, before anybody looks.
  it('is asked for the officer as soon as the recording is held', async () => {
    await start();
    expect([...stage.policy.registered.keys()]).toEqual([R1]);
    expect(await stage.story()).toEqual(['withheld 4411']);
    expect(await statusOf(OFFICER)).toMatchObject({
      status: 'withheld',
      missing: [REPORT],
      mayKnow: true,
      entryIndex: 0,
    });
  });

  // Goal: a filed report shows as released in well under 2 s. Method: one fact, then manual time.
  it('becomes released soon after the report is filed', async () => {
    await start();
    stage.policy.allow(OFFICER, R1);
    stage.policy.announce({ type: 'report.filed', incident: '24-118842', person: OFFICER });
    await stage.pass(200);
    expect(await statusOf(OFFICER)).toMatchObject({ status: 'released', regime: 'scripted' });
    expect(await stage.story()).toEqual(['withheld 4411', 'released 4411']);
    expect(stage.notices).toEqual([{ notice: 'released', recordingId: R1, person: OFFICER }]);
  });

  // Goal: nothing shows as released before that is on record. Method: the ledger takes its time.
  it('is not released while the entry is on its way', async () => {
    await start();
    let letGo = (): void => {};
    const written = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const append = stage.ledger.appendOnce.bind(stage.ledger);
    stage.ledger.appendOnce = async (key, entry) => {
      await written;
      return append(key, entry);
    };
    stage.policy.allow(OFFICER, R1);
    await askedAgain();
    expect(await statusOf(OFFICER)).toMatchObject({ status: 'withheld' });
    letGo();
    await stage.settle();
    expect(await statusOf(OFFICER)).toMatchObject({ status: 'released' });
  });

  // Goal: what no event said, a sweep finds within the hour; what concerns a stranger, within the day.
  it('becomes released by a sweep when no event came', async () => {
    await start();
    await statusOf(STRANGER);
    await stage.pass(200);
    for (const person of [OFFICER, STRANGER]) stage.policy.allow(person, R1);
    stage.clock.advance(59 * 60_000);
    await release.sweep();
    expect(await statusOf(OFFICER)).toMatchObject({ status: 'withheld' });
    stage.clock.advance(60_000);
    await release.sweep();
    expect(await statusOf(OFFICER)).toMatchObject({ status: 'released' });
    expect(await statusOf(STRANGER)).toMatchObject({ status: 'withheld' });
    stage.clock.advance(23 * 3_600_000);
    await release.sweep();
    expect(await statusOf(STRANGER)).toMatchObject({ status: 'released' });
  });

  // Goal: every question is a row in the service's book for ever, so a sweep asks nothing where nothing can have changed.
  // Method: an idle hour of sweeps, with somebody who waits, somebody who may watch, and a stranger; count the questions.
  it('is not asked about again by every sweep', async () => {
    stage.policy.allow(PARTNER, R1);
    await start();
    for (const person of [PARTNER, STRANGER]) await statusOf(person);
    await stage.pass(200);
    const asked = stage.policy.questions.length;
    for (let sweep = 0; sweep < 118; sweep += 1) {
      stage.clock.advance(30_000);
      await release.sweep();
    }
    expect(stage.policy.questions.length).toBe(asked);
  });

  // Goal: other rules are in force from a moment on, and no fact says so: what was opened under the old ones ends, and what the
  // new ones allow shows, as soon as after a fact.
  it('follows rules that change by themselves', async () => {
    stage.policy.allow(OFFICER, R1);
    await start();
    const session = await opened();
    stage.policy.deny(OFFICER, R1, [REPORT]);
    stage.policy.announce('rules');
    await stage.pass(200);
    expect(await chunk(session)).toBeUndefined();
    expect(await statusOf(OFFICER)).toMatchObject({ status: 'withheld' });
    stage.policy.allow(OFFICER, R1);
    stage.policy.announce('rules');
    await stage.pass(200);
    expect(await statusOf(OFFICER)).toMatchObject({ status: 'released' });
  });

  // Goal: a recording that arrives while the dock runs is taken up by itself.
  it('is asked for a recording that comes into custody later', async () => {
    await start();
    stage.holdings.add(recording(2));
    stage.policy.allow(OFFICER, recording(2));
    await release.held(recording(2));
    await stage.settle();
    expect(await stage.story()).toEqual(['withheld 4411', 'released 4411']);
  });

  // Goal: an unchanged answer writes nothing, a changed set of missing facts writes one entry.
  it('is written when it changes and not otherwise', async () => {
    await start();
    await askedAgain();
    await askedAgain();
    expect(await stage.story()).toEqual(['withheld 4411']);
    stage.policy.deny(OFFICER, R1, [REPORT, { fact: 'statement.given', text: 'statement' }]);
    await askedAgain();
    await askedAgain();
    expect(await stage.story()).toEqual(['withheld 4411', 'withheld 4411']);
  });

  // Goal: what a stranger may not see leaves no trace in the ledger and no stake in the list.
  it('of somebody with no part is not worth an entry', async () => {
    await start();
    expect(await statusOf(STRANGER)).toMatchObject({ status: 'withheld', mayKnow: false });
    expect(await stage.story()).toEqual(['withheld 4411']);
  });

  // Goal: whoever has looked once gets live news too.
  it('of somebody who looked follows events', async () => {
    await start();
    await statusOf(PARTNER);
    stage.policy.allow(PARTNER, R1);
    stage.policy.announce({ type: 'officer.involved', incident: '24-118842', person: PARTNER });
    await stage.pass(200);
    expect(await statusOf(PARTNER)).toMatchObject({ status: 'released' });
  });

  // Goal: whoever has a page open stays informed, however many others look; who only looked is let go in time. Method: more people than
  // are kept, once with the page open and once after it was closed.
  it('is kept for whoever has a page open', async () => {
    await start();
    const others = Array.from({ length: 65 }, (_, at) => checked(`${7_000 + at}`, isPersonId));
    await statusOf(PARTNER);
    const page = release.changes(PARTNER);
    for (const other of others) await statusOf(other);
    stage.policy.allow(PARTNER, R1);
    await askedAgain();
    expect(release.status(PARTNER, R1)).toMatchObject({ status: 'released' });
    await page.return?.();
    for (const other of others) await statusOf(other);
    expect(release.status(PARTNER, R1)).toBeUndefined();
  });

  // Goal: the listener hears of each change, once it is true.
  it('tells its listeners', async () => {
    await start();
    const changes = release.changes();
    stage.policy.allow(OFFICER, R1);
    await askedAgain();
    expect(await changes.next()).toEqual({ done: false, value: { recordingId: R1 } });
    await changes.return?.();
    expect(await changes.next()).toMatchObject({ done: true });
  });
});

describe('silence', () => {
  // Goal: no answer withholds, in the service's own words or about it, and is asked again soon by itself.
  it('withholds with the reason, until somebody answers', async () => {
    stage.policy.silence('policy service did not answer within 2 s');
    await start();
    expect(await statusOf(OFFICER)).toMatchObject({
      status: 'withheld',
      reason: 'policy service did not answer within 2 s',
    });
    stage.policy.silence(undefined);
    stage.policy.allow(OFFICER, R1);
    await stage.pass(6_000);
    expect(stage.policy.registered.has(R1)).toBe(true);
    expect(await statusOf(OFFICER)).toMatchObject({ status: 'released' });
  });

  // Goal: a release that cannot be confirmed is not shown and opens nothing new; what was opened under a grant
  // runs on through a short outage, as nobody has taken the grant back; the ledger is not filled by an outage.
  it('after a release withholds without revoking', async () => {
    stage.policy.allow(OFFICER, R1);
    await start();
    const session = await opened();
    stage.policy.silence('policy service cannot be reached');
    for (let times = 0; times < 5; times += 1) await askedAgain();
    expect(await statusOf(OFFICER)).toMatchObject({
      status: 'withheld',
      reason: 'policy service cannot be reached',
      mayKnow: true,
    });
    expect(isOpen(await release.open(opening()))).toBe(false);
    expect(await chunk(session)).toEqual(CHUNKS[0]);
    expect(
      (await stage.story()).filter((line) => line.startsWith('withheld') || line.startsWith('revoked')),
    ).toEqual([]);
    stage.policy.silence(undefined);
    stage.policy.announce('reconnected');
    await stage.pass(1_500);
    expect(await statusOf(OFFICER)).toMatchObject({ status: 'released' });
  });

  // Goal: whoever cuts the dock off from the policy service does not escape a revocation for longer than a minute.
  it('for a minute ends what was opened', async () => {
    stage.policy.allow(OFFICER, R1);
    await start();
    const session = await opened();
    await stage.pass(1_000);
    stage.policy.silence('policy service cannot be reached');
    await release.sweep();
    await stage.pass(55_000, 500);
    expect(await chunk(session)).toEqual(CHUNKS[0]);
    await stage.pass(11_000, 500);
    expect(await chunk(session)).toBeUndefined();
    expect((await stage.story()).filter((line) => line.startsWith('revoked'))).toEqual([]);
  });

  // Goal: a list comes within 2.5 s even while the service thinks; the rest follows as a change.
  it('does not keep a list waiting', async () => {
    await start();
    let letGo = (): void => {};
    const thinking = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    stage.policy.delay = async () => thinking;
    stage.policy.allow(PARTNER, R1);
    const list = release.statuses(PARTNER, ['officer']);
    await stage.pass(2_600);
    expect(await list).toMatchObject([
      { status: 'withheld', reason: 'the policy service has not answered yet' },
    ]);
    const changes = release.changes();
    letGo();
    expect(await changes.next()).toMatchObject({ value: { recordingId: R1 } });
    expect(await statusOf(PARTNER)).toMatchObject({ status: 'released' });
  });

  // Goal: a silent service is not asked a thousand times at two seconds each.
  it('is not asked again and again', async () => {
    for (let number = 2; number < 200; number += 1) stage.holdings.add(recording(number));
    stage.policy.silence('policy service cannot be reached');
    await start();
    expect(stage.policy.questions.length).toBeLessThan(20);
    expect((await release.statuses(OFFICER, ['officer'])).every(({ status }) => status === 'withheld')).toBe(
      true,
    );
  });
});

describe('the dock s own ledger failing', () => {
  // Goal: what cannot be recorded is not released; it is tried again. Method: appending fails for a while.
  it('withholds', async () => {
    const append = stage.ledger.appendOnce.bind(stage.ledger);
    stage.ledger.appendOnce = async () => Promise.reject(new Error('disk full'));
    stage.policy.allow(OFFICER, R1);
    await start();
    expect(await statusOf(OFFICER)).toMatchObject({
      status: 'withheld',
      reason: expect.stringMatching(/cannot record/) as unknown,
    });
    expect(stage.notices[0]).toMatchObject({ notice: 'problem' });
    await expect(release.open(opening())).rejects.toThrow('disk full');
    stage.ledger.appendOnce = append;
    await stage.pass(6_000);
    expect(await statusOf(OFFICER)).toMatchObject({ status: 'released' });
  });
});
