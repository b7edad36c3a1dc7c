/**
 * The byte space of one upload: the encoded SignedManifest, then every stored chunk in order.
 * A unit is the manifest (unit 0) or chunk `unit - 1`; durability moves at unit ends only.
 */
export interface Layout {
  readonly manifestBytes: number;
  readonly totalBytes: number;
  readonly unitCount: number;
  /** First offset of the unit; `start(unitCount)` is `totalBytes`. */
  start(unit: number): number;
  /** The unit that holds this offset; `unitCount` for `totalBytes`. */
  unitAt(offset: number): number;
}

/** Layout of a manifest and its chunk table; sizes in bytes, all at least 1. */
export function layoutOf(manifestBytes: number, chunkBytes: readonly number[]): Layout {
  const starts = [0, manifestBytes];
  for (const bytes of chunkBytes) starts.push((starts.at(-1) ?? 0) + bytes);
  return fromStarts(manifestBytes, starts);
}

/** Layout of content whose chunk table cannot be believed: equal blocks, the last one shorter. */
export function blockLayout(manifestBytes: number, contentBytes: number, blockBytes: number): Layout {
  const starts = [0];
  for (let at = manifestBytes; at < manifestBytes + contentBytes; at += blockBytes) starts.push(at);
  starts.push(manifestBytes + contentBytes);
  return fromStarts(manifestBytes, starts);
}

function fromStarts(manifestBytes: number, starts: readonly number[]): Layout {
  const unitCount = starts.length - 1;
  const start = (unit: number): number => {
    const at = starts[unit];
    if (at === undefined) throw new RangeError(`unit ${unit} of ${unitCount}`);
    return at;
  };
  const unitAt = (offset: number): number => {
    let low = 0;
    let high = unitCount;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (start(middle) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  return { manifestBytes, totalBytes: start(unitCount), unitCount, start, unitAt };
}
