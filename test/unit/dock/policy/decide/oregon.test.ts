import { describe, expect, test } from 'vitest';
import { osp, portland2023, ppa } from '../every-regime.ts';
import { INCIDENT, lacks, shift, Story } from '../story.ts';

describe('ppa', () => {
  // Goal: "before writing any kind of report", whatever the force, and after; for those who took part and nobody else.
  test('whoever took part views before any report, whatever happened', () => {
    for (const force of ['unclassified', 'none', 'non_deadly', 'deadly']) {
      const story = shift(ppa).tell('force.classified', { force, deathInCustody: force === 'deadly' });
      for (const purpose of ['write_report', 'supplement_report', 'interview_preparation']) {
        expect(story.ask('4411', purpose).allowed).toBe(true);
        expect(story.ask('5522', purpose).allowed).toBe(true);
        expect(story.ask('6633', purpose).allowed).toBe(false);
        expect(story.ask('chief-1', purpose).allowed).toBe(false);
      }
      expect(story.tell('report.filed').ask('4411', 'supplement_report').allowed).toBe(true);
    }
  });

  // Goal: nobody's word stands in for a part in the incident, and reviewers need their case as everywhere.
  test('no authorisation opens anything', () => {
    const story = shift(ppa);
    for (const person of ['6633', 'sgt-1', 'ipr-1']) story.tell('access.authorised', { person });
    expect(lacks(story.ask('6633', 'write_report'))).toEqual(['officer.involved 6633']);
    expect(lacks(story.ask('sgt-1', 'write_report'))).toEqual(['officer.involved sgt-1']);
    expect(lacks(story.ask('ipr-1', 'oversight'))).toEqual(['case.assigned ipr-1']);
  });

  // Goal: what holds under every regime holds here: one does not investigate oneself.
  test('an investigator who took part does not investigate', () => {
    const story = shift(ppa)
      .tell('officer.involved', { person: 'ia-1' })
      .tell('case.assigned', { person: 'ia-1' });
    expect(story.ask('ia-1', 'write_report').allowed).toBe(true);
    expect(story.ask('ia-1', 'investigation')).toMatchObject({ allowed: false, missing: [] });
  });
});

describe('osp', () => {
  // Goal: the report waits for nothing; the interview for being scheduled, and what was open before it stays open after.
  test('writing and supplementing always, preparing once an interview is scheduled', () => {
    const story = shift(osp).tell('force.classified', { force: 'deadly' });
    expect(story.ask('4411', 'write_report').allowed).toBe(true);
    expect(story.ask('4411', 'supplement_report').allowed).toBe(true);
    const decision = story.ask('4411', 'interview_preparation');
    expect(lacks(decision)).toEqual(['interview.scheduled 4411']);
    expect(decision.missing[0]?.text).toBe(`interview of Officer 4411 on ${INCIDENT}, not yet scheduled`);
    story.tell('interview.scheduled', { person: '5522' });
    expect(story.ask('4411', 'interview_preparation').allowed).toBe(false);
    expect(story.tell('interview.scheduled').ask('4411', 'interview_preparation').allowed).toBe(true);
    expect(story.tell('interview.held').ask('4411', 'interview_preparation').allowed).toBe(true);
    expect(story.ask('6633', 'write_report').allowed).toBe(false);
  });

  // Goal: oversight on an assigned case does not wait for the officer.
  test('reviewers need their case and nothing else', () => {
    const story = shift(osp).tell('force.classified', { force: 'deadly' });
    expect(lacks(story.ask('ia-1', 'investigation'))).toEqual(['case.assigned ia-1']);
    expect(story.tell('case.assigned', { person: 'ia-1' }).ask('ia-1', 'investigation').allowed).toBe(true);
  });
});

const classified = (changes: Record<string, unknown>): Story =>
  shift(portland2023).tell('force.classified', { force: 'non_deadly', ...changes });
