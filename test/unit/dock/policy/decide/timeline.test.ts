import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { oneRegime } from '../../../../../dock/policy/decide/rule-book.ts';
import { timelines } from '../../../../../dock/policy/decide/timeline.ts';
import { Knowledge } from '../../../../../dock/policy/facts/knowledge.ts';
import { AT, doj, fact } from '../story.ts';

// Goal: what is asked about one person and one recording takes time by the number of facts, not by its square. Method: histories in
// which everybody is enrolled after everything was recorded, one twice as long as the other; how often a recording is looked at.

function looks(recordings: number): number {
  const ids = Array.from({ length: recordings }, (_, at) => at.toString(16).padStart(32, '0'));
  const facts = [
    ...ids.map((recording, at) =>
      fact('recording.registered', { recording, officer: `o${at}` }, `registered/${at}`),
    ),
    ...ids.map((_, at) =>
      fact('person.enrolled', { person: `o${at}`, roles: ['officer'] }, `enrolled/${at}`),
    ),
  ];
  const entries = facts.map((one, at) => ({ index: at + 1, source: 'records', receivedAt: AT, fact: one }));
  const spy = vi.spyOn(Knowledge.prototype, 'recording');
  onTestFinished(() => {
    spy.mockRestore();
  });
  timelines(entries, [oneRegime(doj)], { limits: { recording: ids[0] ?? '', person: 'o0' } });
  const { length } = spy.mock.calls;
  spy.mockRestore();
  return length;
}

describe('the timeline of one pair', () => {
  test('looks at no recording but its own', () => {
    expect(looks(200)).toBeLessThan(3 * looks(100));
  });
});
