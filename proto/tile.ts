import type { Sha256 } from './digest.ts';
import { ProofError } from './errors.ts';
import { LEDGER_ENTRY_BYTES_MAX } from './limits.ts';
import { foldNodes, HASH_BYTES, rootOf } from './merkle.ts';
import {
  consistencyPath,
  inclusionPath,
  type LeafRange,
  subtreeNodes,
  type TreeNode,
} from './merkle-path.ts';
import { TileNodes } from './tile-nodes.ts';

/** Hashes in a full tile, entries in a full bundle (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;
/** A tile spans this many levels of the tree. */
const TILE_HEIGHT = 8;
const LENGTH_BYTES = 2;

/** One file of hashes. `width` is how many it holds; below {@link TILE_WIDTH} the tile is partial. */
export interface Tile {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

/** One file of entries; `width` as in {@link Tile}. */
export interface Bundle {
  readonly index: number;
  readonly width: number;
}

/** Where a tile lies: `tile/<L>/<N>[.p/<W>]`. */
export function tilePath(level: number, index: number, width: number = TILE_WIDTH): string {
  return `tile/${level}/${indexPath(index, width)}`;
}

/** Where a bundle lies: `tile/entries/<N>[.p/<W>]`. */
export function entriesPath(index: number, width: number = TILE_WIDTH): string {
  return `tile/entries/${indexPath(index, width)}`;
}

/** Every tile that a log of this size publishes, level by level; partial ones last in their level. */
export function tilesOf(size: number): readonly Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0; hashesAt(level, size) > 0; level++) {
    for (const bundle of runs(hashesAt(level, size))) tiles.push({ level, ...bundle });
  }
  return tiles;
}

/** Every bundle that a log of this size publishes. */
export function bundlesOf(size: number): readonly Bundle[] {
  return runs(size);
}

/** A bundle's bytes: every entry behind its 16-bit big-endian length. Throws a RangeError for a longer entry. */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(entries.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0));
  let at = 0;
  for (const entry of entries) {
    const { length } = entry;
    if (length > LEDGER_ENTRY_BYTES_MAX) throw new RangeError(`entry of ${length} bytes`);
    bytes[at] = length >> 8;
    bytes[at + 1] = length & 0xff;
    bytes.set(entry, at + LENGTH_BYTES);
    at += LENGTH_BYTES + length;
  }
  return bytes;
}

/** Inverse of {@link encodeBundle}; the entries are views. Throws ProofError BAD_ENTRY when it is cut short. */
export function decodeBundle(bytes: Uint8Array): readonly Uint8Array[] {
  const entries: Uint8Array[] = [];
  const lengths = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const start = at + LENGTH_BYTES;
    const end = start <= bytes.length ? start + lengths.getUint16(at) : Number.POSITIVE_INFINITY;
    if (end > bytes.length)
      throw new ProofError('BAD_ENTRY', `bundle is cut short at byte ${at}`, { retry: 'never' });
    entries.push(bytes.subarray(start, end));
    at = end;
  }
  return entries;
}

/** Reads one tile of a published log; its bytes are `width * 32`. */
export type ReadTile = (tile: Tile) => Promise<Uint8Array>;

/** A log to read: how many entries its tree has, and its tiles. */
export interface TileTree {
  readonly size: number;
  readonly read: ReadTile;
  /** What is remembered from proof to proof, by whoever asks for many. */
  readonly nodes?: TileNodes;
}

/** The root of the whole tree, from its tiles. Rejects with ProofError BAD_PROOF for a tile of the wrong length. */
export async function rootFromTiles(tree: TileTree, sha: Sha256): Promise<Uint8Array> {
  if (tree.size === 0) return rootOf(sha, []);
  const [root] = await rootsOf([{ start: 0, end: tree.size }], tree, sha);
  return root ?? rootOf(sha, []);
}

/** As `inclusionProof`, from tiles: each is read once. Rejects with a RangeError, or ProofError BAD_PROOF. */
export async function proveInclusion(
  index: number,
  tree: TileTree,
  sha: Sha256,
): Promise<readonly Uint8Array[]> {
  return rootsOf(inclusionPath(index, tree.size), tree, sha);
}

/** As `consistencyProof`, from tiles. Rejects with a RangeError, or ProofError BAD_PROOF. */
export async function proveConsistency(
  oldSize: number,
  tree: TileTree,
  sha: Sha256,
): Promise<readonly Uint8Array[]> {
  return rootsOf(consistencyPath(oldSize, tree.size), tree, sha);
}

async function rootsOf(
  ranges: readonly LeafRange[],
  tree: TileTree,
  sha: Sha256,
): Promise<readonly Uint8Array[]> {
  const tiles = new Map<string, Promise<Uint8Array>>();
  const readOnce = (tile: Tile): Promise<Uint8Array> => {
    const path = tilePath(tile.level, tile.index, tile.width);
    const reading = tiles.get(path) ?? tree.read(tile);
    tiles.set(path, reading);
    return reading;
  };
  const { nodes = new TileNodes(sha) } = tree;
  const nodeOf = async (node: TreeNode): Promise<Uint8Array> => {
    const tile = tileOf(node, tree.size);
    return nodeIn(await readOnce(tile), tile, { node, nodes });
  };
  return Promise.all(
    ranges.map(async (range) => foldNodes(sha, await Promise.all(subtreeNodes(range).map(nodeOf)))),
  );
}

/** The tile whose hashes make up a node, in a log of this size. */
function tileOf(node: TreeNode, size: number): Tile {
  const level = Math.floor(node.height / TILE_HEIGHT);
  const index = Math.floor(firstHash(node) / TILE_WIDTH);
  return { level, index, width: Math.min(TILE_WIDTH, hashesAt(level, size) - index * TILE_WIDTH) };
}

function nodeIn(
  bytes: Uint8Array,
  tile: Tile,
  { node, nodes }: { node: TreeNode; nodes: TileNodes },
): Uint8Array {
  const path = tilePath(tile.level, tile.index, tile.width);
  const height = node.height % TILE_HEIGHT;
  const index = (firstHash(node) - tile.index * TILE_WIDTH) / 2 ** height;
  const found =
    bytes.length === tile.width * HASH_BYTES
      ? nodes.node(tilePath(tile.level, tile.index), bytes, { height, index })
      : undefined;
  if (found !== undefined) return found;
  throw new ProofError('BAD_PROOF', `${path} has ${bytes.length} bytes`, { retry: 'never', facts: { path } });
}

/** Number, within its tile level, of the first hash under a node. */
function firstHash(node: TreeNode): number {
  return node.index * 2 ** (node.height % TILE_HEIGHT);
}

/** How many hashes level `level` has in a log of this size: each stands for 256^level entries. */
function hashesAt(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}

function runs(count: number): readonly Bundle[] {
  return Array.from({ length: Math.ceil(count / TILE_WIDTH) }, (_, index) => ({
    index,
    width: Math.min(TILE_WIDTH, count - index * TILE_WIDTH),
  }));
}

/** Three digits a folder, `x` before all but the last, so that no file name is a folder's: 1234067 is x001/x234/067. */
function indexPath(index: number, width: number): string {
  if (!Number.isSafeInteger(index) || index < 0) throw new RangeError(`tile ${index}`);
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH)
    throw new RangeError(`tile of width ${width}`);
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? [];
  const last = groups.length - 1;
  const path = groups.map((group, i) => (i < last ? `x${group}` : group)).join('/');
  return width === TILE_WIDTH ? path : `${path}.p/${width}`;
}
