import { describe, expect, test } from 'vitest';
import { text, toHex, utf8 } from '../../proto/bytes.ts';
import { ProofError } from '../../proto/errors.ts';
import { leafHash } from '../../proto/merkle.ts';
import {
  decodePolicyEntry,
  encodePolicyEntry,
  POLICY_ENTRY_FIELDS,
  type PolicyEntry,
} from '../../proto/policy-entry.ts';
import { sha256 } from '../unit/proto/fixture.ts';
import { readVector } from './vector.ts';

// Goal: the entries of a policy service's own ledger are the bytes we promised, and nothing else is read as one. Method: bytes that another
// program made (Python's json and hashlib), to meaning and back; then each with one thing wrong.

interface PolicyEntryVector {
  readonly text: string;
  readonly leafHash: string;
  readonly entry: PolicyEntry;
}
const vectors = readVector('policy-entries').entries as readonly PolicyEntryVector[];
const [released] = vectors.filter(({ entry }) => entry.type === 'keys.released');
const shown = vectors.find(({ entry }) => entry.type === 'decision.shown')?.text ?? '';

const isBad = (json: string): boolean => {
  try {
    decodePolicyEntry(utf8(json));
    return false;
  } catch (error) {
    return error instanceof ProofError && error.code === 'BAD_ENTRY';
  }
};
const changed = (changes: object): string => {
  const members = { ...(JSON.parse(released?.text ?? '') as object), ...changes };
  return JSON.stringify(Object.fromEntries(Object.entries(members).toSorted(([a], [b]) => (a < b ? -1 : 1))));
};

describe('entries of a policy service', () => {
  test('of all types have a vector', () => {
    const types = new Set(vectors.map(({ entry }) => entry.type));
    expect([...types].toSorted()).toEqual(Object.keys(POLICY_ENTRY_FIELDS).toSorted());
  });

  test.each(vectors)('$entry.type', ({ entry, text: json, leafHash: leaf }) => {
    expect(text(encodePolicyEntry(entry))).toBe(json);
    expect(decodePolicyEntry(utf8(json))).toEqual(entry);
    expect(toHex(leafHash(sha256, utf8(json)))).toBe(leaf);
  });

  test('of a type that is not known are kept, and not acted on', () => {
    const json = '{"at":"2026-11-21T08:00:00.000000Z","by":"x","type":"audited","v":1}';
    expect(decodePolicyEntry(utf8(json))).toMatchObject({
      ...{ type: 'unknown', named: 'audited', fields: { by: 'x' } },
    });
  });

  test.each([
    ['white space', (released?.text ?? '').replace(',', ', ')],
    ['a repeated member', (released?.text ?? '').replace('{', '{"at":"2026-11-21T08:00:03.000000Z",')],
    ['no JSON', '{'],
    ['no object', '[]'],
    ['another version', changed({ v: 2 })],
    ['no type', changed({ type: 7 })],
    ['a time with milliseconds', changed({ at: '2026-11-21T08:00:03.000Z' })],
    ['an empty range', changed({ chunks: [3, 3] })],
    ['a range of three', changed({ chunks: [0, 1, 2] })],
    ['a negative chunk', changed({ chunks: [-1, 2] })],
    ['a name for a pseudonym', changed({ person: '4411' })],
    ['a place past its tree', changed({ dockLedger: { index: 9, root: 'a'.repeat(64), size: 9 } })],
    ['no place', changed({ dockLedger: null })],
    ['a decision that is no digest', changed({ decision: 'x' })],
    ['a recording that is none', changed({ recording: 'x' })],
    [
      'a name for a pseudonym of whom a decision was shown to',
      shown.replace(/"person":"\w+"/, '"person":"4411"'),
    ],
    ['a decision shown that none is named of', shown.replace(/"decision":"\w+",/, '')],
    ['a fact before the first', (vectors[1]?.text ?? '').replace('"fact":12', '"fact":0')],
    ['a run that ends before it begins', (vectors[2]?.text ?? '').replace('"from":1', '"from":6')],
  ])('with %s are refused', (_what, json) => {
    expect(isBad(json)).toBe(true);
    expect(isBad(released?.text ?? '')).toBe(false);
  });
});
