import { describe, expect, test } from 'vitest';
import { PURPOSES, ROLES, type Purpose } from '../../../../../dock/policy/facts/fact.ts';
import { some } from '../../../../runs.ts';
import { doj, EARLIER, INCIDENT, lacks, LATER, NOW_MS, RECORDING, shift, type Story } from '../story.ts';

const OFFICERS: readonly Purpose[] = ['write_report', 'supplement_report', 'interview_preparation'];

/** A story in which the incident is one of force, and the reviewers have their case. */
function reviewed(): Story {
  return shift(doj)
    .tell('force.classified', { force: 'non_deadly' })
    .tell('case.assigned', { person: 'ia-1' })
    .tell('case.assigned', { person: 'ipr-1' })
    .tell('case.assigned', { person: 'doj-1' });
}

describe('doj, before the initial report of the officer who made the recording', () => {
  // Goal: nobody at all. Method: every person of the story asks for every purpose, whatever the force.
  test.each(['none', 'non_deadly', 'deadly', 'unclassified'])('nobody views it when force is %s', (force) => {
    const story = reviewed().tell('force.classified', { force }).tell('report.filed', { person: '5522' });
    for (const person of [
      '4411',
      '5522',
      '6633',
      'sgt-1',
      'chief-1',
      'ia-1',
      'ipr-1',
      'doj-1',
      'city-1',
      'key-1',
    ]) {
      for (const purpose of some(PURPOSES))
        expect(story.ask(person, purpose).allowed, `${person} ${purpose}`).toBe(false);
    }
  });

  // Goal: what is missing is named to the person who waits and to their partner, in words for people.
  test('the officer and the partner are told what it waits for', () => {
    const story = shift(doj);
    expect(story.ask('4411', 'supplement_report').missing).toEqual([
      {
        fact: 'report.filed',
        incident: INCIDENT,
        person: '4411',
        text: 'initial report of Officer 4411 on 24-118842, not yet filed',
      },
    ]);
    expect(lacks(story.ask('5522', 'supplement_report'))).toEqual(['report.filed 4411', 'report.filed 5522']);
    const { reason } = story.ask('4411', 'supplement_report');
    expect(reason).toContain('before the officer who made it has filed the initial report');
    expect(reason).toContain('Waiting for: initial report of Officer 4411 on 24-118842, not yet filed.');
  });

  // Goal: the words and deeds that are not a filed report do not count as one.
  test('a supplement, a withdrawn report and a report on another incident are no initial report', () => {
    const story = shift(doj)
      .tell('report.supplemented')
      .tell('report.filed', { incident: '24-000001' })
      .tell('report.filed')
      .tell('report.withdrawn');
    const decision = story.ask('4411', 'supplement_report');
    expect(decision.allowed).toBe(false);
    expect(decision.reason).toContain('withdrawn and not filed again');
    expect(story.tell('report.filed', { reportHash: 'again' }).ask('4411', 'supplement_report').allowed).toBe(
      true,
    );
  });

  // Goal: the one exception, and how narrow it is. Method: each of its conditions is taken away in turn.
  test('a reviewer with a case may, authorised for a time by somebody outside the bureau', () => {
    const authorised = (changes: Record<string, unknown>): Story =>
      reviewed().tell('access.authorised', { person: 'ipr-1', by: 'city-1', expiresAt: LATER, ...changes });
    const allowed = authorised({}).ask('ipr-1', 'oversight');
    expect(allowed.allowed).toBe(true);
    expect(allowed.exception).toEqual({ by: 'City attorney city-1', expiresAtMs: Date.parse(LATER) });
    expect(allowed.reason).toContain('Authorised by City attorney city-1 until 2026-11-21T09:00:00.000Z.');
    expect(authorised({ by: 'doj-1' }).ask('ipr-1', 'oversight').allowed).toBe(true);
    expect(authorised({ person: 'ia-1' }).ask('ia-1', 'investigation').allowed).toBe(true);

    expect(authorised({ by: 'chief-1' }).ask('ipr-1', 'oversight').allowed).toBe(false);
    expect(
      authorised({ by: 'ipr-1' })
        .enrol('ipr-1', 'independent_review', 'doj_monitor')
        .ask('ipr-1', 'oversight').allowed,
    ).toBe(false);
    expect(authorised({ expiresAt: EARLIER }).ask('ipr-1', 'oversight').allowed).toBe(false);
    expect(authorised({}).ask('ipr-1', 'oversight', { nowMs: Date.parse(LATER) }).allowed).toBe(false);
    expect(authorised({ recording: 'f'.repeat(32) }).ask('ipr-1', 'oversight').allowed).toBe(false);
    expect(
      authorised({}).tell('access.revoked', { person: 'ipr-1', by: 'doj-1' }).ask('ipr-1', 'oversight')
        .allowed,
    ).toBe(false);
    expect(authorised({ person: '4411' }).ask('4411', 'supplement_report').allowed).toBe(false);
    expect(authorised({ person: 'sgt-1' }).ask('sgt-1', 'oversight').allowed).toBe(false);
    expect(
      authorised({}).tell('officer.involved', { person: 'ipr-1' }).ask('ipr-1', 'oversight').allowed,
    ).toBe(false);
    const withoutCase = shift(doj).tell('access.authorised', { person: 'ipr-1', by: 'city-1' });
    expect(lacks(withoutCase.ask('ipr-1', 'oversight'))).toEqual(['case.assigned ipr-1']);
  });
});

