import type { Sha256 } from './digest.ts';
import { emptyRoot, foldNodes, leafHash, nodeHash } from './merkle.ts';

/**
 * Root of a recording whose chunks come one after the other: what `recordingRoot` gives for the same digests, at two
 * hashes a chunk on average. Holds one hash for each power of two in the count, sixteen for the longest recording.
 */
export class GrowingRoot {
  readonly #sha: Sha256;
  /** Roots of perfect subtrees, the largest first. */
  readonly #nodes: Uint8Array[] = [];
  #size = 0;

  constructor(sha: Sha256) {
    this.#sha = sha;
  }

  get size(): number {
    return this.#size;
  }

  /** Takes the next chunk by the SHA-256 of its stored bytes. */
  add(digest: Uint8Array): void {
    let node = leafHash(this.#sha, digest);
    // As in counting up by one: each subtree of the same size is joined with the one before it.
    for (let carry = this.#size; carry % 2 === 1; carry = (carry - 1) / 2) {
      node = nodeHash(this.#sha, this.#nodes.pop() ?? node, node);
    }
    this.#nodes.push(node);
    this.#size += 1;
  }

  root(): Uint8Array {
    return this.#size === 0 ? emptyRoot(this.#sha) : foldNodes(this.#sha, this.#nodes);
  }
}
