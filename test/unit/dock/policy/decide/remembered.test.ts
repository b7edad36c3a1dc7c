import { expect, test } from 'vitest';
import { type Inquiry, remedies } from '../../../../../dock/policy/decide/missing.ts';
import { remediesOnce } from '../../../../../dock/policy/decide/remembered.ts';
import type { Purpose } from '../../../../../dock/policy/facts/fact.ts';
import { Knowledge } from '../../../../../dock/policy/facts/knowledge.ts';
import { AT, city, doj, fact, INCIDENT, NOW_MS, RECORDING } from '../story.ts';

// Goal: what is remembered of what is missing is what would be found now. Method: facts come one by one, and before and after each the
// same questions are asked at two moments, of which an authorisation ends between, and by two sets of rules, in turn and twice.

const HOUR_MS = 3_600_000;
const FACTS = [
  fact('person.enrolled'),
  fact('person.enrolled', { person: 'chief-1', roles: ['chief'] }),
  fact('recording.registered'),
  fact('recording.linked'),
  fact('access.authorised', {
    recording: RECORDING,
    person: '5522',
    by: 'chief-1',
    expiresAt: new Date(NOW_MS + HOUR_MS / 2).toISOString(),
  }),
  fact('force.classified', { incident: INCIDENT }),
  fact('report.filed', { incident: INCIDENT }),
  fact('report.withdrawn', { incident: INCIDENT }),
];

function inquiries(known: Knowledge): readonly Inquiry[] {
  const purposes: readonly Purpose[] = ['write_report', 'oversight'];
  return [doj, city].flatMap((rules) =>
    [NOW_MS, NOW_MS + HOUR_MS].flatMap((nowMs) =>
      ['4411', '5522'].flatMap((person) =>
        purposes.map((purpose) => ({
          ...{ rules, known, nowMs },
          question: { person, purpose, recording: RECORDING, action: 'view' as const },
        })),
      ),
    ),
  );
}

test('what is missing is never that of another fact, moment, question or set of rules', () => {
  const known = new Knowledge();
  const seen = new Set<string>();
  for (const [at, one] of FACTS.entries()) {
    known.apply({ index: at + 1, source: 'records', receivedAt: AT, fact: one });
    const asked = inquiries(known);
    for (const inquiry of [...asked, ...asked.toReversed()]) {
      const found = remedies(inquiry);
      expect(remediesOnce(inquiry)).toEqual(found);
      seen.add(JSON.stringify(found));
    }
  }
  expect(seen.size).toBeGreaterThan(FACTS.length);
});
