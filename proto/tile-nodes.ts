import { equal } from './bytes.ts';
import type { Sha256 } from './digest.ts';
import { HASH_BYTES, nodeHash } from './merkle.ts';

/** Rows of hashes, leaves first: `rows[h][i]` is over the tile's hashes `i * 2^h .. (i + 1) * 2^h`. */
type Rows = readonly Uint8Array[][];

interface Kept {
  readonly bytes: Uint8Array;
  readonly rows: Rows;
}

// 16 KiB each when full. Proofs are asked for at the edge of a log, a tile or two a level.
const TILES_MAX = 16;
const ROWS = 9;

/**
 * The trees within the tiles that were read last. A proof needs a node over up to 256 hashes of a tile, and the next one the same
 * again or with a few more to the right: each is hashed once. What is kept counts only for bytes that begin with the same bytes.
 */
export class TileNodes {
  readonly #kept = new Map<string, Kept>();
  readonly #sha: Sha256;

  constructor(sha: Sha256) {
    this.#sha = sha;
  }

  /** Root of the perfect subtree over hashes `index * 2^height ..` of a tile with these bytes, which hold them all; height 0 to 8. */
  node(
    name: string,
    bytes: Uint8Array,
    { height, index }: { readonly height: number; readonly index: number },
  ): Uint8Array | undefined {
    return this.#rowsOf(name, bytes)[height]?.[index];
  }

  #rowsOf(name: string, bytes: Uint8Array): Rows {
    const before = this.#kept.get(name);
    if (before !== undefined) {
      const common = Math.min(before.bytes.length, bytes.length);
      if (equal(before.bytes.subarray(0, common), bytes.subarray(0, common))) {
        if (bytes.length <= before.bytes.length) return before.rows;
        return this.#keep(name, bytes, before.rows);
      }
    }
    return this.#keep(
      name,
      bytes,
      Array.from({ length: ROWS }, () => []),
    );
  }

  #keep(name: string, read: Uint8Array, rows: Rows): Rows {
    // A copy, since it is looked at again when whoever read it may have written over it.
    const bytes = new Uint8Array(read);
    grow(rows, bytes, this.#sha);
    this.#kept.delete(name);
    this.#kept.set(name, { bytes, rows });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > TILES_MAX && oldest !== undefined) this.#kept.delete(oldest);
    return rows;
  }
}

function grow(rows: Rows, bytes: Uint8Array, sha: Sha256): void {
  const [leaves = []] = rows;
  for (let at = leaves.length * HASH_BYTES; at < bytes.length; at += HASH_BYTES)
    // A copy of its own: a view would keep all that was read with it, at every width the tile ever had.
    leaves.push(bytes.slice(at, at + HASH_BYTES));
  for (const [height, row] of rows.entries()) {
    const above = rows[height + 1] ?? [];
    for (let at = above.length * 2; at + 1 < row.length; at += 2) {
      const [left, right] = [row[at], row[at + 1]];
      if (left !== undefined && right !== undefined) above.push(nodeHash(sha, left, right));
    }
  }
}
