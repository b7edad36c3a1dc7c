const HEAD_BYTES = 8;
const OPENING = ['ftyp', 'moov'];

/** Says where a fragmented MP4 is torn; undefined when it is whole boxes alone, ending in a fragment that has its footage. */
export function looseEnd(film: Uint8Array): string | undefined {
  const view = new DataView(film.buffer, film.byteOffset, film.byteLength);
  const kinds: string[] = [];
  for (let at = 0; at < film.length; ) {
    const bytes = at + HEAD_BYTES <= film.length ? view.getUint32(at) : 0;
    const kind = Buffer.from(film.subarray(at + 4, at + HEAD_BYTES)).toString('latin1');
    if (bytes < HEAD_BYTES || at + bytes > film.length)
      return `its box at byte ${at} of ${film.length} is torn`;
    kinds.push(kind);
    at += bytes;
  }
  if (!OPENING.every((kind, index) => kinds[index] === kind))
    return `it begins with ${kinds.slice(0, 2).join(', ')}`;
  const count = (kind: string): number => kinds.filter((one) => one === kind).length;
  return count('moof') === count('mdat')
    ? undefined
    : `${count('moof')} fragments have ${count('mdat')} pieces of footage`;
}
