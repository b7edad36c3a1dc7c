import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { equal } from '../../../proto/bytes.ts';
import { HASH_BYTES, leafHash, rootOf } from '../../../proto/merkle.ts';
import {
  type Bundle,
  decodeBundle,
  entriesPath,
  type Tile,
  TILE_WIDTH,
  tilePath,
} from '../../../proto/tile.ts';
import { nodeChecker } from '../checker.ts';
import { codeOf } from '../errors.ts';

/** Hashes of one tile side by side, 32 bytes each; the reader of a large log keeps two of these for each tile. */
export type Block = Uint8Array;

const { sha256 } = nodeChecker;

export const hashCount = (block: Block): number => Math.floor(block.length / HASH_BYTES);

export const hashAt = (block: Block, at: number): Uint8Array =>
  block.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);

/** How many of a tree's `size` hashes stand in block `index` of their level. */
export const widthOf = (size: number, index: number): number =>
  Math.max(0, Math.min(TILE_WIDTH, size - index * TILE_WIDTH));

/** The tree above a row of blocks: their own level first. */
export interface Levels {
  readonly blocks: readonly (readonly Block[])[];
  readonly root: Uint8Array;
}

/**
 * Builds every level of tiles and the root from the leaf hashes. All blocks but the last are full. On each level
 * the hashes right of the last full tile, followed by the root of all that lies right of them on lower levels,
 * split as RFC 6962 wants, because that rest is smaller than any one of them.
 */
export function levelsOf(leaves: readonly Block[]): Levels {
  const blocks: (readonly Block[])[] = [];
  let rest: Uint8Array | undefined;
  for (let row = leaves; row.length > 0; row = pack(row.filter(isFull).map(rootOfBlock))) {
    blocks.push(row);
    const last = row.at(-1);
    if (last !== undefined && !isFull(last)) rest = rootOf(sha256, hashes(last, rest));
  }
  return { blocks, root: rest ?? rootOf(sha256, []) };
}

/** Root of the smaller tree that begins with the same leaves; `size` is at most that of the whole. */
export function rootOfFirst({ blocks }: Levels, size: number): Uint8Array {
  let rest: Uint8Array | undefined;
  // Whole blocks of one level are single hashes of the next, and those are the same in the larger tree.
  for (let [level, count] = [0, size]; count > 0; level += 1, count = Math.floor(count / TILE_WIDTH)) {
    const row = blocks[level]?.[Math.floor(count / TILE_WIDTH)];
    const width = count % TILE_WIDTH;
    if (row !== undefined && width > 0)
      rest = rootOf(sha256, hashes(row.subarray(0, width * HASH_BYTES), rest));
  }
  return rest ?? rootOf(sha256, []);
}

const rootOfBlock = (block: Block): Uint8Array => rootOf(sha256, hashes(block));

function isFull(block: Block): boolean {
  return hashCount(block) === TILE_WIDTH;
}

/** Position of the first hash that differs within the shorter of the two; undefined when there is none. */
export function firstDifference(a: Block, b: Block): number | undefined {
  const count = Math.min(hashCount(a), hashCount(b));
  for (let at = 0; at < count; at++) if (!equal(hashAt(a, at), hashAt(b, at))) return at;
  return undefined;
}

/** The leaf hashes of an entry bundle's bytes; undefined when they are no bundle. */
export function leavesOf(bundle: Uint8Array): Block | undefined {
  const entries = entriesOf(bundle);
  return entries && joined(entries.map((entry) => leafHash(sha256, entry)));
}

export function entriesOf(bundle: Uint8Array): readonly Uint8Array[] | undefined {
  try {
    return decodeBundle(bundle);
  } catch {
    return undefined;
  }
}

/** A file of the log; `width` is how many hashes or entries a file of this name must hold. */
export interface LogFile {
  readonly path: string;
  readonly width: number;
  readonly bytes: Uint8Array | undefined;
}

/** Reads a tile. Once the full one is there the partial one may be gone; the full one then stands in for it. */
export async function readTileFile(dir: string, { level, index, width }: Tile): Promise<LogFile> {
  return readEither(dir, width, (wide) => tilePath(level, index, wide));
}

/** Reads an entry bundle; otherwise as {@link readTileFile}. */
export async function readBundleFile(dir: string, { index, width }: Bundle): Promise<LogFile> {
  return readEither(dir, width, (wide) => entriesPath(index, wide));
}

/** The file's bytes; undefined when there is no such file. */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(codeOf(cause))) return undefined;
    throw cause;
  }
}

async function readEither(dir: string, width: number, pathOf: (width: number) => string): Promise<LogFile> {
  const path = pathOf(width);
  const bytes = await readIfThere(join(dir, path));
  if (bytes !== undefined || width === TILE_WIDTH) return { path, width, bytes };
  const whole = await readIfThere(join(dir, pathOf(TILE_WIDTH)));
  if (whole === undefined) return { path, width, bytes };
  return { path: pathOf(TILE_WIDTH), width: TILE_WIDTH, bytes: whole };
}

function hashes(block: Block, ...more: readonly (Uint8Array | undefined)[]): Uint8Array[] {
  const all = Array.from({ length: hashCount(block) }, (_, at) => hashAt(block, at));
  return [...all, ...more.filter((hash) => hash !== undefined)];
}

function joined(all: readonly Uint8Array[]): Block {
  const block = new Uint8Array(all.length * HASH_BYTES);
  all.forEach((hash, at) => block.set(hash, at * HASH_BYTES));
  return block;
}

function pack(all: readonly Uint8Array[]): readonly Block[] {
  const count = Math.ceil(all.length / TILE_WIDTH);
  return Array.from({ length: count }, (_, at) => joined(all.slice(at * TILE_WIDTH, (at + 1) * TILE_WIDTH)));
}
