import { describe, expect, test } from 'vitest';
import { decideDestroy } from '../../../../../dock/policy/decide/destroy.ts';
import { loadRules } from '../../../../../dock/policy/decide/load.ts';
import { city, doj, INCIDENT, lacks, NOW_MS, RECORDING, shift, type Story } from '../story.ts';

// Goal: an assignment that has ended and a statement that was entered wrongly open nothing any more, and what was taken back is named as
// missing until it comes again. Method: stories in which the fact was the last thing that an answer waited for, in either order of
// arrival.
const portland = loadRules('portland-2023');
const texts = ({ missing }: ReturnType<Story['ask']>): readonly string[] => missing.map(({ text }) => text);

describe('case.unassigned', () => {
  const reviewed = (): Story =>
    shift(doj)
      .tell('force.classified', { force: 'non_deadly' })
      .tell('report.filed')
      .tell('case.assigned', { person: 'ipr-1' });

  test('ends what the assignment opened, until it is made again', () => {
    const story = reviewed();
    expect(story.ask('ipr-1', 'oversight')).toMatchObject({ allowed: true, standing: 'assigned' });
    story.tell('case.unassigned', { person: 'ipr-1' });
    const refused = story.ask('ipr-1', 'oversight');
    expect(refused).toMatchObject({ allowed: false, standing: 'none' });
    expect(texts(refused)).toEqual([
      `assignment of a case on ${INCIDENT} to Reviewer ipr-1, ended and not made again`,
    ]);
    expect(story.tell('case.assigned', { person: 'ipr-1' }).ask('ipr-1', 'oversight').allowed).toBe(true);
  });

  test('ends one case and leaves the others, and other people theirs', () => {
    const story = reviewed()
      .tell('case.assigned', { person: 'ipr-1', case: 'case-2' })
      .tell('case.assigned', { person: 'ia-1' })
      .tell('case.unassigned', { person: 'ipr-1' });
    expect(story.ask('ipr-1', 'oversight').allowed).toBe(true);
    expect(story.ask('ia-1', 'investigation').allowed).toBe(true);
    story.tell('case.unassigned', { person: 'ipr-1', case: 'case-2' });
    expect(story.ask('ipr-1', 'oversight').allowed).toBe(false);
    expect(story.ask('ia-1', 'investigation').allowed).toBe(true);
  });

  test('that comes before the assignment ends nothing', () => {
    const story = shift(doj)
      .tell('force.classified', { force: 'non_deadly' })
      .tell('report.filed')
      .tell('case.unassigned', { person: 'ipr-1' });
    expect(lacks(story.ask('ipr-1', 'oversight'))).toEqual(['case.assigned ipr-1']);
    expect(story.tell('case.assigned', { person: 'ipr-1' }).ask('ipr-1', 'oversight').allowed).toBe(true);
  });

  test('does not end the case: its recording is kept', () => {
    const story = reviewed().tell('case.unassigned', { person: 'ipr-1' });
    const question = { dock: 'records', recording: RECORDING, purpose: 'retention', days: 180 };
    expect(decideDestroy(story.known, question, NOW_MS + 400 * 86_400_000)).toMatchObject({
      allowed: false,
      policies: ['retention.case'],
    });
  });
});

describe('statement.withdrawn', () => {
  test('shuts what the statement opened, until it is given again', () => {
    const story = shift(city).tell('force.classified', { force: 'non_deadly' }).tell('statement.given');
    expect(story.ask('4411', 'write_report').allowed).toBe(true);
    const refused = story.tell('statement.withdrawn').ask('4411', 'write_report');
    expect(refused.allowed).toBe(false);
    expect(texts(refused)).toEqual([
      `full and candid statement of Officer 4411 on ${INCIDENT}, taken back and not given again`,
    ]);
    expect(story.tell('statement.given').ask('4411', 'write_report').allowed).toBe(true);
  });

  test('takes back recorded and unrecorded ones of its kind, and no other kind or person', () => {
    const story = shift(portland)
      .tell('force.classified', { force: 'non_deadly', injury: 'serious' })
      .tell('statement.given', { kind: 'supervisor_interview', recorded: false })
      .tell('statement.given', { kind: 'supervisor_interview', recorded: true })
      .tell('statement.given', { kind: 'supervisor_interview', person: '5522' });
    const allowed = (person: string): boolean => story.ask(person, 'write_report').allowed;
    expect([allowed('4411'), allowed('5522')]).toEqual([true, true]);
    story.tell('statement.withdrawn', { kind: 'perceptual' });
    expect(allowed('4411')).toBe(true);
    story.tell('statement.withdrawn', { kind: 'supervisor_interview' });
    expect([allowed('4411'), allowed('5522')]).toEqual([false, true]);
    expect(texts(story.ask('4411', 'write_report'))).toEqual([
      `recorded statement to a supervisor by Officer 4411 on ${INCIDENT}, taken back and not given again`,
    ]);
    // Given again without a recording: what was recorded before does not come back with it.
    story.tell('statement.given', { kind: 'supervisor_interview', recorded: false });
    expect(allowed('4411')).toBe(false);
    expect(story.tell('force.classified', { force: 'non_deadly' }).ask('4411', 'write_report').allowed).toBe(
      true,
    );
  });

  test('has internal affairs wait again where it waits for everybody', () => {
    const story = shift(portland)
      .tell('force.classified', { force: 'deadly' })
      .tell('case.assigned', { person: 'ia-1' })
      .tell('statement.given', { kind: 'perceptual' })
      .tell('statement.given', { kind: 'perceptual', person: '5522' });
    expect(story.ask('ia-1', 'investigation').allowed).toBe(true);
    story.tell('statement.withdrawn', { kind: 'perceptual', person: '5522' });
    expect(texts(story.ask('ia-1', 'investigation'))).toEqual([
      `audio-recorded perceptual statement of Officer 5522 on ${INCIDENT}, taken back and not given again`,
    ]);
  });

  test('that comes before the statement takes nothing back', () => {
    const story = shift(city).tell('force.classified', { force: 'non_deadly' }).tell('statement.withdrawn');
    expect(lacks(story.ask('4411', 'write_report'))).toEqual(['statement.given 4411']);
    expect(story.tell('statement.given').ask('4411', 'write_report').allowed).toBe(true);
  });
});
