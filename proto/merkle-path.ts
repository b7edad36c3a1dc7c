/** Leaves `start..end` of a tree, end not included. */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

/** The root of the perfect subtree over leaves `index * 2^height .. (index + 1) * 2^height`. */
export interface TreeNode {
  readonly height: number;
  readonly index: number;
}

/**
 * The subtrees whose roots prove leaf `index` in a tree of `size` leaves, the leaf's sibling first
 * (RFC 6962 section 2.1.1). Throws a RangeError unless `0 <= index < size`.
 */
export function inclusionPath(index: number, size: number): readonly LeafRange[] {
  checkSize(index, 'index');
  checkSize(size, 'size');
  if (index >= size) throw new RangeError(`leaf ${index} in a tree of ${size}`);
  const path: LeafRange[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      path.push({ start: middle, end });
      end = middle;
    } else {
      path.push({ start, end: middle });
      start = middle;
    }
  }
  return path.toReversed();
}

/**
 * The subtrees whose roots prove that the tree of `newSize` leaves begins with that of `oldSize`
 * (RFC 6962 section 2.1.2). Throws a RangeError unless `1 <= oldSize <= newSize`.
 */
export function consistencyPath(oldSize: number, newSize: number): readonly LeafRange[] {
  checkSize(oldSize, 'old size');
  checkSize(newSize, 'new size');
  if (oldSize < 1 || oldSize > newSize) throw new RangeError(`from ${oldSize} to ${newSize} leaves`);
  const path: LeafRange[] = [];
  let [start, end] = [0, newSize];
  while (end !== oldSize) {
    const middle = start + splitPoint(end - start);
    if (oldSize <= middle) {
      path.push({ start: middle, end });
      end = middle;
    } else {
      path.push({ start, end: middle });
      start = middle;
    }
  }
  // From the far left the verifier already has this subtree: it is the whole old tree.
  if (start > 0) path.push({ start, end });
  return path.toReversed();
}

/**
 * The perfect subtrees, left to right, that make up a subtree named by one of the paths above (or a whole
 * tree). `foldNodes` puts their roots together.
 */
export function subtreeNodes(range: LeafRange): readonly TreeNode[] {
  const nodes: TreeNode[] = [];
  let { start } = range;
  while (start < range.end) {
    let [height, width] = [0, 1];
    while (width * 2 <= range.end - start) {
      height += 1;
      width *= 2;
    }
    nodes.push({ height, index: start / width });
    start += width;
  }
  return nodes;
}

/** Largest power of two below `count`, which is at least 2. Shifts would end at 32 bits. */
function splitPoint(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

function checkSize(value: number, name: string): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name} is ${value}`);
}
