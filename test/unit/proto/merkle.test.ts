import { describe, expect, test } from 'vitest';
import { fromHex, toHex, utf8 } from '../../../proto/bytes.ts';
import {
  consistencyProof,
  emptyRoot,
  foldNodes,
  inclusionProof,
  leafHash,
  prefixDigest,
  recordingRoot,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from '../../../proto/merkle.ts';
import { consistencyPath, inclusionPath, subtreeNodes } from '../../../proto/merkle-path.ts';
import { fill, sha256 } from './fixture.ts';

const leaves = Array.from({ length: 300 }, (_, i) => leafHash(sha256, utf8(`leaf ${i}`)));

describe('known values', () => {
  // Three digests that every implementation of RFC 6962 publishes.
  test('empty tree, empty leaf, a leaf', () => {
    expect(toHex(emptyRoot(sha256))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(toHex(rootOf(sha256, []))).toBe(toHex(emptyRoot(sha256)));
    expect(toHex(leafHash(sha256, new Uint8Array()))).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    );
    expect(toHex(leafHash(sha256, utf8('L123456')))).toBe(
      '395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56',
    );
  });
});

describe('proofs', () => {
  // Sizes around powers of two, where the tree changes its shape.
  test.each([1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 255, 256, 257, 300])('inclusion in %i leaves', (size) => {
    const some = leaves.slice(0, size);
    const root = rootOf(sha256, some);
    for (const index of new Set([0, 1, size >> 1, size - 2, size - 1])) {
      if (index < 0 || index >= size) continue;
      const claim = {
        index,
        size,
        leafHash: some[index] ?? fill(32, 0),
        proof: inclusionProof(sha256, some, index),
        root,
      };
      expect(verifyInclusion(sha256, claim)).toBe(true);
      expect(verifyInclusion(sha256, { ...claim, index: (index + 1) % (size + 1) })).toBe(false);
      expect(verifyInclusion(sha256, { ...claim, leafHash: fill(32, 9) })).toBe(false);
      expect(verifyInclusion(sha256, { ...claim, proof: [...claim.proof, fill(32, 1)] })).toBe(false);
      if (size > 1) expect(verifyInclusion(sha256, { ...claim, proof: claim.proof.slice(1) })).toBe(false);
    }
  });

  test('consistency between all sizes up to 33', () => {
    const roots = Array.from({ length: 34 }, (_, size) => rootOf(sha256, leaves.slice(0, size)));
    for (let newSize = 1; newSize <= 33; newSize++) {
      for (let oldSize = 1; oldSize <= newSize; oldSize++) {
        const [oldRoot, newRoot] = [roots[oldSize] ?? fill(32, 0), roots[newSize] ?? fill(32, 0)];
        const proof = consistencyProof(sha256, leaves.slice(0, newSize), oldSize);
        const claim = { oldSize, newSize, oldRoot, newRoot, proof };
        expect(verifyConsistency(sha256, claim)).toBe(true);
        expect(verifyConsistency(sha256, { ...claim, oldRoot: fill(32, 7) })).toBe(false);
        expect(verifyConsistency(sha256, { ...claim, newRoot: fill(32, 7) })).toBe(false);
      }
    }
  });

  // Asking for what cannot be is a mistake of the caller; judging it is not.
  test('impossible indices', () => {
    expect(() => inclusionProof(sha256, leaves, 300)).toThrow(RangeError);
    expect(() => inclusionProof(sha256, leaves, -1)).toThrow(RangeError);
    expect(() => consistencyProof(sha256, leaves, 0)).toThrow(RangeError);
    expect(() => consistencyProof(sha256, leaves, 301)).toThrow(RangeError);
    const claim = { index: -1, size: 1, leafHash: fill(32, 0), proof: [], root: fill(32, 0) };
    expect(verifyInclusion(sha256, claim)).toBe(false);
    expect(verifyInclusion(sha256, { ...claim, index: 0.5 })).toBe(false);
  });
});

describe('paths', () => {
  // A path names subtrees; their perfect parts must fold to the same root as hashing the leaves.
  test('fold to the roots that leaves give', () => {
    for (const range of [...inclusionPath(77, 300), ...consistencyPath(77, 300), { start: 0, end: 300 }]) {
      const parts = subtreeNodes(range).map(({ height, index }) =>
        rootOf(sha256, leaves.slice(index * 2 ** height, (index + 1) * 2 ** height)),
      );
      expect(foldNodes(sha256, parts)).toEqual(rootOf(sha256, leaves.slice(range.start, range.end)));
    }
  });

  // Sizes past 32 bits must not wrap.
  test('hold beyond 32 bits', () => {
    const size = 2 ** 40 + 1;
    expect(inclusionPath(2 ** 40, size)).toEqual([{ start: 0, end: 2 ** 40 }]);
    expect(subtreeNodes({ start: 0, end: size })).toEqual([
      { height: 40, index: 0 },
      { height: 0, index: 2 ** 40 },
    ]);
  });
});

describe('a recording', () => {
  // The two digests that camera and dock compare, spelled out from the definition.
  test('root and prefix digest', () => {
    const digests = [fill(32, 1), fill(32, 2), fill(32, 3)];
    expect(recordingRoot(sha256, digests)).toEqual(
      rootOf(
        sha256,
        digests.map((digest) => sha256(fromHex(`00${toHex(digest)}`))),
      ),
    );
    const manifest = fill(32, 8);
    const spelled = `${toHex(utf8('bwc.v1 prefix\n'))}${toHex(manifest)}${toHex(recordingRoot(sha256, digests))}`;
    expect(prefixDigest(sha256, manifest, digests)).toEqual(sha256(fromHex(spelled)));
  });
});
