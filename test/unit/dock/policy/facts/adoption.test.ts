import { describe, expect, test } from 'vitest';
import { admit } from '../../../../../dock/policy/facts/admit.ts';
import { OWN_SOURCE, type Fact, type Source } from '../../../../../dock/policy/facts/fact.ts';
import { Knowledge } from '../../../../../dock/policy/facts/knowledge.ts';
import { AT, EARLIER, fact, LATER } from '../story.ts';

const SELF: Source = { name: OWN_SOURCE, may: new Set(['regime.adopted']) };
const RECORDS: Source = { name: 'records', may: new Set(['*', 'regime.adopted']) };

function tell(known: Knowledge, ...facts: readonly Fact[]): void {
  for (const one of facts)
    known.apply({ index: known.newest + 1, source: OWN_SOURCE, receivedAt: AT, fact: one });
}

describe('regime.adopted', () => {
  // Goal: which rules hold is nobody's word but the service's own, not even of a source with every right.
  test('only the service itself says which regime holds', () => {
    const say = (source: Source): void =>
      admit(new Knowledge(), fact('regime.adopted'), {
        source,
        enrolled: { isDock: () => false, checkManifest: () => undefined },
        decided: { mayDestroy: () => false },
      });
    expect(() => say(SELF)).not.toThrow();
    expect(() => say(RECORDS)).toThrow(expect.objectContaining({ code: 'MAY_NOT_ASSERT' }));
  });

  // Goal: all of them are kept, in order, in a draft, after it was absorbed, and not in what it was drawn from before.
  test('adoptions add up, through drafts too', () => {
    const known = new Knowledge();
    tell(known, fact('regime.adopted', { agency: 'PPB', from: EARLIER }));
    const draft = known.draft();
    tell(draft, fact('regime.adopted', { regime: 'city', from: LATER }));
    const policySet = 'd'.repeat(64);
    const first = { agency: 'PPB', regime: 'doj', policySet, fromMs: Date.parse(EARLIER), index: 1 };
    const second = { agency: '', regime: 'city', policySet, fromMs: Date.parse(LATER), index: 2 };
    expect(draft.adoptions()).toEqual([first, second]);
    expect(known.adoptions()).toEqual([first]);
    known.absorb(draft);
    expect(known.adoptions()).toEqual([first, second]);
  });

  // Goal: the agency of a recording follows its officer's newest enrolment.
  test('the newest enrolment says which agency somebody belongs to', () => {
    const known = new Knowledge();
    tell(known, fact('person.enrolled', { org: 'PPB' }));
    expect(known.person('4411')).toEqual({ roles: ['officer'], org: 'PPB' });
    tell(known, fact('person.enrolled'));
    expect(known.person('4411')).toEqual({ roles: ['officer'], org: '' });
  });
});
