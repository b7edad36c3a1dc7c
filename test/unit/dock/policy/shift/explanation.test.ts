import { describe, expect, test } from 'vitest';
import { loadRules } from '../../../../../dock/policy/decide/load.ts';
import { oneRegime } from '../../../../../dock/policy/decide/rule-book.ts';
import type { Entry, Fact, Purpose } from '../../../../../dock/policy/facts/fact.ts';
import { explain, type Explanation } from '../../../../../dock/policy/shift/explanation.ts';
import { doj, fact, NOW_MS, RECORDING } from '../story.ts';

const MINUTE_MS = 60_000;
const rules = loadRules('portland-2023');

// Goal: an explanation names the fact that shut a gate and lists it with those that have a say, also where it is somebody else's
// statement that was taken back. Method: deadly force, internal affairs waiting for two officers, one fact a minute.
const entries: readonly Entry[] = [
  fact('person.enrolled'),
  fact('person.enrolled', { person: '5522' }),
  fact('person.enrolled', { person: 'ia-1', roles: ['internal_affairs'] }),
  fact('recording.registered'),
  fact('recording.linked'),
  fact('officer.involved', { person: '5522' }),
  fact('case.assigned', { person: 'ia-1' }),
  fact('statement.given', { kind: 'perceptual' }),
  fact('statement.given', { kind: 'perceptual', person: '5522' }),
  fact('statement.withdrawn', { kind: 'perceptual', person: '5522' }),
  fact('statement.given', { kind: 'perceptual', person: '5522' }, 'again'),
  fact('case.unassigned', { person: 'ia-1' }),
].map((one: Fact, at) => ({
  index: at + 1,
  source: 'records',
  receivedAt: new Date(NOW_MS + at * MINUTE_MS).toISOString(),
  fact: one,
}));

function explained(person: string, purpose: Purpose): Explanation {
  const nowMs = NOW_MS + 60 * MINUTE_MS;
  return explain(entries, oneRegime(rules), { recording: RECORDING, person, purpose, nowMs });
}

describe('an explanation', () => {
  test('lists statements taken back and assignments ended, and says what they shut', () => {
    const { answers, facts } = explained('ia-1', 'investigation');
    const types = facts.map(({ index, fact: { type } }) => `${index} ${type}`);
    expect(types).toEqual(expect.arrayContaining(['10 statement.withdrawn', '12 case.unassigned']));
    const [answer] = answers;
    expect(answer?.allowed).toBe(false);
    const causes = answer?.intervals.map(({ from, until }) => [from.entry.index, until?.entry.index]);
    expect(causes).toEqual([
      [9, 10],
      [11, 12],
    ]);
  });

  test("leaves out another's where the rules do not wait for everybody", () => {
    const { facts } = explain(entries, oneRegime(doj), {
      ...{ recording: RECORDING, person: '4411', nowMs: NOW_MS + 60 * MINUTE_MS },
    });
    expect(facts.map(({ fact: { type } }) => type)).not.toContain('statement.withdrawn');
  });
});
