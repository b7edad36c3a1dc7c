import { describe, expect, test } from 'vitest';
import { city, EARLIER, lacks, LATER, shift, type Story } from '../story.ts';

describe('city, no force', () => {
  // Goal: the officer may watch while writing and after; others who took part too; nobody else.
  test('whoever took part views while writing the report, and after', () => {
    const story = shift(city).tell('force.classified', { force: 'none' });
    expect(story.ask('4411', 'write_report').allowed).toBe(true);
    expect(story.ask('5522', 'write_report').allowed).toBe(true);
    expect(story.ask('6633', 'write_report').allowed).toBe(false);
    expect(story.ask('sgt-1', 'write_report').allowed).toBe(false);
    expect(story.ask('4411', 'interview_preparation').allowed).toBe(false);
    story.tell('report.filed');
    expect(story.ask('4411', 'supplement_report').allowed).toBe(true);
  });

  // Goal: a death in custody counts as deadly force, though no force was used.
  test('a death in custody is treated as deadly force', () => {
    const story = shift(city).tell('force.classified', { force: 'none', deathInCustody: true });
    expect(lacks(story.ask('4411', 'write_report'))).toEqual(['access.authorised 4411']);
  });
});

describe('city, non-deadly force', () => {
  // Goal: a full and candid statement comes first; no other deed stands in for it.
  test('the candid statement comes first', () => {
    const story = shift(city)
      .tell('force.classified', { force: 'non_deadly' })
      .tell('report.filed')
      .tell('statement.given', { kind: 'perceptual' })
      .tell('statement.given', { kind: 'supervisor_interview' })
      .tell('access.authorised');
    const decision = story.ask('4411', 'write_report');
    expect(lacks(decision)).toEqual(['statement.given 4411']);
    expect(decision.reason).toBe(
      'Non-deadly force was used: an officer who took part gives a full and candid statement first, then may view the recording. ' +
        'Waiting for: full and candid statement of Officer 4411 on 24-118842, not yet given.',
    );
    story.tell('statement.given', { recorded: false });
    expect(story.ask('4411', 'write_report').allowed).toBe(true);
    expect(story.ask('4411', 'interview_preparation').allowed).toBe(true);
    expect(lacks(story.ask('5522', 'write_report'))).toEqual(['statement.given 5522']);
  });
});

