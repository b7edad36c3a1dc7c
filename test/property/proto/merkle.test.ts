import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat } from '../../../proto/bytes.ts';
import {
  consistencyProof,
  inclusionProof,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from '../../../proto/merkle.ts';
import {
  decodeBundle,
  encodeBundle,
  proveConsistency,
  proveInclusion,
  rootFromTiles,
  type TileTree,
} from '../../../proto/tile.ts';
import { fill, sha256 } from '../../unit/proto/fixture.ts';
import { bytes } from './arbitrary.ts';
import { runs } from '../../runs.ts';

/** RFC 6962 section 2.1 word for word: split at the largest power of two below the size. */
function naiveRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (only === undefined) return sha256(new Uint8Array());
  if (leaves.length === 1) return only;
  const k = split(leaves.length);
  return sha256(concat(Uint8Array.of(1), naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k))));
}

/** RFC 6962 section 2.1.1 word for word. */
function naivePath(index: number, leaves: readonly Uint8Array[]): readonly Uint8Array[] {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return index < k
    ? [...naivePath(index, leaves.slice(0, k)), naiveRoot(leaves.slice(k))]
    : [...naivePath(index - k, leaves.slice(k)), naiveRoot(leaves.slice(0, k))];
}

/** RFC 6962 section 2.1.2 word for word. */
function naiveSubproof(old: number, leaves: readonly Uint8Array[], isWhole: boolean): readonly Uint8Array[] {
  if (old === leaves.length) return isWhole ? [] : [naiveRoot(leaves)];
  const k = split(leaves.length);
  return old <= k
    ? [...naiveSubproof(old, leaves.slice(0, k), isWhole), naiveRoot(leaves.slice(k))]
    : [...naiveSubproof(old - k, leaves.slice(k), false), naiveRoot(leaves.slice(0, k))];
}

const split = (size: number): number => 2 ** Math.ceil(Math.log2(size) - 1);
const leaves = fc.array(bytes(32), { minLength: 1, maxLength: 70 });

describe('a tree', () => {
  // The iterative code against the recursion of the standard, over trees of every small shape.
  test('is that of the naive recursion', () => {
    fc.assert(
      fc.property(leaves, fc.nat(), (hashes, pick) => {
        const index = pick % hashes.length;
        expect(rootOf(sha256, hashes)).toEqual(naiveRoot(hashes));
        expect(inclusionProof(sha256, hashes, index)).toEqual(naivePath(index, hashes));
        expect(consistencyProof(sha256, hashes, index + 1)).toEqual(naiveSubproof(index + 1, hashes, true));
      }),
    );
  });

  // Made proofs hold; with any one hash changed, dropped or doubled they do not.
  test('has proofs that hold, and only those', () => {
    fc.assert(
      fc.property(leaves, fc.nat(), fc.nat(), (hashes, pick, harm) => {
        const [index, size] = [pick % hashes.length, hashes.length];
        const [leaf = fill(32, 0), root] = [hashes[index], rootOf(sha256, hashes)];
        const inclusion = { index, size, leafHash: leaf, root, proof: inclusionProof(sha256, hashes, index) };
        expect(verifyInclusion(sha256, inclusion)).toBe(true);
        const oldRoot = rootOf(sha256, hashes.slice(0, index + 1));
        const proof = consistencyProof(sha256, hashes, index + 1);
        const consistency = { oldSize: index + 1, newSize: size, oldRoot, newRoot: root, proof };
        expect(verifyConsistency(sha256, consistency)).toBe(true);
        for (const wrong of harmed(inclusion.proof, harm)) {
          expect(verifyInclusion(sha256, { ...inclusion, proof: wrong })).toBe(false);
        }
        for (const wrong of harmed(proof, harm)) {
          expect(verifyConsistency(sha256, { ...consistency, proof: wrong })).toBe(false);
        }
      }),
    );
  });
});

/** The same proof with one hash changed, dropped, or doubled. */
function harmed(proof: readonly Uint8Array[], harm: number): readonly (readonly Uint8Array[])[] {
  if (proof.length === 0) return [[fill(32, 1)]];
  const at = harm % proof.length;
  const changed = proof[at]?.map((byte, i) => (i === harm % 32 ? byte ^ 1 : byte)) ?? fill(32, 0);
  const hash = proof[at] ?? fill(32, 0);
  return [proof.with(at, changed), proof.toSpliced(at, 1), proof.toSpliced(at, 0, hash)];
}

describe('tiles', () => {
  // Any size up to a few tiles: what is read back proves the same as the leaves themselves.
  test('prove what the leaves prove', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1100 }), fc.nat(), async (size, pick) => {
        const hashes = Array.from({ length: size }, (_, i) => sha256(Uint8Array.of(i & 0xff, i >> 8)));
        const tree: TileTree = {
          size,
          read: ({ level, index, width }) => {
            const row = level === 0 ? hashes : fullTileRoots(hashes);
            return Promise.resolve(concat(...row.slice(index * 256, index * 256 + width)));
          },
        };
        const index = pick % size;
        expect(await rootFromTiles(tree, sha256)).toEqual(rootOf(sha256, hashes));
        expect(await proveInclusion(index, tree, sha256)).toEqual(inclusionProof(sha256, hashes, index));
        expect(await proveConsistency(index + 1, tree, sha256)).toEqual(
          consistencyProof(sha256, hashes, index + 1),
        );
      }),
      { numRuns: runs(40) },
    );
  });

  test('bundles round trip', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 256 }), (entries) => {
        expect(decodeBundle(encodeBundle(entries))).toEqual(entries);
      }),
      { numRuns: 30 },
    );
  });
});

function fullTileRoots(hashes: readonly Uint8Array[]): readonly Uint8Array[] {
  return Array.from({ length: Math.floor(hashes.length / 256) }, (_, i) =>
    naiveRoot(hashes.slice(i * 256, (i + 1) * 256)),
  );
}
