import { beforeEach, describe, expect, test } from 'vitest';
import { decideDestroy, type DestroyDecision } from '../../../../../dock/policy/decide/destroy.ts';
import { doj, INCIDENT, NOW_MS, RECORDING, Story } from '../story.ts';

// Goal: a recording may be destroyed when nothing stands against it, and each thing that may stand against it does, by itself
// and in words. Method: a recording whose time is over; then one fact more, or one thing asked otherwise.

const DAY_MS = 86_400_000;
const OVER_MS = NOW_MS + 181 * DAY_MS;

let story: Story;
beforeEach(() => {
  // Everything here is told by the source `records`: it is the dock of this story.
  story = new Story(doj).tell('recording.registered').tell('recording.linked').tell('force.classified');
});

function ask(changes: object = {}, nowMs = OVER_MS): DestroyDecision {
  const question = { dock: 'records', recording: RECORDING, purpose: 'retention', days: 180, ...changes };
  return decideDestroy(story.known, question, nowMs);
}
const denied = (policy: string, words: RegExp) => ({
  allowed: false,
  policies: [policy],
  reason: expect.stringMatching(words) as string,
});

describe('a recording whose time is over', () => {
  test('may be destroyed', () => {
    expect(ask()).toMatchObject({ allowed: true, policies: ['retention.over'], newestFact: 3 });
    expect(ask().reason).toMatch(/181 days of 180/);
  });

  test('linked to nothing, too', () => {
    story.tell('recording.unlinked');
    expect(ask()).toMatchObject({ allowed: true });
  });

  test('and said to be overdue after thirty months', () => {
    expect(ask({}, NOW_MS + 914 * DAY_MS).reason).toMatch(/overdue: 913 days/);
    expect(ask({}, NOW_MS + 913 * DAY_MS).reason).not.toMatch(/overdue/);
  });
});

describe('it stays', () => {
  test('to the last second of the time that the law asks for, by this clock', () => {
    expect(ask({}, NOW_MS + 180 * DAY_MS - 1)).toMatchObject(
      denied('retention.young', /kept until 2027-05-20/),
    );
    expect(ask({}, NOW_MS + 180 * DAY_MS)).toMatchObject({ allowed: true });
  });

  test('for as long as the dock says it keeps recordings', () => {
    expect(ask({ days: 200 })).toMatchObject(denied('retention.young', /kept until/));
    expect(ask({ days: 200 }, NOW_MS + 200 * DAY_MS)).toMatchObject({ allowed: true });
  });

  test.each([undefined, 0, 179, 914])('when the dock says it keeps them for %s days', (days) => {
    expect(ask({ days }, NOW_MS + 2_000 * DAY_MS)).toMatchObject(denied('retention.days', /180 to 913/));
  });

  test('for another purpose', () => {
    expect(ask({ purpose: 'disclosure' })).toMatchObject(denied('retention.purpose', /for retention/));
  });

  test('when nobody has registered it', () => {
    expect(ask({ recording: 'f'.repeat(32) })).toMatchObject(denied('retention.unknown', /registered/));
  });

  test('when another dock asks', () => {
    expect(ask({ dock: 'dock-2' })).toMatchObject(denied('retention.registrar', /dock-2 is not/));
  });

  test('under a legal hold, until whoever placed it lifts it', () => {
    story.tell('hold.placed', { by: 'city-1' });
    expect(ask()).toMatchObject(denied('retention.hold', /placed by .*city-1/));
    story.tell('hold.lifted', { by: 'court' });
    expect(ask()).toMatchObject(denied('retention.hold', /city-1/));
    story.tell('hold.lifted', { by: 'city-1' });
    expect(ask()).toMatchObject({ allowed: true });
  });

  test('under the second of two holds by one person', () => {
    story.tell('hold.placed', { reason: 'one' }).tell('hold.placed', { reason: 'two' }).tell('hold.lifted');
    expect(ask()).toMatchObject(denied('retention.hold', /court/));
    story.tell('hold.lifted', { reason: 'both' });
    expect(ask()).toMatchObject({ allowed: true });
  });

  test('under a hold that was lifted before it was placed', () => {
    story.tell('hold.lifted').tell('hold.placed');
    expect(ask()).toMatchObject(denied('retention.hold', /court/));
  });

  test('while a court has sealed it', () => {
    story.tell('recording.sealed');
    expect(ask()).toMatchObject(denied('retention.sealed', /court/));
    story.tell('recording.unsealed');
    expect(ask()).toMatchObject({ allowed: true });
  });

  test('while a case about one of its incidents is assigned', () => {
    story.tell('case.assigned', { person: 'ia-1' });
    expect(ask({}, NOW_MS + 2_000 * DAY_MS)).toMatchObject(denied('retention.case', new RegExp(INCIDENT)));
  });

  test('while the force of one of its incidents is unclassified', () => {
    story.tell('recording.linked', { incident: '24-2' });
    expect(ask()).toMatchObject(denied('retention.unclassified', /24-2/));
  });

  test('and every reason is told', () => {
    story.tell('hold.placed').tell('recording.sealed');
    expect(ask({}, NOW_MS).policies).toEqual(['retention.hold', 'retention.sealed', 'retention.young']);
  });
});