const interview = { kind: 'supervisor_interview', recorded: false };
const texts = ({ missing }: { readonly missing: readonly { readonly text: string }[] }): readonly string[] =>
  missing.map(({ text }) => text);

describe('portland-2023, officers', () => {
  // Goal: no force waits for nothing; of interviews nothing is said there.
  test('no force: before the report', () => {
    const story = classified({ force: 'none', injury: 'non_serious' });
    expect(story.ask('4411', 'write_report').allowed).toBe(true);
    expect(story.tell('report.filed').ask('4411', 'supplement_report').allowed).toBe(true);
    expect(story.ask('4411', 'interview_preparation')).toMatchObject({ allowed: false, missing: [] });
  });

  // Goal: the interview and no other deed; what is asked for is no more than is needed.
  test.each(['none', 'non_serious'])(
    'injury %s: the interview by a supervisor first, recorded or not',
    (injury) => {
      const story = classified({ injury }).tell('report.filed').tell('statement.given', { kind: 'candid' });
      const decision = story.ask('4411', 'write_report');
      expect(texts(decision)).toEqual([
        `interview by a supervisor of Officer 4411 on ${INCIDENT}, not yet given`,
      ]);
      expect(decision.alternatives).toEqual([]);
      expect(story.tell('statement.given', interview).ask('4411', 'write_report').allowed).toBe(true);
      expect(story.ask('5522', 'write_report').allowed).toBe(false);
    },
  );

  // Goal: where two lines fit, the stricter holds; an interview that nobody recorded is not enough.
  test.each([
    { injury: 'serious' },
    { vulnerable: true },
    { force: 'none', injury: 'serious' },
    { force: 'none', vulnerable: true },
  ])('%j: a recorded statement to a supervisor first', (changes) => {
    const story = classified(changes)
      .tell('statement.given', interview)
      .tell('statement.given', { kind: 'perceptual' });
    expect(texts(story.ask('4411', 'write_report'))).toEqual([
      `recorded statement to a supervisor by Officer 4411 on ${INCIDENT}, not yet given`,
    ]);
    story.tell('statement.given', { ...interview, recorded: true }).tell('statement.given', interview);
    expect(story.ask('4411', 'write_report').allowed).toBe(true);
    expect(story.ask('4411', 'interview_preparation').allowed).toBe(true);
  });

  // Goal: only an audio-recorded statement of one's own opens it, and no authorisation does.
  test.each([
    { force: 'deadly' },
    { force: 'none', deathInCustody: true },
    { force: 'non_deadly', injury: 'serious', deathInCustody: true },
  ])('%j: an audio-recorded perceptual statement first', (changes) => {
    const story = classified(changes)
      .tell('report.filed')
      .tell('statement.given', { ...interview, recorded: true })
      .tell('statement.given', { kind: 'perceptual', recorded: false })
      .tell('access.authorised');
    expect(texts(story.ask('4411', 'write_report'))).toEqual([
      `audio-recorded perceptual statement of Officer 4411 on ${INCIDENT}, not yet given`,
    ]);
    expect(story.tell('statement.given', { kind: 'perceptual' }).ask('4411', 'write_report').allowed).toBe(
      true,
    );
  });

  // Goal: not classifying opens nothing; a statement or a class would, and both are named.
  test('unclassified is the strictest class', () => {
    const decision = shift(portland2023).ask('4411', 'write_report');
    expect(lacks(decision)).toEqual(['statement.given 4411']);
    expect(decision.alternatives.map((set) => set.map(({ fact: type }) => type))).toEqual([
      ['force.classified'],
    ]);
  });

  // Goal: reclassification shuts the gate for whoever has not given what the new class asks for.
  test('reclassification closes the gate', () => {
    const story = classified({ force: 'none' });
    expect(story.ask('4411', 'write_report').allowed).toBe(true);
    expect(story.tell('force.classified', { force: 'deadly' }).ask('4411', 'write_report').allowed).toBe(
      false,
    );
  });
});