describe('doj, after it', () => {
  // Goal: whoever took part waits for their own report as well; force has no say.
  test.each(['none', 'non_deadly', 'deadly', 'unclassified'])(
    'each waits for their own report when force is %s',
    (force) => {
      const story = shift(doj).tell('force.classified', { force }).tell('report.filed');
      for (const purpose of OFFICERS) expect(story.ask('4411', purpose).allowed).toBe(true);
      expect(lacks(story.ask('5522', 'supplement_report'))).toEqual(['report.filed 5522']);
      expect(story.tell('report.filed', { person: '5522' }).ask('5522', 'supplement_report').allowed).toBe(
        true,
      );
    },
  );

  // Goal: a partner's camera is no way round one's own report.
  test("a partner's recording of the same incident waits for both", () => {
    const partners = 'b'.repeat(32);
    const story = shift(doj)
      .tell('recording.registered', { recording: partners, officer: '5522', camera: 'cam-2' })
      .tell('recording.linked', { recording: partners })
      .tell('report.filed', { person: '5522' });
    expect(lacks(story.ask('4411', 'supplement_report', { recording: partners }))).toEqual([
      'report.filed 4411',
    ]);
    expect(story.ask('5522', 'supplement_report', { recording: partners }).allowed).toBe(true);
    expect(story.ask('5522', 'supplement_report', { recording: RECORDING }).allowed).toBe(false);
  });

  // Goal: reviewers need a case, a purpose of theirs, and an incident of force or misconduct.
  test('reviewers see recordings of force or misconduct on their case', () => {
    const story = reviewed().tell('report.filed');
    expect(story.ask('ipr-1', 'oversight').allowed).toBe(true);
    expect(story.ask('doj-1', 'oversight').allowed).toBe(true);
    expect(story.ask('ia-1', 'investigation').allowed).toBe(true);
    expect(story.ask('ia-1', 'oversight').allowed).toBe(false);
    expect(story.ask('ipr-1', 'investigation').allowed).toBe(false);
    expect(lacks(shift(doj).tell('report.filed').ask('ipr-1', 'oversight'))).toEqual(['case.assigned ipr-1']);

    const noForce = reviewed().tell('force.classified', { force: 'none' }).tell('report.filed');
    expect(lacks(noForce.ask('ipr-1', 'oversight'))).toEqual(['misconduct.alleged']);
    expect(noForce.tell('misconduct.alleged').ask('ipr-1', 'oversight').allowed).toBe(true);
    const death = reviewed()
      .tell('force.classified', { force: 'none', deathInCustody: true })
      .tell('report.filed');
    expect(death.ask('ia-1', 'investigation').allowed).toBe(true);
  });

  // Goal: internal affairs who took part are bound as those who took part, and may not investigate it.
  test('internal affairs who took part do not investigate', () => {
    const story = reviewed().tell('report.filed').tell('officer.involved', { person: 'ia-1' });
    const decision = story.ask('ia-1', 'investigation');
    expect(decision.allowed).toBe(false);
    expect(decision.reason).toBe(
      'Nobody who took part in an incident investigates or oversees it. No further fact would change that.',
    );
    expect(lacks(story.ask('ia-1', 'supplement_report'))).toEqual(['report.filed ia-1']);
  });

  // Goal: an officer who is enrolled in internal affairs as well reviews as one, and views for no other purpose.
  test('an officer of internal affairs investigates what they had no part in', () => {
    const story = reviewed().tell('report.filed').enrol('ia-1', 'officer', 'internal_affairs');
    expect(story.ask('ia-1', 'investigation').allowed).toBe(true);
    expect(story.ask('ia-1', 'supplement_report').allowed).toBe(false);
  });

  // Goal: when nobody was assigned to the camera no report opens the recording; the exception still does.
  test("nobody's recording waits for ever, but for the exception", () => {
    const nobodys = 'e'.repeat(32);
    const story = reviewed()
      .tell('recording.registered', { recording: nobodys, officer: '', camera: 'cam-5' })
      .tell('recording.linked', { recording: nobodys })
      .tell('report.filed');
    expect(story.ask('4411', 'supplement_report', { recording: nobodys })).toMatchObject({
      allowed: false,
      missing: [],
    });
    expect(lacks(story.ask('ipr-1', 'oversight', { recording: nobodys }))).toEqual([
      'access.authorised ipr-1',
    ]);
    story.tell('access.authorised', { recording: nobodys, person: 'ipr-1', by: 'city-1' });
    expect(story.ask('ipr-1', 'oversight', { recording: nobodys }).allowed).toBe(true);
  });

  // Goal: whoever held a camera there took part, though nobody listed them.
  test('recording something linked to the incident is taking part in it', () => {
    const theirs = 'c'.repeat(32);
    const story = reviewed()
      .tell('report.filed')
      .tell('recording.registered', { recording: theirs, officer: 'ia-1', camera: 'cam-3' })
      .tell('recording.linked', { recording: theirs });
    expect(story.ask('ia-1', 'investigation').allowed).toBe(false);
    expect(story.tell('recording.unlinked', { recording: theirs }).ask('ia-1', 'investigation').allowed).toBe(
      true,
    );
  });
});

