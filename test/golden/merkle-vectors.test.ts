import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fromBase64 } from '../../proto/bytes.ts';
import { HASH_BYTES, verifyConsistency, verifyInclusion } from '../../proto/merkle.ts';
import { sha256 } from '../unit/proto/fixture.ts';

// Goal: we believe exactly the proofs that another implementation of RFC 6962 believes, made good or damaged in every way its
// authors thought of. Method: every case of transparency-dev/merkle; where ours must differ, the case is named here with why.

interface Inclusion {
  readonly name: string;
  readonly leafIdx: number;
  readonly treeSize: number;
  readonly leafHash: string;
  readonly root: string;
  readonly proof: readonly string[] | null;
  readonly wantErr: boolean;
}

interface Consistency {
  readonly name: string;
  readonly size1: number;
  readonly size2: number;
  readonly root1: string;
  readonly root2: string;
  readonly proof: readonly string[] | null;
  readonly wantErr: boolean;
}

const path = new URL('./vectors/merkle-rfc6962.json', import.meta.url);
const vectors = JSON.parse(readFileSync(path, 'utf8')) as {
  readonly inclusion: readonly Inclusion[];
  readonly consistency: readonly Consistency[];
};

/**
 * Leaf 2^64-1. JSON.parse rounds it to 2^64, which no number here can count to: the largest is 2^53-1. Ours refuses it for
 * being no count, the authors for being beyond the tree.
 */
const UNCOUNTABLE = ['inclusion/0/leafIdx-sub-@1.json', 'inclusion/1/leafIdx-sub-@1.json'];

/** Two equal "roots" of 12 bytes, for a tree of one leaf. A root that is no SHA-256 is no root to us. */
const DUMMY_ROOT = 'consistency/additional/sizes-are-equal-one-and-proof-is-empty.json';

const hashes = (proof: readonly string[] | null): readonly Uint8Array[] => (proof ?? []).map(fromBase64);

function isIncluded({ leafIdx: index, treeSize: size, leafHash, root, proof }: Inclusion): boolean {
  const claim = { index, size, leafHash: fromBase64(leafHash), root: fromBase64(root) };
  return verifyInclusion(sha256, { ...claim, proof: hashes(proof) });
}

function isConsistent({ size1: oldSize, size2: newSize, root1, root2, proof }: Consistency): boolean {
  const claim = { oldSize, newSize, oldRoot: fromBase64(root1), newRoot: fromBase64(root2) };
  return verifyConsistency(sha256, { ...claim, proof: hashes(proof) });
}

// The copy must be whole, or a half-empty file would pass for success.
test('all 98 and 98 cases are here, most of them lies', () => {
  const { inclusion, consistency } = vectors;
  expect([inclusion.length, consistency.length]).toEqual([98, 98]);
  const good = (cases: readonly { readonly wantErr: boolean }[]): number =>
    cases.filter(({ wantErr }) => !wantErr).length;
  expect([good(inclusion), good(consistency)]).toEqual([6, 6]);
});

describe('inclusion', () => {
  test.each(vectors.inclusion)('$name', (one) => {
    expect(isIncluded(one)).toBe(!one.wantErr);
  });

  test('only a leaf beyond 2^53 cannot be asked about, and is refused', () => {
    const uncountable = vectors.inclusion.filter(
      ({ leafIdx, treeSize }) => !Number.isSafeInteger(leafIdx) || !Number.isSafeInteger(treeSize),
    );
    expect(uncountable.map(({ name }) => name)).toEqual(UNCOUNTABLE);
    for (const one of uncountable) expect(isIncluded(one)).toBe(false);
  });
});

describe('consistency', () => {
  test.each(vectors.consistency)('$name', (one) => {
    expect(isConsistent(one)).toBe(!one.wantErr && one.name !== DUMMY_ROOT);
  });

  // The same statement with roots that are hashes is believed: it is their length alone that we refuse.
  test('two equal roots of one leaf are consistent when they are hashes', () => {
    const dummy = vectors.consistency.find(({ name }) => name === DUMMY_ROOT);
    if (dummy === undefined) throw new Error('the case is missing');
    expect([fromBase64(dummy.root1).length, dummy.root1]).toEqual([12, dummy.root2]);
    const root = Buffer.alloc(HASH_BYTES, 7).toString('base64');
    expect(isConsistent({ ...dummy, root1: root, root2: root })).toBe(true);
  });

  // Every tree begins with the empty one, so a proof of it would prove nothing (the authors call it useless).
  test('an old size of 0 is never proven', () => {
    const fromNothing = vectors.consistency.filter(({ size1 }) => size1 === 0);
    expect(fromNothing).toHaveLength(9);
    for (const one of fromNothing) expect([one.wantErr, isConsistent(one)]).toEqual([true, false]);
  });
});