describe('city, deadly force', () => {
  const deadly = (): Story =>
    shift(city).tell('force.classified', { force: 'deadly' }).tell('report.filed').tell('statement.given');

  // Goal: only the chief's or the designee's standing authorisation, by name, opens it.
  test('only the chief or the designee opens it, by name and for a time', () => {
    const decision = deadly().ask('4411', 'write_report');
    expect(lacks(decision)).toEqual(['access.authorised 4411']);
    expect(decision.missing[0]?.text).toBe(
      "authorisation by the chief or the chief's designee for Officer 4411 to view this recording, none in force",
    );
    const given = (changes: Record<string, unknown>): Story => deadly().tell('access.authorised', changes);
    expect(given({}).ask('4411', 'write_report').allowed).toBe(true);
    // Whom it names may know of the recording, without any part in it; whom it does not may not, and nor when it has ended.
    const named = given({ person: '6633' });
    expect(named.ask('6633', 'write_report').standing).toBe('authorised');
    expect(named.ask('7744', 'write_report').standing).toBe('none');
    const ended = given({ person: '6633', expiresAt: '2026-11-20T00:00:00Z' });
    expect(ended.ask('6633', 'write_report').standing).toBe('none');
    expect(given({}).ask('4411', 'write_report').exception?.by).toBe('Chief chief-1');
    // One that does not count is not named, though it lasts longer.
    const both = given({}).tell('access.authorised', { by: 'sgt-1', expiresAt: '2026-11-22T08:00:00Z' });
    expect(both.ask('4411', 'write_report').exception).toEqual({
      by: 'Chief chief-1',
      expiresAtMs: Date.parse(LATER),
    });
    expect(given({ by: 'designee-1' }).ask('4411', 'write_report').allowed).toBe(true);
    expect(given({ by: 'sgt-1' }).ask('4411', 'write_report').allowed).toBe(false);
    expect(given({ by: 'city-1' }).ask('4411', 'write_report').allowed).toBe(false);
    expect(given({ by: 'nobody-known' }).ask('4411', 'write_report').allowed).toBe(false);
    expect(given({ expiresAt: EARLIER }).ask('4411', 'write_report').allowed).toBe(false);
    expect(given({}).ask('4411', 'write_report', { nowMs: Date.parse(LATER) }).allowed).toBe(false);
    expect(given({}).tell('access.revoked').ask('4411', 'write_report').allowed).toBe(false);
    expect(given({ person: '5522' }).ask('4411', 'write_report').allowed).toBe(false);
    expect(given({ person: '6633' }).ask('6633', 'write_report').allowed).toBe(false);
    expect(given({ recording: 'e'.repeat(32) }).ask('4411', 'write_report').allowed).toBe(false);
  });

  // Goal: the chief authorises, not whoever becomes chief, nor whoever was. Method: roles that come and go around it.
  test("a giver's office counts when it was given and when it is used", () => {
    const promoted = deadly().tell('access.authorised', { by: 'sgt-1' }).enrol('sgt-1', 'chief');
    expect(lacks(promoted.ask('4411', 'write_report'))).toEqual(['access.authorised 4411']);
    expect(promoted.tell('access.authorised', { by: 'sgt-1' }).ask('4411', 'write_report').allowed).toBe(
      true,
    );
    const left = deadly().tell('access.authorised').enrol('chief-1', 'officer');
    expect(left.ask('4411', 'write_report').allowed).toBe(false);
    expect(left.enrol('chief-1').ask('4411', 'write_report').allowed).toBe(false);
  });

  // Goal: an officer who took no part stays barred, whatever else they are, but for the review itself.
  test('a second role as a reviewer opens no line for officers', () => {
    const story = deadly()
      .enrol('all-1', 'officer', 'supervisor', 'internal_affairs')
      .tell('access.authorised', { person: 'all-1' })
      .tell('case.assigned', { person: 'all-1' });
    expect(story.ask('all-1', 'write_report').allowed).toBe(false);
    expect(story.ask('all-1', 'investigation').allowed).toBe(true);
  });

  // Goal: nobody authorises themselves, not even the chief; a designee may authorise the chief.
  test('nobody authorises themselves', () => {
    const story = deadly()
      .tell('officer.involved', { person: 'chief-1' })
      .tell('access.authorised', { person: 'chief-1', by: 'chief-1' });
    expect(lacks(story.ask('chief-1', 'write_report'))).toEqual(['access.authorised chief-1']);
    story.tell('access.authorised', { person: 'chief-1', by: 'designee-1' });
    expect(story.ask('chief-1', 'write_report').allowed).toBe(true);
  });

  // Goal: the line names "any footage", so a supervisor whom the chief names may view it too.
  test('a supervisor needs the same authorisation', () => {
    expect(lacks(deadly().ask('sgt-1', 'supplement_report'))).toEqual(['access.authorised sgt-1']);
    const story = deadly().tell('access.authorised', { person: 'sgt-1' });
    expect(story.ask('sgt-1', 'supplement_report').allowed).toBe(true);
    expect(story.ask('sgt-1', 'oversight').allowed).toBe(false);
  });

  // Goal: force nobody classified counts as deadly; the classification is what is missing, the chief the other way.
  test('unclassified force counts as deadly', () => {
    const story = shift(city);
    const decision = story.ask('4411', 'write_report');
    expect(lacks(decision)).toEqual(['force.classified']);
    expect(decision.alternatives.map((set) => set.map(({ fact }) => fact))).toEqual([['access.authorised']]);
    expect(story.tell('access.authorised').ask('4411', 'write_report').allowed).toBe(true);
    expect(
      shift(city).tell('force.classified', { force: 'unclassified' }).ask('4411', 'write_report').allowed,
    ).toBe(false);
  });

  // Goal: reclassification closes the gate for whoever has not viewed yet.
  test('reclassification closes the gate', () => {
    const story = shift(city).tell('force.classified', { force: 'none' });
    expect(story.ask('4411', 'write_report').allowed).toBe(true);
    expect(story.tell('force.classified', { force: 'deadly' }).ask('4411', 'write_report').allowed).toBe(
      false,
    );
  });

  // Goal: a classification by somebody who turns out to have taken part does not count, nor what it replaced.
  test("an involved officer's classification does not count", () => {
    const story = shift(city)
      .tell('force.classified', { force: 'none', by: '6633' })
      .tell('officer.involved', { person: '6633' });
    expect(lacks(story.ask('4411', 'write_report'))).toEqual(['force.classified']);
    expect(story.tell('force.classified', { force: 'none' }).ask('4411', 'write_report').allowed).toBe(true);
  });
});

describe('city, review', () => {
  // Goal: reviewers follow their own line, which waits for no officer and no chief.
  test.each(['non_deadly', 'deadly', 'unclassified'])(
    'an assigned case suffices when force is %s',
    (force) => {
      const story = shift(city).tell('force.classified', { force });
      expect(lacks(story.ask('ipr-1', 'oversight'))).toEqual(['case.assigned ipr-1']);
      story.tell('case.assigned', { person: 'ipr-1' }).tell('case.assigned', { person: 'ia-1' });
      expect(story.ask('ipr-1', 'oversight').allowed).toBe(true);
      expect(story.ask('ia-1', 'investigation').allowed).toBe(true);
    },
  );

  // Goal: a reviewer gets nowhere on the chief's word alone.
  test("the chief's authorisation is no case", () => {
    const story = shift(city)
      .tell('force.classified', { force: 'deadly' })
      .tell('access.authorised', { person: 'ipr-1' });
    expect(lacks(story.ask('ipr-1', 'oversight'))).toEqual(['case.assigned ipr-1']);
  });
});