describe('doj, outside the bureau', () => {
  // Goal: nobody in the bureau makes the exception by holding an office outside as well.
  test('a city attorney who serves in the bureau is not outside it', () => {
    const authorise = (story: Story): Story =>
      story.tell('access.authorised', { person: 'ipr-1', by: 'city-1' });
    const both = authorise(reviewed().enrol('city-1', 'city_attorney', 'chief'));
    expect(both.ask('ipr-1', 'oversight').allowed).toBe(false);
    expect(authorise(reviewed()).ask('ipr-1', 'oversight').allowed).toBe(true);
  });
});

describe('whatever the regime', () => {
  // Goal: the custodian and the dock operator never view, whatever else they are and whatever is on file.
  test('the custodian and the dock operator never view', () => {
    for (const role of ['custodian', 'dock_operator'] as const) {
      const story = reviewed()
        .enrol(
          'all-1',
          ...ROLES.filter((one) => one === role || !['custodian', 'dock_operator'].includes(one)),
        )
        .tell('officer.involved', { person: 'all-1' })
        .tell('report.filed')
        .tell('report.filed', { person: 'all-1' });
      for (const purpose of PURPOSES) {
        const { allowed, missing, reason } = story.ask('all-1', purpose);
        expect({ allowed, missing }).toEqual({ allowed: false, missing: [] });
        expect(reason).toContain('never views content');
      }
    }
  });

  // Goal: an officer who took no part is told so, exactly.
  test('an officer who took no part does not view', () => {
    const decision = shift(doj).tell('report.filed').ask('6633', 'supplement_report');
    expect(decision.reason).toContain(
      'An officer does not view the footage of an incident they had no part in.',
    );
    expect(lacks(decision)).toEqual(['report.filed 6633', 'officer.involved 6633']);
  });

  // Goal: a seal stops everybody, and only its lifting helps.
  test('a sealed recording is viewed by nobody', () => {
    const story = reviewed().tell('report.filed').tell('recording.sealed');
    expect(lacks(story.ask('4411', 'supplement_report'))).toEqual(['recording.unsealed']);
    expect(story.ask('ipr-1', 'oversight').allowed).toBe(false);
    expect(story.tell('recording.unsealed').ask('4411', 'supplement_report').allowed).toBe(true);
  });

  // Goal: while any court's seal stands nobody views. Method: two courts seal, one repeats its order, each lifts its own.
  test('each court lifts its own seal', () => {
    const story = reviewed()
      .tell('report.filed')
      .tell('recording.sealed')
      .tell('recording.sealed', { by: 'federal-court' })
      .tell('recording.sealed');
    const asked = story.ask('4411', 'supplement_report');
    expect(lacks(asked)).toEqual(['recording.unsealed', 'recording.unsealed']);
    expect(asked.reason).toContain("lifting of the court's seal on this recording, placed by federal-court");
    story.tell('recording.unsealed');
    expect(story.ask('4411', 'supplement_report').allowed).toBe(false);
    expect(story.ask('ipr-1', 'oversight').allowed).toBe(false);
    story.tell('recording.unsealed', { by: 'federal-court' });
    expect(story.ask('4411', 'supplement_report').allowed).toBe(true);
  });

  // Goal: a legal hold is about deletion and has no say here.
  test('a legal hold stops nobody from viewing', () => {
    expect(shift(doj).tell('report.filed').tell('hold.placed').ask('4411', 'supplement_report').allowed).toBe(
      true,
    );
  });

  // Goal: without a link nobody can say whose report it waits for; that link is what is missing.
  test('a recording that is not linked, or not in custody, is denied naming just that', () => {
    const unlinked = shift(doj).tell('report.filed').tell('recording.unlinked');
    const decision = unlinked.ask('4411', 'supplement_report');
    expect(lacks(decision)).toEqual(['recording.linked']);
    expect(decision.reason).toMatch(/^This recording is not linked to an incident/);
    const other = shift(doj).ask('4411', 'supplement_report', { recording: 'd'.repeat(32) });
    expect(lacks(other)).toEqual(['recording.registered', 'recording.linked']);
    const operator = unlinked.ask('dock-op-1', 'oversight');
    expect(operator.missing).toEqual([]);
  });

  // Goal: linked to two incidents, both gates must pass.
  test('every incident a recording is linked to must allow', () => {
    const second = '24-200000';
    const story = shift(doj).tell('report.filed').tell('recording.linked', { incident: second });
    const decision = story.ask('4411', 'supplement_report');
    expect(decision.missing.map(({ incident }) => incident)).toEqual([second]);
    expect(story.tell('report.filed', { incident: second }).ask('4411', 'supplement_report').allowed).toBe(
      true,
    );
    expect(lacks(story.ask('5522', 'supplement_report'))).toEqual([
      'report.filed 5522',
      'report.filed 5522',
      'officer.involved 5522',
    ]);
  });

  // Goal: nobody may act on a silent source: supervisors and chiefs have no line of their own under doj.
  test('supervisors, chiefs and the city attorney have no line, so the answer is no', () => {
    const story = reviewed().tell('report.filed');
    for (const person of ['sgt-1', 'chief-1', 'designee-1', 'city-1']) {
      for (const purpose of PURPOSES)
        expect(story.ask(person, purpose).allowed, `${person} ${purpose}`).toBe(false);
    }
    const { reason } = story.ask('city-1', 'oversight');
    expect(reason).toBe(
      'No rule of the doj regime lets City attorney city-1 view this recording for oversight. No further fact would change that.',
    );
    expect(lacks(story.ask('sgt-1', 'supplement_report'))).toEqual([
      'report.filed sgt-1',
      'officer.involved sgt-1',
    ]);
  });

  // Goal: unknown people, actions and purposes are a plain no.
  test('what is unknown is denied with a reason', () => {
    const story = shift(doj).tell('report.filed');
    expect(story.ask('stranger', 'supplement_report').reason).toMatch(/^stranger is not enrolled\./);
    expect(story.ask('4411', 'supplement_report', { action: 'delete' }).reason).toContain('action "delete"');
    expect(story.ask('4411', '').reason).toContain('no purpose');
    expect(story.ask('4411', 'curiosity').reason).toContain('purpose "curiosity"');
    expect(story.ask('4411', 'disclosure').allowed).toBe(false);
    expect(story.ask('4411', 'supplement_report', { action: 'export' }).allowed).toBe(false);
  });

  // Goal: the same facts and question always give the same decision.
  test('deciding is pure', () => {
    const story = shift(doj);
    const first = story.ask('5522', 'supplement_report', { nowMs: NOW_MS });
    expect(story.ask('5522', 'supplement_report', { nowMs: NOW_MS })).toEqual(first);
    expect(first.newestFact).toBe(story.known.newest);
  });
});
