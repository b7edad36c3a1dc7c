import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nodeChecker } from '../../../dock/ledger/checker.ts';
import { concat, toHex } from '../../../proto/bytes.ts';
import { rootOf } from '../../../proto/merkle.ts';
import { TileNodes } from '../../../proto/tile-nodes.ts';

// Goal: what is kept of a tile is never taken for that of another one. Method: a tile is asked about again and again while it grows, is read
// at an older width, and has a hash changed; each node is compared with the root over its own hashes.

const { sha256 } = nodeChecker;
const HASHES = Array.from({ length: 256 }, (_, at) => sha256(Uint8Array.of(at)));
const OTHERS = Array.from({ length: 256 }, (_, at) => sha256(Uint8Array.of(at, 1)));

const looks = fc.array(
  fc.record({
    name: fc.constantFrom('tile/0/000', 'tile/0/001', 'tile/1/000'),
    width: fc.integer({ min: 1, max: 256 }),
    changed: fc.option(fc.integer({ min: 0, max: 255 }), { nil: undefined }),
  }),
  { maxLength: 12 },
);

it('gives the nodes of the bytes that it is shown', () => {
  fc.assert(
    fc.property(looks, (all) => {
      const nodes = new TileNodes(sha256);
      for (const { name, width, changed } of all) {
        const hashes = HASHES.map((hash, at) => (at === changed ? (OTHERS[at] ?? hash) : hash)).slice(
          0,
          width,
        );
        const bytes = concat(...hashes);
        for (let height = 0; height <= 8; height++) {
          const index = Math.floor(width / 2 ** height) - 1;
          if (index < 0) continue;
          const under = hashes.slice(index * 2 ** height, (index + 1) * 2 ** height);
          expect(toHex(nodes.node(name, bytes, { height, index }) ?? bytes)).toBe(
            toHex(rootOf(sha256, under)),
          );
        }
        bytes.fill(0);
      }
    }),
    { numRuns: 60 },
  );
});

// Goal: a tile that grows by one hash at a time is kept once, not once for each time. Method: nobody holds more memory than one hash.
it('keeps no earlier state of a tile by one of its hashes', () => {
  const nodes = new TileNodes(sha256);
  for (const width of [1, 2, 3])
    nodes.node('tile/0/000', concat(...HASHES.slice(0, width)), { height: 0, index: 0 });
  const all = concat(...HASHES.slice(0, 3));
  for (const index of [0, 1, 2]) {
    const leaf = nodes.node('tile/0/000', all, { height: 0, index });
    expect(leaf?.buffer.byteLength).toBe(32);
  }
});

it('has no node over more than it was shown', () => {
  const nodes = new TileNodes(sha256);
  expect(nodes.node('tile/0/000', concat(...HASHES.slice(0, 7)), { height: 2, index: 1 })).toBe(undefined);
});
