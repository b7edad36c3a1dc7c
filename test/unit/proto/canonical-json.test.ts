import { expect, test } from 'vitest';
import { utf8 } from '../../../proto/bytes.ts';
import { canonicalJson, parseCanonical } from '../../../proto/canonical-json.ts';

const parse = (json: string): unknown => parseCanonical(utf8(json), (problem) => new Error(problem));

test.each([
  ['members in order', '{"a":1,"b":{"c":[{"d":null,"e":"é"}]}}'],
  ['no members', '{}'],
  // JSON.parse lists numbers first and by size; sorted as text, 10 comes before 9.
  ['a name that is a number', '{"10":true,"9":false}'],
  ['a name that objects have anyway', '{"__proto__":{"a":1},"constructor":2}'],
])('reads the one spelling: %s', (_, json) => {
  expect(canonicalJson(parse(json))).toBe(json);
});

test.each([
  ['members out of order', '{"b":1,"a":2}'],
  ['members of a member out of order', '{"a":{"c":1,"b":2}}'],
  ['members in a list out of order', '{"a":[1,{"c":1,"b":2}]}'],
  ['numbers by size', '{"9":false,"10":true}'],
  ['a member twice', '{"a":1,"a":2}'],
  ['white space', '{"a": 1}'],
  ['another spelling of a number', '{"a":1.0}'],
  ['another spelling of a character', '{"a":"\\u0041"}'],
])('refuses another spelling: %s', (_, json) => {
  expect(() => parse(json)).toThrow('is not in canonical form');
});

test('makes no JSON of a member that should have been left out', () => {
  expect(() => void JSON.parse(canonicalJson({ a: 1, b: undefined }))).toThrow(SyntaxError);
});
