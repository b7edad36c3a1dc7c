import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson } from '../../../proto/canonical-json.ts';

// Goal: a value has one spelling, whatever order its members were put in. Method: against a spelling made member by member, for values whose
// keys are in order, in any order, and numbers, which JavaScript puts in an order of its own.

function spelled(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spelled).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = new Map(Object.entries(value));
  const keys = [...members.keys()].sort((a, b) => (a < b ? -1 : 1));
  return `{${keys.map((key) => `${JSON.stringify(key)}:${spelled(members.get(key))}`).join(',')}}`;
}

function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, member]) => [key, turned(member)])
      .toReversed(),
  );
}

const values = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.dictionary(
    fc.oneof(
      fc.integer({ min: 0, max: 120 }).map(String),
      fc.constantFrom('', 'a', 'aa', 'B', 'é', '😀', '\uffff'),
    ),
    fc.oneof(fc.integer(), fc.dictionary(fc.constantFrom('b', 'a', '10', '9'), fc.boolean())),
  ),
);

it('spells a value in one way', () => {
  fc.assert(
    fc.property(values, (value) => {
      expect(canonicalJson(value)).toBe(spelled(value));
      expect(canonicalJson(turned(value))).toBe(spelled(value));
      const read: unknown = JSON.parse(canonicalJson(value));
      expect(canonicalJson(read)).toBe(canonicalJson(value));
    }),
    { numRuns: 500 },
  );
});
