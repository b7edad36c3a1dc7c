import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { basisOf } from '../../../../dock/policy/decide/basis.ts';
import { decide, type Decision } from '../../../../dock/policy/decide/decide.ts';
import { loadRules, regimes } from '../../../../dock/policy/decide/load.ts';
import type { Rules } from '../../../../dock/policy/decide/rules.ts';
import { subjects, type Entry, type Fact } from '../../../../dock/policy/facts/fact.ts';
import { Knowledge } from '../../../../dock/policy/facts/knowledge.ts';
import type { FactStore } from '../../../../dock/policy/facts/store.ts';
import { runs } from '../../../runs.ts';
import { AT, fact, NOW_MS } from '../../../unit/dock/policy/story.ts';
import { anyFact, anyQuestion, PEOPLE, RECORDINGS, REVIEW_AUTHORISED, START } from './world.ts';

// Goal: the facts that a decision record names are enough to decide the same again, whatever else happened before and since, and
// none of them is about a person, recording or incident that has no say in it. Method: random histories and questions; for each
// allow a new Knowledge of those facts alone, numbered anew, is asked under the same rules at the same moment.

/** The stored facts, listed as the database lists them. */
function shelf(facts: readonly Fact[]): {
  readonly store: Pick<FactStore, 'list'>;
  readonly known: Knowledge;
} {
  const entries = facts.map((one, at) => ({ index: at + 1, source: 'records', receivedAt: AT, fact: one }));
  const known = new Knowledge();
  for (const entry of entries) known.apply(entry);
  const list: FactStore['list'] = ({ after = 0, upTo = Infinity, types, limit, ...wanted }) =>
    entries
      .filter(
        ({ index, fact: { type } }) => index > after && index <= upTo && (types?.includes(type) ?? true),
      )
      .filter(({ fact: one }) =>
        Object.entries(wanted).every(([name, value]) => subjects(one)[name as keyof typeof wanted] === value),
      )
      .slice(0, limit);
  return { store: { list }, known };
}

type Asked = { readonly person: string; readonly recording: string; readonly purpose: string };

function asked(rules: Rules, known: Knowledge, question: Asked): Decision {
  return decide(rules, known, { question: { action: 'view', ...question }, nowMs: NOW_MS });
}

function basis(
  rules: Rules,
  facts: readonly Fact[],
  { question, decision }: { readonly question: Asked; readonly decision: Decision },
): readonly Entry[] {
  const { newestFact, policies } = decision;
  const allowed = { question: { action: 'view', ...question }, rules, nowMs: NOW_MS, newestFact, policies };
  return basisOf(shelf(facts), allowed);
}

/** The same facts as if there had never been others. */
function renumbered(entries: readonly Entry[]): Knowledge {
  const known = new Knowledge();
  for (const [at, entry] of entries.entries()) known.apply({ ...entry, index: at + 1 });
  return known;
}

// Half of the histories are told as if everybody had done what opens the most, so that many questions are allowed.
const OPENING: readonly Fact[] = [
  ...['o1', 'o2'].map((person) => fact('report.filed', { incident: '24-1', person })),
  fact('misconduct.alleged', { incident: '24-1' }),
  ...REVIEW_AUTHORISED,
];
const history = fc
  .tuple(fc.constantFrom([], OPENING), fc.array(anyFact, { maxLength: 25 }))
  .map(([first, rest]) => [...START, ...first, ...rest]);

describe.each(regimes())('the basis of a decision under %s', (regime) => {
  const rules = loadRules(regime);

  test('decides the same by itself', { timeout: 120_000 }, () => {
    let allows = 0;
    let left = 0;
    const later = fc.array(anyFact, { maxLength: 8 });
    const questions = fc.array(anyQuestion, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(history, later, questions, (facts, since, all) => {
        for (const question of all) {
          const decision = asked(rules, shelf(facts).known, question);
          if (!decision.allowed) continue;
          allows += 1;
          const found = basis(rules, [...facts, ...since], { question, decision });
          const again = asked(rules, renumbered(found), question);
          expect([again.allowed, again.policies, again.reason]).toEqual([
            true,
            decision.policies,
            decision.reason,
          ]);
          const indices = found.map(({ index }) => index);
          expect(indices).toEqual([...new Set(indices)].toSorted((a, b) => a - b));
          expect(indices.at(-1)).toBeLessThanOrEqual(decision.newestFact);
          left += facts.length - found.length;
        }
      }),
      { numRuns: runs(200) },
    );
    expect(allows).toBeGreaterThan(runs(10));
    expect(left).toBeGreaterThan(allows);
  });

  test('names nobody who has no say in it', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(history, anyQuestion, (facts, question) => {
        const decision = asked(rules, shelf(facts).known, question);
        if (!decision.allowed) return;
        const found = basis(rules, facts, { question, decision });
        const { incidents } = renumbered(found).recording(question.recording);
        const recorder = question.recording === RECORDINGS[0] ? 'o1' : 'o2';
        const givers = found.flatMap(({ fact: one }) => (one.type === 'access.authorised' ? [one.by] : []));
        const classifiers = found.flatMap(({ fact: one }) =>
          one.type === 'force.classified' ? [one.by] : [],
        );
        const known = new Set([question.person, recorder, ...givers, ...classifiers]);
        const named = PEOPLE.filter((person) =>
          found.some(({ fact: one }) => 'person' in one && one.person === person),
        );
        // Where everybody's statement is waited for, everybody who took part has a say.
        const roles: readonly string[] = shelf(facts).known.person(question.person)?.roles ?? [];
        const isEverybodys = [...rules.policies.values()].some(
          ({ id, effect, role, reads }) =>
            reads.has('everyPerceptualStatementRecorded') &&
            (decision.policies.includes(id) ||
              (effect === 'forbid' && (role === undefined || roles.includes(role)))),
        );
        expect(named.filter((person) => !isEverybodys && !known.has(person))).toEqual([]);
        const foreign = found.filter(
          ({ fact: one }) => 'incident' in one && !incidents.includes(one.incident) && !('recording' in one),
        );
        expect(foreign).toEqual([]);
      }),
      { numRuns: runs(100) },
    );
  });
});