describe('portland-2023, internal affairs', () => {
  const deadly = (): Story => classified({ force: 'deadly' }).tell('case.assigned', { person: 'ia-1' });

  // Goal: internal affairs may not view before the perceptual statement either: not before that of everybody who took part.
  test('waits for everybody who took part, the recorder included', () => {
    const story = deadly();
    expect(lacks(story.ask('ia-1', 'investigation'))).toEqual([
      'statement.given 4411',
      'statement.given 5522',
    ]);
    story.tell('statement.given', { kind: 'perceptual' });
    expect(story.ask('4411', 'write_report').allowed).toBe(true);
    const decision = story.ask('ia-1', 'investigation');
    expect(texts(decision)).toEqual([
      `audio-recorded perceptual statement of Officer 5522 on ${INCIDENT}, not yet given`,
    ]);
    expect(decision.policies).toEqual(['portland-2023-internal-affairs-waits']);
    story.tell('statement.given', { person: '5522', kind: 'perceptual' });
    expect(story.ask('ia-1', 'investigation').allowed).toBe(true);
    // Whoever turns out to have taken part as well shuts the gate again.
    story.tell('officer.involved', { person: '6633' });
    expect(lacks(story.ask('ia-1', 'investigation'))).toEqual(['statement.given 6633']);
  });

  // Goal: whoever held a camera there was there, listed or not.
  test('waits for a recorder whom nobody has listed', () => {
    const recording = 'e'.repeat(32);
    const story = deadly()
      .tell('statement.given', { kind: 'perceptual' })
      .tell('statement.given', { person: '5522', kind: 'perceptual' })
      .tell('recording.registered', { recording, officer: '6633' });
    expect(story.ask('ia-1', 'investigation').allowed).toBe(true);
    story.tell('recording.linked', { recording });
    expect(lacks(story.ask('ia-1', 'investigation'))).toEqual(['statement.given 6633']);
  });

  // Goal: with more officers than any search goes through, the answer is as exact.
  test('names every statement of a large incident', () => {
    const story = deadly();
    for (let at = 0; at < 12; at++) story.tell('officer.involved', { person: `o-${at}` });
    expect(story.ask('ia-1', 'investigation').missing).toHaveLength(14);
  });

  // Goal: nobody is known to have taken part, so nobody's statement can be on file: it waits, and says for what.
  test("nobody's recording waits for somebody's statement", () => {
    const story = new Story(portland2023)
      .enrol('ia-1', 'internal_affairs')
      .tell('recording.registered', { officer: '' })
      .tell('recording.linked')
      .tell('force.classified', { force: 'deadly' })
      .tell('case.assigned', { person: 'ia-1' });
    expect(lacks(story.ask('ia-1', 'investigation'))).toEqual(['officer.involved', 'statement.given']);
    story.tell('officer.involved').tell('statement.given', { kind: 'perceptual' });
    expect(story.ask('ia-1', 'investigation').allowed).toBe(true);
  });

  // Goal: it waits in no other class, and nobody else waits.
  test('waits only where force was deadly or counts as it', () => {
    const story = classified({ injury: 'serious' }).tell('case.assigned', { person: 'ia-1' });
    expect(story.ask('ia-1', 'investigation').allowed).toBe(true);
    expect(deadly().tell('case.assigned', { person: 'ipr-1' }).ask('ipr-1', 'oversight').allowed).toBe(true);
    const unclassified = shift(portland2023).tell('case.assigned', { person: 'ia-1' });
    // One fact is less than two: a class of force that is not deadly.
    expect(lacks(unclassified.ask('ia-1', 'investigation'))).toEqual(['force.classified']);
    unclassified.tell('force.classified', { force: 'non_deadly' });
    expect(unclassified.ask('ia-1', 'investigation').allowed).toBe(true);
  });
});
