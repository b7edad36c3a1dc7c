import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isNarrowed,
  parseFilter,
  SCOPES,
  SORTS,
  STATES,
  withFilter,
  type Filter,
} from '../../../../../dock/viewer/page/filter.ts';

// Goal: a link reproduces the list, whatever was typed into it, and what an address says beside it stays. Method: any filter there and
// back; addresses that somebody typed.

const filters: fc.Arbitrary<Filter> = fc.record({
  scope: fc.option(fc.constantFrom(...SCOPES), { nil: undefined }),
  states: fc.subarray([...STATES]),
  search: fc.string({ unit: 'grapheme' }),
  sort: fc.constantFrom(...SORTS),
});

describe('a filter in an address', () => {
  it('is read back as it was', () => {
    fc.assert(
      fc.property(filters, filters, (filter, other) => {
        const query = withFilter('', filter);
        expect(parseFilter(query)).toEqual(filter);
        // Over whatever filter stood there before, beside what is not the list's.
        const changed = withFilter(withFilter('t=12.5', other), filter);
        expect(parseFilter(changed)).toEqual(filter);
        expect(new URLSearchParams(changed).get('t')).toBe('12.5');
        expect(query).not.toContain('#');
      }),
    );
  });

  it.each<[string, Partial<Filter>]>([
    ['', {}],
    ['status=held,missing', { states: ['held', 'missing'] }],
    ['status=missing,held,held,,nonsense', { states: ['held', 'missing'] }],
    ['scope=mine&sort=waiting', { scope: 'mine', sort: 'waiting' }],
    ['scope=theirs&sort=upwards', {}],
    ['q=4411+cam-1', { search: '4411 cam-1' }],
    ['q=a%', { search: 'a%' }],
    ['&&==', {}],
  ])('understands "%s"', (query, part) => {
    const nothing = { scope: undefined, states: [], search: '', sort: 'newest' };
    expect(parseFilter(query)).toEqual({ ...nothing, ...part });
  });

  it('is empty where nothing is chosen', () => {
    expect(withFilter('', parseFilter(''))).toBe('');
    expect(withFilter('q=x&status=held', parseFilter(''))).toBe('');
  });

  it('narrows by state and by words, not by order', () => {
    expect(
      ['q=x', 'status=held', 'q=+', 'sort=oldest&scope=all', ''].map((query) =>
        isNarrowed(parseFilter(query)),
      ),
    ).toEqual([true, true, false, false, false]);
  });
});
