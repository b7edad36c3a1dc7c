/** One box of an ISO base media file (ISO 14496-12): where it lies and what it says it is. */
export interface Box {
  /** Four characters, e.g. `moof`. */
  readonly type: string;
  /** Offset of the box's first byte. */
  readonly start: number;
  /** Length of its size and type fields: 8, or 16 when the size needs 64 bits. */
  readonly headerBytes: number;
  /** Offset of the byte after it. */
  readonly end: number;
}

/** Most bytes that a box header takes. */
export const BOX_HEADER_BYTES_MAX = 16;

/**
 * Reads the header at the start of `bytes`, which lie at `start` of a space that ends at `limit`. Undefined when
 * no box that ends within the limit can start there.
 */
export function readBox(bytes: Uint8Array, start: number, limit: number): Box | undefined {
  if (bytes.length < 8) return undefined;
  const view = viewOf(bytes);
  const type = String.fromCharCode(...bytes.subarray(4, 8));
  const short = view.getUint32(0);
  // 0 means "to the end of the file", 1 "the size follows in 64 bits".
  if (short === 1 && bytes.length < BOX_HEADER_BYTES_MAX) return undefined;
  const headerBytes = short === 1 ? BOX_HEADER_BYTES_MAX : 8;
  const size = sizeOf(view, short, limit - start);
  const fits = size >= headerBytes && start + size <= limit && /^[\x20-\x7e]{4}$/.test(type);
  return fits ? { type, start, headerBytes, end: start + size } : undefined;
}

/** The boxes inside `bytes[start..end]`, up to the first that is not one. */
export function childrenOf(bytes: Uint8Array, start: number, end: number): readonly Box[] {
  const boxes: Box[] = [];
  for (let at = start; at < end; ) {
    const box = readBox(bytes.subarray(at, Math.min(at + BOX_HEADER_BYTES_MAX, end)), at, end);
    if (!box) return boxes;
    boxes.push(box);
    at = box.end;
  }
  return boxes;
}

/** Ticks a second of each track, by track id, from the bytes of a `moov` box. */
export function timescalesOf(moov: Uint8Array): ReadonlyMap<number, number> {
  const scales = new Map<number, number>();
  for (const trak of find(moov, 'trak')) {
    const [tkhd] = find(trak, 'tkhd');
    const [mdhd] = find(trak, 'mdia').flatMap((mdia) => find(mdia, 'mdhd'));
    if (!tkhd || !mdhd) continue;
    // Version 1 has two 64-bit times where version 0 has two of 32 bits.
    const id = numberAt(tkhd, tkhd[8] === 1 ? 28 : 20);
    const scale = numberAt(mdhd, mdhd[8] === 1 ? 28 : 20);
    if (id !== undefined && scale !== undefined && scale > 0) scales.set(id, scale);
  }
  return scales;
}

/** When the earliest track of a `moof` box starts, in milliseconds of media time; undefined when it does not say. */
export function startOf(moof: Uint8Array, timescales: ReadonlyMap<number, number>): number | undefined {
  const starts = find(moof, 'traf').flatMap((traf) => {
    const [tfhd] = find(traf, 'tfhd');
    const [tfdt] = find(traf, 'tfdt');
    const scale = timescales.get((tfhd && numberAt(tfhd, 12)) ?? 0);
    if (!tfdt || scale === undefined) return [];
    const high = tfdt[8] === 1 ? numberAt(tfdt, 12) : 0;
    const low = numberAt(tfdt, tfdt[8] === 1 ? 16 : 12);
    return high === undefined || low === undefined ? [] : [((high * 2 ** 32 + low) * 1000) / scale];
  });
  return starts.length === 0 ? undefined : Math.round(Math.min(...starts));
}

/** The whole bytes of each child box of that type; `parent` starts with its own header. */
function find(parent: Uint8Array, type: string): readonly Uint8Array[] {
  const own = readBox(parent, 0, parent.length);
  if (!own) return [];
  return childrenOf(parent, own.headerBytes, own.end)
    .filter((box) => box.type === type)
    .map((box) => parent.subarray(box.start, box.end));
}

function sizeOf(view: DataView, short: number, rest: number): number {
  if (short === 0) return rest;
  return short === 1 ? Number(view.getBigUint64(8)) : short;
}

function numberAt(bytes: Uint8Array, offset: number): number | undefined {
  return offset + 4 <= bytes.length ? viewOf(bytes).getUint32(offset) : undefined;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
