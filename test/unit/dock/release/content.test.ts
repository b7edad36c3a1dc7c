import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ContentSession, Opening, ReleaseStatus } from '../../../../dock/ports.ts';
import type { Release } from '../../../../dock/release/release.ts';
import { isPersonId, type PersonId } from '../../../../proto/ids.ts';
import { checked, CHUNKS } from '../../proto/fixture.ts';
import { isOpen, keys, OFFICER, PARTNER, recording, REPORT, Stage, STRANGER } from './fixture.ts';

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

describe('an opening', () => {
  beforeEach(async () => {
    stage.policy.allow(OFFICER, R1);
    await start();
  });

  // Goal: grant, then entry, then session; the entry names the grant and the session by digest only.
  it('is on record before it is given', async () => {
    const session = await opened();
    const entry = (await stage.entries()).at(-1);
    expect(entry).toMatchObject({
      type: 'granted',
      recording: R1,
      person: keys.pseudonym(OFFICER),
      grantId: session.grant.id,
      purpose: 'supplement_report',
      session: createHash('sha256').update(session.sessionId).digest('hex'),
      keyThumbprint: 'key-of-4411',
    });
    expect(session.sessionId).toMatch(/^[0-9a-f]{64}$/);
    expect(session.proof).toMatch(/^c2sp\.org\/tlog-proof@v1\n/);
    const asked = stage.policy.questions.at(-1);
    const wish = { token: 'token', proof: 'proof', keyThumbprint: 'key-of-4411', within: [0, CHUNKS.length] };
    expect(asked?.opening).toEqual(wish);
  });

  // Goal: every chunk comes as stored, and the first one is recorded as a view before it leaves.
  it('gives the chunks, and records the view once', async () => {
    const session = await opened();
    for (const [index, expected] of CHUNKS.entries()) expect(await chunk(session, index)).toEqual(expected);
    expect((await stage.story()).filter((line) => line.startsWith('viewed'))).toEqual(['viewed 4411']);
  });

  it.each([
    ['another person', async (session: ContentSession) => chunk(session, 0, PARTNER)],
    [
      'another recording',
      async (session: ContentSession) =>
        release.chunk(session.sessionId, OFFICER, { recordingId: recording(2), index: 0 }),
    ],
    [
      'a guessed session',
      async (session: ContentSession) =>
        release.chunk(`${session.sessionId.slice(0, -1)}x`, OFFICER, { recordingId: R1, index: 0 }),
    ],
    [
      'the digest of the session, which the ledger shows',
      async (session: ContentSession) =>
        release.chunk(createHash('sha256').update(session.sessionId).digest('hex'), OFFICER, {
          recordingId: R1,
          index: 0,
        }),
    ],
    ['a chunk past the end', async (session: ContentSession) => chunk(session, CHUNKS.length)],
    ['a negative chunk', async (session: ContentSession) => chunk(session, -1)],
    ['a chunk that is no number', async (session: ContentSession) => chunk(session, Number.NaN)],
    ['half a chunk', async (session: ContentSession) => chunk(session, 0.5)],
  ])('gives nothing to %s', async (_, ask) => {
    expect(await ask(await opened())).toBeUndefined();
    expect(await stage.story()).not.toContain('viewed 4411');
  });

  // Goal: a session has an end even if nobody takes it back.
  it('lasts an hour', async () => {
    const session = await opened();
    stage.clock.advance(3_599_999);
    expect(await chunk(session)).toEqual(CHUNKS[0]);
    stage.clock.advance(1);
    expect(await chunk(session)).toBeUndefined();
    expect(session.expiresAtUs - stage.clock.wallUs()).toBe(0);
  });

  it('of what is not held is refused without asking', async () => {
    const asked = stage.policy.questions.length;
    const result = await release.open({ ...opening(), recordingId: recording(9) });
    expect(result).toMatchObject({ refused: { verdict: 'deny' } });
    expect(stage.policy.questions).toHaveLength(asked);
  });

  // Goal: what somebody authorised for a time ends with it, though nobody says so, and the ledger shows that it was an
  // exception. Method: manual time past the end, with a service that would go on allowing.
  it('by an authorisation does not outlast it', async () => {
    stage.policy.allow(PARTNER, R1, 90_000);
    await release.sweep();
    expect(await statusOf(PARTNER)).toMatchObject({ status: 'released' });
    const session = await opened(PARTNER);
    expect((session.expiresAtUs - stage.clock.wallUs()) / 1_000).toBe(90_000);
    const until = { authorisedUntil: expect.any(String) as unknown };
    expect((await stage.entries()).slice(-2)).toMatchObject([
      { type: 'released', ...until },
      { type: 'granted', ...until },
    ]);
    await stage.pass(89_000, 1_000);
    expect(await chunk(session, 0, PARTNER)).toEqual(CHUNKS[0]);
    await stage.pass(1_000);
    expect(await chunk(session, 0, PARTNER)).toBeUndefined();
  });

  it('that rests on an authorisation is asked about again when that ends', async () => {
    stage.policy.allow(PARTNER, R1, 90_000);
    await statusOf(PARTNER);
    stage.policy.deny(PARTNER, R1);
    await stage.pass(92_000, 1_000);
    expect(await stage.story()).toContain('revoked 4412');
  });

  // Goal: a grant is for one opening. Method: the same grant comes twice, as from a service that repeats itself.
  it('under a grant that was used before is refused', async () => {
    const first = await opened();
    stage.policy.decide = async () => ({ verdict: 'allow', grant: first.grant, reason: 'again' });
    expect(await release.open(opening())).toMatchObject({
      refused: { verdict: 'deny', reason: expect.stringMatching(/used before/) as unknown },
    });
    expect(await chunk(first)).toEqual(CHUNKS[0]);
  });
});

