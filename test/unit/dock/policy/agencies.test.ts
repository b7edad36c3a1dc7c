import { describe, expect, test } from 'vitest';
import { unusedLines } from '../../../../dock/policy/agencies.ts';
import { doj, fact, LATER, Story } from './story.ts';

// Goal: a mistyped agency in the regimes file is told, since its people would be under other rules unseen. Method: lines for agencies
// that somebody is of, that nobody is of, and that were taken back.
describe('a line of rules', () => {
  const adopted = (agency: string, regime = 'city', from = LATER) =>
    fact('regime.adopted', { agency, regime, from }, `${agency} ${regime} ${from}`);
  const story = (): Story => new Story(doj).take(adopted('', 'doj'));

  test('for an agency that nobody is of is told, with those that there are', () => {
    const { known } = story()
      .tell('person.enrolled', { person: '4411', org: 'PPB' })
      .tell('person.enrolled', { person: '5522', org: 'OSP' })
      .tell('person.enrolled', { person: '6633' })
      .take(adopted('PPB'))
      .take(adopted('ppb'))
      .take(adopted('ppb', 'ppa', '2030-01-01T00:00:00Z'));
    expect(unusedLines(known)).toEqual([
      'the rules for "ppb" apply to nothing: nobody who is enrolled is of that agency. There are: OSP, PPB',
    ]);
  });

  test('is told while nobody is of any, and no more once somebody is', () => {
    const told = story().tell('person.enrolled', { person: '4411', org: 'PPB' }).take(adopted('PPB'));
    expect(unusedLines(told.known)).toEqual([]);
    told.tell('person.enrolled', { person: '4411' });
    expect(unusedLines(told.known)).toEqual([
      'the rules for "PPB" apply to nothing: nobody who is enrolled is of that agency. There are none yet',
    ]);
  });

  test('that was taken back, or is for everybody, is not', () => {
    const { known } = story().take(adopted('PBB')).take(adopted('PBB', ''));
    expect(unusedLines(known)).toEqual([]);
  });
});
