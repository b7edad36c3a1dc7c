import { describe, expect, test } from 'vitest';
import { concat, toHex, utf8 } from '../../../proto/bytes.ts';
import {
  consistencyProof,
  inclusionProof,
  leafHash,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from '../../../proto/merkle.ts';
import {
  bundlesOf,
  decodeBundle,
  encodeBundle,
  entriesPath,
  proveConsistency,
  proveInclusion,
  rootFromTiles,
  type Tile,
  tilePath,
  tilesOf,
  type TileTree,
} from '../../../proto/tile.ts';
import { fill, sha256 } from './fixture.ts';

/** Rows of hashes, one a tile level, straight from the definition in C2SP tlog-tiles. */
function rowsOf(leaves: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] {
  const rows = [leaves];
  for (let row = leaves; row.length >= 256; rows.push(row)) {
    const below = row;
    row = Array.from({ length: Math.floor(below.length / 256) }, (_, i) =>
      rootOf(sha256, below.slice(i * 256, (i + 1) * 256)),
    );
  }
  return rows;
}

function treeOf(leaves: readonly Uint8Array[], reads: string[] = []): TileTree {
  const rows = rowsOf(leaves);
  return {
    size: leaves.length,
    read: ({ level, index, width }: Tile) => {
      reads.push(tilePath(level, index, width));
      return Promise.resolve(concat(...(rows[level] ?? []).slice(index * 256, index * 256 + width)));
    },
  };
}

const leaves = Array.from({ length: 70_000 }, (_, i) => leafHash(sha256, utf8(String(i))));

describe('paths', () => {
  // The example of the specification, and the ends of each group of digits.
  test.each([
    [0, '000'],
    [999, '999'],
    [1000, 'x001/000'],
    [1_234_067, 'x001/x234/067'],
    [1_000_000_000, 'x001/x000/x000/000'],
  ])('tile %i', (index, path) => {
    expect(tilePath(0, index)).toBe(`tile/0/${path}`);
    expect(tilePath(3, index, 7)).toBe(`tile/3/${path}.p/7`);
    expect(entriesPath(index, 255)).toBe(`tile/entries/${path}.p/255`);
  });

  test('refuse what is no tile', () => {
    expect(() => tilePath(0, -1)).toThrow(RangeError);
    expect(() => tilePath(0, 0, 0)).toThrow(RangeError);
    expect(() => tilePath(0, 0, 257)).toThrow(RangeError);
  });
});

describe('the tiles of a size', () => {
  // The two worked examples of the specification.
  test('70,000 entries', () => {
    const tiles = tilesOf(70_000);
    const level = (wanted: number): readonly Tile[] => tiles.filter((tile) => tile.level === wanted);
    expect(level(0)).toHaveLength(274);
    expect(level(0).at(-1)).toEqual({ level: 0, index: 273, width: 112 });
    expect(level(1)).toEqual([
      { level: 1, index: 0, width: 256 },
      { level: 1, index: 1, width: 17 },
    ]);
    expect(level(2)).toEqual([{ level: 2, index: 0, width: 1 }]);
    expect(bundlesOf(70_000).at(-1)).toEqual({ index: 273, width: 112 });
  });

  test('256 entries, and none', () => {
    expect(tilesOf(256)).toEqual([
      { level: 0, index: 0, width: 256 },
      { level: 1, index: 0, width: 1 },
    ]);
    expect([tilesOf(0), bundlesOf(0)]).toEqual([[], []]);
  });
});

describe('proofs from tiles', () => {
  // They must equal those made from all the leaves, at sizes around tile borders.
  test.each([1, 2, 255, 256, 257, 511, 512, 513])('of %i entries', async (size) => {
    const some = leaves.slice(0, size);
    const tree = treeOf(some);
    expect(await rootFromTiles(tree, sha256)).toEqual(rootOf(sha256, some));
    for (const index of [0, size >> 1, size - 1]) {
      expect(await proveInclusion(index, tree, sha256)).toEqual(inclusionProof(sha256, some, index));
      expect(await proveConsistency(index + 1, tree, sha256)).toEqual(
        consistencyProof(sha256, some, index + 1),
      );
    }
  });

  // Three tile levels: here the proofs are only checked, as making them from leaves takes seconds.
  test('of 65,536 and 70,000 entries', async () => {
    const [old, now] = [treeOf(leaves.slice(0, 65_536)), treeOf(leaves)];
    const [oldRoot, newRoot] = [await rootFromTiles(old, sha256), await rootFromTiles(now, sha256)];
    expect(newRoot).toEqual(rootOf(sha256, leaves));
    const sizes = { oldSize: old.size, newSize: now.size };
    const proof = await proveConsistency(old.size, now, sha256);
    expect(verifyConsistency(sha256, { ...sizes, oldRoot, newRoot, proof })).toBe(true);
    for (const index of [0, 255, 65_535, 65_536, 69_999]) {
      const [leaf = fill(32, 0), path] = [leaves[index], await proveInclusion(index, now, sha256)];
      const claim = { index, size: now.size, leafHash: leaf, proof: path, root: newRoot };
      expect(verifyInclusion(sha256, claim)).toBe(true);
    }
  });

  // One proof touches few files, and only such as a log of this size has.
  test('read few tiles, each once', async () => {
    const reads: string[] = [];
    await proveInclusion(69_999, treeOf(leaves, reads), sha256);
    expect(new Set(reads).size).toBe(reads.length);
    expect(reads.length).toBeLessThanOrEqual(4);
    const published = new Set(
      tilesOf(leaves.length).map(({ level, index, width }) => tilePath(level, index, width)),
    );
    expect(reads.every((path) => published.has(path))).toBe(true);
  });

  test('of an empty log', async () => {
    expect(toHex(await rootFromTiles(treeOf([]), sha256))).toMatch(/^e3b0c442/);
    await expect(proveInclusion(0, treeOf([]), sha256)).rejects.toThrow(RangeError);
  });

  // A torn tile must not become a proof that merely fails elsewhere.
  test('refuse a tile of the wrong length', async () => {
    const tree: TileTree = { size: 3, read: () => Promise.resolve(new Uint8Array(64)) };
    await expect(rootFromTiles(tree, sha256)).rejects.toThrow(expect.objectContaining({ code: 'BAD_PROOF' }));
  });
});

describe('entry bundles', () => {
  const entries = [new Uint8Array(), utf8('entry'), fill(65_535, 7)];

  // Length in two bytes, the larger one first.
  test('round trip', () => {
    expect(decodeBundle(encodeBundle(entries))).toEqual(entries);
    expect(toHex(encodeBundle([utf8('ab'), fill(258, 1)]).subarray(0, 6))).toBe('000261620102');
    expect(decodeBundle(new Uint8Array())).toEqual([]);
  });

  test('refuse what does not fit', () => {
    expect(() => encodeBundle([fill(65_536, 7)])).toThrow(RangeError);
    for (const cut of [1, 2, 6]) {
      const torn = encodeBundle([utf8('entry')]).subarray(0, cut);
      expect(() => decodeBundle(torn)).toThrow(expect.objectContaining({ code: 'BAD_ENTRY' }));
    }
  });
});