describe('a deny after a release', () => {
  beforeEach(async () => {
    stage.policy.allow(OFFICER, R1);
    await start();
  });

  // Goal: revocation ends what is open within 2 s. Method: a fact, then manual time.
  it('ends the sessions of that pair and is on record', async () => {
    stage.policy.allow(PARTNER, R1);
    const ends = await opened();
    const stays = await opened(PARTNER);
    stage.policy.deny(OFFICER, R1, [REPORT]);
    stage.policy.announce({ type: 'report.withdrawn', incident: '24-118842', person: OFFICER });
    await stage.pass(200);
    expect(await chunk(ends)).toBeUndefined();
    expect(await chunk(stays, 0, PARTNER)).toEqual(CHUNKS[0]);
    expect((await stage.story()).filter((line) => line.endsWith(OFFICER))).toEqual([
      'released 4411',
      'granted 4411',
      'revoked 4411',
    ]);
    expect(await statusOf(OFFICER)).toMatchObject({ status: 'withheld', missing: [REPORT] });
  });

  // Goal: who took part in an incident hangs on every recording of it, so a fact about one can end views of another.
  it.each(['recording.linked', 'recording.unlinked', 'recording.registered'])(
    'may come of %s for another recording',
    async (type) => {
      await stage.pass(200);
      const session = await opened();
      stage.policy.deny(OFFICER, R1);
      stage.policy.announce({ type, recording: recording(2) });
      await stage.pass(200);
      expect(await chunk(session)).toBeUndefined();
    },
  );

  // Goal: the list of people who are kept informed is bounded; what it forgets is still revoked. Method: as many
  // people look as the dock keeps, and more, while one who is not the officer has a session.
  it('reaches a viewer who has not looked for long', async () => {
    stage.policy.allow(PARTNER, R1);
    const session = await opened(PARTNER);
    for (let badge = 7_000; badge < 7_080; badge += 1) {
      await release.statuses(checked(String(badge), isPersonId), ['officer']);
    }
    expect(await chunk(session, 0, PARTNER)).toEqual(CHUNKS[0]);
    stage.policy.deny(PARTNER, R1);
    stage.policy.announce({ type: 'report.withdrawn', incident: '24-118842', person: PARTNER });
    await stage.pass(500);
    expect(await chunk(session, 0, PARTNER)).toBeUndefined();
  });

  // Goal: a slow service does not keep a session alive. Method: 1.5 s an answer, and a purpose that is asked about last.
  it('is not held up by questions about other purposes', async () => {
    await stage.pass(200);
    const session = await release.open({ ...opening(), purpose: 'interview_preparation' });
    if (!isOpen(session)) throw new Error('refused');
    stage.policy.delay = () => new Promise((resolve) => void stage.clock.after(1_500, resolve));
    stage.policy.deny(OFFICER, R1);
    stage.policy.announce({ type: 'report.withdrawn', incident: '24-118842', person: OFFICER });
    await stage.pass(1_900);
    expect(await chunk(session)).toBeUndefined();
  });

  // Goal: nothing that hangs keeps a session alive. Method: the status of the same pair is on its way into a ledger that hangs.
  it('does not wait for the ledger', async () => {
    stage.policy.allow(PARTNER, R1);
    const session = await opened(PARTNER);
    stage.ledger.appendOnce = () => new Promise(() => {});
    stage.policy.announce({ type: 'report.filed' });
    await stage.pass(200);
    stage.policy.deny(PARTNER, R1);
    stage.policy.announce({ type: 'report.withdrawn' });
    await stage.pass(200);
    expect(await chunk(session, 0, PARTNER)).toBeUndefined();
  });

  // Goal: a dock that was told no does not go on as if it had not. Method: the no comes to another opening, in an outage whose
  // end nobody announces.
  it('that comes to another opening ends what is open', async () => {
    const session = await opened();
    stage.policy.silence('policy service cannot be reached');
    await release.sweep();
    stage.policy.silence(undefined);
    stage.policy.deny(OFFICER, R1);
    expect(isOpen(await release.open(opening()))).toBe(false);
    await stage.settle();
    expect(await chunk(session)).toBeUndefined();
  });

  // Goal: a session of a recording that nobody told release of is followed too. Method: it is held, and opened at once.
  it('reaches a recording that is new here', async () => {
    const R2 = recording(2);
    stage.holdings.add(R2);
    stage.policy.allow(PARTNER, R2);
    const session = await release.open({ ...opening(PARTNER), recordingId: R2 });
    if (!isOpen(session)) throw new Error('refused');
    await stage.pass(200);
    stage.policy.deny(PARTNER, R2);
    stage.policy.announce({ type: 'report.withdrawn' });
    await stage.pass(200);
    expect(await release.chunk(session.sessionId, PARTNER, { recordingId: R2, index: 0 })).toBeUndefined();
  });

  // Goal: a byte that is on its way when the release ends does not leave. Method: the deny falls into the read.
  it('stops a chunk that is being read', async () => {
    const session = await opened();
    stage.holdings.beforeRead = async () => {
      stage.policy.deny(OFFICER, R1);
      await release.sweep();
    };
    expect(await chunk(session)).toBeUndefined();
  });

  // Goal: a deny that falls between grant and session wins. Method: the opening's answer is held back meanwhile.
  it('stops an opening that is under way', async () => {
    let letGo = (): void => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    stage.policy.delay = async ({ opening: isOpening }) => (isOpening === undefined ? undefined : held);
    const result = release.open(opening());
    await stage.settle();
    stage.policy.deny(OFFICER, R1);
    await release.sweep();
    letGo();
    expect(await result).toMatchObject({ refused: { verdict: 'deny' } });
    expect(await stage.story()).not.toContain('granted 4411');
  });

  // Goal: a restart neither forgets a release nor trusts it. Method: the deny comes while the dock is down.
  it('is noticed by a dock that was down', async () => {
    await release.close();
    stage.policy.deny(OFFICER, R1, [REPORT]);
    await start();
    expect(await stage.story()).toEqual(['released 4411', 'revoked 4411']);
    expect(await statusOf(OFFICER)).toMatchObject({ status: 'withheld' });
  });

  it('is not invented by a restart', async () => {
    const session = await opened();
    await release.close();
    await start();
    expect(await statusOf(OFFICER)).toMatchObject({ status: 'released', entryIndex: 0 });
    expect(await stage.story()).toEqual(['released 4411', 'granted 4411']);
    expect(await chunk(session)).toBeUndefined();
  });
});

describe('refused attempts', () => {
  // Goal: hammering is on record without filling the ledger. Method: 50 attempts in two minutes.
  it('are counted together', async () => {
    await start();
    for (let attempt = 0; attempt < 50; attempt += 1) {
      await release.open(opening());
      await stage.pass(2_400, 2_400);
    }
    await stage.pass(60_000, 10_000);
    const denied = (await stage.entries()).filter((entry) => entry.type === 'denied');
    expect(denied.reduce((sum, { count }) => sum + count, 0)).toBe(50);
    expect(denied.length).toBeLessThanOrEqual(4);
    expect(denied[0]).toMatchObject({ count: 1, purpose: 'supplement_report', reason: 'withheld' });
  });

  it('are not lost when the dock stops', async () => {
    await start();
    for (let attempt = 0; attempt < 3; attempt += 1) await release.open(opening(STRANGER));
    await release.close();
    expect((await stage.story()).filter((line) => line === 'denied 5120')).toHaveLength(2);
    expect(stage.clock.pending).toBe(0);
  });
});
