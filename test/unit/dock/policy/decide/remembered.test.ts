import assert from 'node:assert/strict';
import { expect, test } from 'vitest';
import { decide } from '../../../../../dock/policy/decide/decide.ts';
import { decideOnce } from '../../../../../dock/policy/decide/remembered.ts';
import type { Rules } from '../../../../../dock/policy/decide/rules.ts';
import type { Fact } from '../../../../../dock/policy/facts/fact.ts';
import { Knowledge } from '../../../../../dock/policy/facts/knowledge.ts';
import type { Question } from '../../../../../dock/policy/facts/situation.ts';
import { AT, city, doj, fact, INCIDENT, NOW_MS, RECORDING } from '../story.ts';

// Goal: a remembered decision is what would be decided now. Method: facts come one by one, also those that concern others, and before and
// after each the same questions are asked at two moments, of which an authorisation ends between, and by two sets of rules, in turn and twice.

const HOUR_MS = 3_600_000;
const OTHERS = '26-777';
const FACTS = [
  fact('person.enrolled'),
  fact('person.enrolled', { person: 'chief-1', roles: ['chief'] }),
  fact('recording.registered'),
  fact('recording.linked'),
  fact('report.filed', { incident: OTHERS }),
  fact('access.authorised', {
    recording: RECORDING,
    person: '5522',
    by: 'chief-1',
    expiresAt: new Date(NOW_MS + HOUR_MS / 2).toISOString(),
  }),
  fact('force.classified', { incident: INCIDENT }),
  // Another's recording of the same incident: who took part is another question then.
  fact('recording.registered', { recording: 'f'.repeat(32), officer: '5522' }),
  fact('recording.linked', { recording: 'f'.repeat(32), incident: INCIDENT }),
  fact('person.enrolled', { person: 'chief-1', roles: ['dock_operator'] }),
  fact('report.filed', { incident: INCIDENT }),
  fact('report.withdrawn', { incident: INCIDENT }),
  fact('recording.linked', { incident: OTHERS }),
];

interface Asked {
  readonly rules: Rules;
  readonly question: Question;
  readonly nowMs: number;
}

const ASKED: readonly Asked[] = [doj, city].flatMap((rules) =>
  [NOW_MS, NOW_MS + HOUR_MS].flatMap((nowMs) =>
    ['4411', '5522'].flatMap((person) =>
      ['write_report', 'oversight', 'curiosity'].map((purpose) => ({
        ...{ rules, nowMs },
        question: { person, purpose, recording: RECORDING, action: 'view' },
      })),
    ),
  ),
);

test('a remembered decision is never that of other facts, another moment, question or set of rules', () => {
  const known = new Knowledge();
  const seen = new Set<string>();
  for (const [at, one] of FACTS.entries()) {
    known.apply({ index: at + 1, source: 'records', receivedAt: AT, fact: one });
    for (const { rules, ...asked } of [...ASKED, ...ASKED.toReversed()]) {
      const decided = decide(rules, known, asked);
      expect(decideOnce(rules, known, asked)).toEqual(decided);
      seen.add(JSON.stringify({ ...decided, newestFact: 0 }));
    }
  }
  expect(seen.size).toBeGreaterThan(FACTS.length);
});

test('what concerns a decision makes it be taken again, and nothing else does', () => {
  const known = new Knowledge();
  for (const [at, one] of FACTS.slice(0, 4).entries())
    known.apply({ index: at + 1, source: 'records', receivedAt: AT, fact: one });
  let asks = 0;
  const rules: Rules = {
    ...doj,
    evaluate: (gate) => {
      asks += 1;
      return doj.evaluate(gate);
    },
  };
  const [{ question, nowMs } = { question: undefined, nowMs: 0 }] = ASKED;
  assert(question !== undefined);
  const isAskedAnew = (): boolean => {
    const before = asks;
    decideOnce(rules, known, { question, nowMs });
    return asks > before;
  };
  const comes = (one: Fact): void =>
    known.apply({ index: known.newest + 1, source: 'records', receivedAt: AT, fact: one });
  expect([isAskedAnew(), isAskedAnew()]).toEqual([true, false]);
  comes(fact('report.filed', { incident: OTHERS }));
  expect(isAskedAnew()).toBe(false);
  comes(fact('report.filed', { incident: INCIDENT }));
  expect([isAskedAnew(), isAskedAnew()]).toEqual([true, false]);
});
