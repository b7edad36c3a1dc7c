import { HASH_BYTES } from '../../proto/merkle.ts';
import { proveConsistency, proveInclusion, type Tile, TILE_WIDTH } from '../../proto/tile.ts';
import { TileNodes } from '../../proto/tile-nodes.ts';
import { formatTlogProof } from '../../proto/tlog-proof.ts';
import { nodeChecker } from './checker.ts';
import { LedgerError } from './errors.ts';
import type { Files } from './files.ts';
import { type Published, readBundle, readTile } from './published.ts';

const nodesByLog = new WeakMap<Files, TileNodes>();

/** C2SP tlog-proof of one entry against this checkpoint, from the published tiles. Throws LedgerError LEDGER_INDEX. */
export async function proveEntry(files: Files, published: Published, index: number): Promise<string> {
  const { size, note } = published;
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) throw outside(index, size);
  const tree = { size, read: (tile: Tile) => readTile(files, tile), nodes: nodesOf(files) };
  const hashes = await proveInclusion(index, tree, nodeChecker.sha256);
  return formatTlogProof({ index, hashes, checkpoint: note });
}

/** RFC 6962 proof between two sizes, from published tiles; none from an empty tree. Throws LedgerError LEDGER_INDEX. */
export async function proveGrowth(
  files: Files,
  published: Pick<Published, 'size'>,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<readonly Uint8Array[]> {
  if (!Number.isSafeInteger(to) || to < 0 || to > published.size) throw outside(to, published.size);
  if (!Number.isSafeInteger(from) || from < 0 || from > to) throw outside(from, to);
  if (from === 0 || from === to) return [];
  // A tile of the tree of `to` may never have been published at that width; it begins the one that was.
  const read = async (tile: Tile): Promise<Uint8Array> => {
    const hashes = Math.floor(published.size / TILE_WIDTH ** tile.level) - tile.index * TILE_WIDTH;
    const wide = await readTile(files, { ...tile, width: Math.min(TILE_WIDTH, hashes) });
    return wide.subarray(0, tile.width * HASH_BYTES);
  };
  return proveConsistency(from, { size: to, read, nodes: nodesOf(files) }, nodeChecker.sha256);
}

/** Entries `start..end`, from the published bundles. Throws LedgerError LEDGER_INDEX. */
export async function readEntries(
  files: Files,
  published: Published,
  { start, end }: { readonly start: number; readonly end: number },
): Promise<readonly Uint8Array[]> {
  const { size } = published;
  if (!Number.isSafeInteger(start) || start < 0 || start > end) throw outside(start, size);
  if (!Number.isSafeInteger(end) || end > size) throw outside(end, size);
  const entries: Uint8Array[] = [];
  for (let at = Math.floor(start / TILE_WIDTH) * TILE_WIDTH; at < end; at += TILE_WIDTH) {
    const bundle = await readBundle(files, at / TILE_WIDTH, Math.min(TILE_WIDTH, size - at));
    entries.push(...bundle.slice(Math.max(0, start - at), end - at));
  }
  return entries;
}

function nodesOf(files: Files): TileNodes {
  const known = nodesByLog.get(files);
  if (known !== undefined) return known;
  const nodes = new TileNodes(nodeChecker.sha256);
  nodesByLog.set(files, nodes);
  return nodes;
}

function outside(index: number, size: number): LedgerError {
  const message = `ledger: ${index} is not in a log of ${size} entries`;
  return new LedgerError('LEDGER_INDEX', message, { retry: 'never', facts: { index, size } });
}
