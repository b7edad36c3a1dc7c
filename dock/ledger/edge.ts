import type { Sha256 } from '../../proto/digest.ts';
import { emptyRoot, foldNodes, leafHash, nodeHash } from '../../proto/merkle.ts';
import { encodeBundle, entriesPath, TILE_WIDTH, tilePath } from '../../proto/tile.ts';
import { concat } from '../../proto/bytes.ts';

/** One file of the log, and the folder of partial versions that it makes superfluous once published. */
export interface TileFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly supersedes?: string;
}

/** What the right edge of a published tree holds: the partial tile of each level, and the partial bundle. */
export interface EdgeState {
  readonly size: number;
  /** `levels[L]` are the hashes of level L's partial tile: `floor(size / 256^L) mod 256` of them. */
  readonly levels: readonly (readonly Uint8Array[])[];
  readonly bundle: readonly Uint8Array[];
}

/**
 * The right edge of the tree: all that is needed to append to it, at most 256 hashes a level however long
 * the log is. Levels and tiles are those of C2SP tlog-tiles: each hash of level L+1 is the root of a full
 * tile of level L.
 */
export class Edge {
  readonly #sha: Sha256;
  readonly #levels: Level[];
  #bundle: Uint8Array[];
  #size: number;
  #full: TileFile[] = [];
  readonly #grown = new Set<number>();

  constructor(sha: Sha256, state: EdgeState = { size: 0, levels: [], bundle: [] }) {
    this.#sha = sha;
    this.#levels = state.levels.map((hashes) => new Level(sha, hashes));
    this.#bundle = [...state.bundle];
    this.#size = state.size;
  }

  get size(): number {
    return this.#size;
  }

  append(entry: Uint8Array): void {
    this.#bundle.push(entry);
    this.#size += 1;
    if (this.#bundle.length === TILE_WIDTH) {
      this.#full.push(this.#bundleFile());
      this.#bundle = [];
    }
    this.#push(0, leafHash(this.#sha, entry));
  }

  /** Root of the whole tree (RFC 6962 section 2.1). */
  root(): Uint8Array {
    // Every node right of the last full tile of a level is made of that level's partial hashes and, last and
    // smaller than one of them, all that lies on the levels below: the split points are the same as if that were a leaf.
    let below: Uint8Array | undefined;
    for (const { nodes } of this.#levels) {
      if (nodes.length === 0) continue;
      below = foldNodes(this.#sha, below === undefined ? nodes : [...nodes, below]);
    }
    return below ?? emptyRoot(this.#sha);
  }

  /** The files that the entries since the last call made necessary: full tiles first, then the partial ones. */
  takeFiles(): readonly TileFile[] {
    const partial = [...this.#grown]
      .filter((level) => this.#level(level).hashes.length > 0)
      .map((level) => this.#tileFile(level));
    if (this.#grown.has(0) && this.#bundle.length > 0) partial.unshift(this.#bundleFile());
    const files = [...this.#full, ...partial];
    this.#full = [];
    this.#grown.clear();
    return files;
  }

  #push(level: number, hash: Uint8Array): void {
    const row = this.#level(level);
    row.push(hash);
    this.#grown.add(level);
    if (row.hashes.length < TILE_WIDTH) return;
    this.#full.push(this.#tileFile(level));
    this.#levels[level] = new Level(this.#sha);
    this.#push(level + 1, foldNodes(this.#sha, row.nodes));
  }

  #level(level: number): Level {
    return (this.#levels[level] ??= new Level(this.#sha));
  }

  #tileFile(level: number): TileFile {
    const { hashes } = this.#level(level);
    const count = Math.floor(this.#size / TILE_WIDTH ** level);
    const index = Math.floor((count - 1) / TILE_WIDTH);
    const path = tilePath(level, index, hashes.length);
    return { path, bytes: concat(...hashes), ...superseded(tilePath(level, index, 1), hashes.length) };
  }

  #bundleFile(): TileFile {
    const width = this.#bundle.length;
    const index = Math.floor((this.#size - 1) / TILE_WIDTH);
    const path = entriesPath(index, width);
    return { path, bytes: encodeBundle(this.#bundle), ...superseded(entriesPath(index, 1), width) };
  }
}

/** The partial tile of one level, and the tree over it as far as it is whole: the root costs a hash a power of two, not one a leaf. */
class Level {
  readonly #sha: Sha256;
  readonly #hashes: Uint8Array[] = [];
  readonly #nodes: Uint8Array[] = [];

  constructor(sha: Sha256, hashes: readonly Uint8Array[] = []) {
    this.#sha = sha;
    for (const hash of hashes) this.push(hash);
  }

  get hashes(): readonly Uint8Array[] {
    return this.#hashes;
  }

  /** Roots of perfect subtrees over all of them, the largest first. */
  get nodes(): readonly Uint8Array[] {
    return this.#nodes;
  }

  push(hash: Uint8Array): void {
    let node = hash;
    // As in counting up by one: each subtree of the same size is joined with the one before it.
    for (let carry = this.#hashes.length; carry % 2 === 1; carry = (carry - 1) / 2)
      node = nodeHash(this.#sha, this.#nodes.pop() ?? node, node);
    this.#nodes.push(node);
    this.#hashes.push(hash);
  }
}

// C2SP lets partial tiles go only once the full one is there; `path` is any partial version of it.
function superseded(path: string, width: number): { supersedes?: string } {
  return width === TILE_WIDTH ? { supersedes: path.slice(0, path.lastIndexOf('/')) } : {};
}
