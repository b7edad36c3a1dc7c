import { concat, equal, utf8 } from './bytes.ts';
import type { Sha256 } from './digest.ts';
import { consistencyPath, inclusionPath, type LeafRange } from './merkle-path.ts';

export const HASH_BYTES = 32;
// RFC 6962 section 2.1: leaves and nodes are hashed apart, so that a node can never pass for a leaf.
const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);
const PREFIX_DOMAIN = utf8('bwc.v1 prefix\n');

/** Hash of one leaf's data (RFC 6962 section 2.1). */
export function leafHash(sha: Sha256, data: Uint8Array): Uint8Array {
  return sha(concat(LEAF_PREFIX, data));
}

/** Hash of two subtrees, left one first (RFC 6962 section 2.1). */
export function nodeHash(sha: Sha256, left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha(concat(NODE_PREFIX, left, right));
}

/** Root of a tree without leaves. */
export function emptyRoot(sha: Sha256): Uint8Array {
  return sha(new Uint8Array());
}

/** Root over these leaf hashes in order; one hash a node, no recursion. `sha` must not keep what it is given. */
export function rootOf(sha: Sha256, leafHashes: readonly Uint8Array[]): Uint8Array {
  let row = leafHashes;
  // One for all nodes: in large trees making it takes as long as hashing it.
  const node = new Uint8Array(NODE_PREFIX.length + 2 * HASH_BYTES);
  node.set(NODE_PREFIX);
  while (row.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < row.length; i += 2) {
      const [left, right] = [row[i], row[i + 1]];
      // A node without a sibling moves up as it is: that is where RFC 6962 splits, largest power of two first.
      if (left === undefined || right === undefined) {
        if (left !== undefined) above.push(left);
        continue;
      }
      node.set(left, NODE_PREFIX.length);
      node.set(right, NODE_PREFIX.length + HASH_BYTES);
      above.push(sha(node));
    }
    row = above;
  }
  return row[0] ?? emptyRoot(sha);
}

/** Root of one recording: the leaf data of each chunk is the 32-byte SHA-256 of its stored bytes. */
export function recordingRoot(sha: Sha256, chunkDigests: readonly Uint8Array[]): Uint8Array {
  return rootOf(
    sha,
    chunkDigests.map((digest) => leafHash(sha, digest)),
  );
}

/**
 * What both sides compare before they resume an upload: SHA-256 of `"bwc.v1 prefix\n" | manifestSha256 | root
 * of the durable chunks`. `chunkDigests` are those of the durable chunks only, none at first.
 */
export function prefixDigest(
  sha: Sha256,
  manifestSha256: Uint8Array,
  chunkDigests: readonly Uint8Array[],
): Uint8Array {
  return sha(concat(PREFIX_DOMAIN, manifestSha256, recordingRoot(sha, chunkDigests)));
}

/** Joins the roots of perfect subtrees, left to right, into the root of the subtree they make up. At least one. */
export function foldNodes(sha: Sha256, hashes: readonly Uint8Array[]): Uint8Array {
  return hashes.reduceRight((right, left) => nodeHash(sha, left, right));
}

/** Proof that leaf `index` is in the tree over these leaf hashes, the leaf's sibling first. Throws a RangeError. */
export function inclusionProof(
  sha: Sha256,
  leafHashes: readonly Uint8Array[],
  index: number,
): readonly Uint8Array[] {
  return inclusionPath(index, leafHashes.length).map((range) => rangeRoot(sha, leafHashes, range));
}

/** Proof that the tree over these leaf hashes begins with the tree of its first `oldSize`. Throws a RangeError. */
export function consistencyProof(
  sha: Sha256,
  leafHashes: readonly Uint8Array[],
  oldSize: number,
): readonly Uint8Array[] {
  return consistencyPath(oldSize, leafHashes.length).map((range) => rangeRoot(sha, leafHashes, range));
}

/** A claim that leaf `index` of `size` has this hash, with its proof and the root it should lead to. */
export interface InclusionClaim {
  readonly index: number;
  readonly size: number;
  readonly leafHash: Uint8Array;
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
}

/** RFC 9162 section 2.1.3.2. Never throws. */
export function verifyInclusion(sha: Sha256, claim: InclusionClaim): boolean {
  const { index, size, proof, root } = claim;
  if (!isCount(index) || !isCount(size) || index >= size) return false;
  if (![claim.leafHash, root, ...proof].every(isHash)) return false;
  let [place, last] = [index, size - 1];
  let hash = claim.leafHash;
  for (const step of proof) {
    if (last === 0) return false;
    if (isOdd(place) || place === last) {
      hash = nodeHash(sha, step, hash);
      // Past the rows in which this node had no sibling and moved up as it was.
      while (!isOdd(place) && place !== 0) [place, last] = [half(place), half(last)];
    } else {
      hash = nodeHash(sha, hash, step);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && equal(hash, root);
}

/** A claim that the tree of `newSize` leaves begins with that of `oldSize`. */
export interface ConsistencyClaim {
  readonly oldSize: number;
  readonly newSize: number;
  readonly oldRoot: Uint8Array;
  readonly newRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/**
 * RFC 9162 section 2.1.4.2. Never throws. An old size of 0 is refused: every tree begins with the empty one,
 * so a "yes" would only look like a proof.
 */
export function verifyConsistency(sha: Sha256, claim: ConsistencyClaim): boolean {
  const { oldSize, newSize, oldRoot, newRoot, proof } = claim;
  if (!isCount(oldSize) || !isCount(newSize) || oldSize < 1 || oldSize > newSize) return false;
  if (![oldRoot, newRoot, ...proof].every(isHash)) return false;
  if (oldSize === newSize) return proof.length === 0 && equal(oldRoot, newRoot);
  let [place, last] = [oldSize - 1, newSize - 1];
  while (isOdd(place)) [place, last] = [half(place), half(last)];
  // When the old tree is one perfect subtree, its root is where the walk starts, and the proof leaves it out.
  const [first, ...steps] = place === 0 ? [oldRoot, ...proof] : proof;
  if (first === undefined) return false;
  const walked = walkConsistency(sha, steps, { first, place, last });
  return walked !== undefined && equal(walked.oldHash, oldRoot) && equal(walked.newHash, newRoot);
}

interface Walk {
  readonly first: Uint8Array;
  readonly place: number;
  readonly last: number;
}

function walkConsistency(
  sha: Sha256,
  steps: readonly Uint8Array[],
  walk: Walk,
): { readonly oldHash: Uint8Array; readonly newHash: Uint8Array } | undefined {
  let { place, last } = walk;
  let [oldHash, newHash] = [walk.first, walk.first];
  for (const step of steps) {
    if (last === 0) return undefined;
    if (isOdd(place) || place === last) {
      oldHash = nodeHash(sha, step, oldHash);
      newHash = nodeHash(sha, step, newHash);
      while (!isOdd(place) && place !== 0) [place, last] = [half(place), half(last)];
    } else {
      newHash = nodeHash(sha, newHash, step);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 ? { oldHash, newHash } : undefined;
}

function rangeRoot(sha: Sha256, leafHashes: readonly Uint8Array[], range: LeafRange): Uint8Array {
  return rootOf(sha, leafHashes.slice(range.start, range.end));
}

const isHash = (bytes: Uint8Array): boolean => bytes.length === HASH_BYTES;
const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
const isOdd = (value: number): boolean => value % 2 === 1;
const half = (value: number): number => Math.floor(value / 2);
