import { encodeMessage } from './codec.ts';
import { crcHolds, crcOf } from './crc32c.ts';
import { PART_ABOVE_BYTES, PART_BYTES, SERIAL_PDU_BYTES_MAX } from './limits.ts';
import { MESSAGE_TYPE, type Part } from './messages.ts';

// Data has a size of its own that follows the line; a probe measures the line, and in pieces it would not.
const WHOLE_TYPES: ReadonlySet<number> = new Set([
  MESSAGE_TYPE.data,
  MESSAGE_TYPE['link-probe'],
  MESSAGE_TYPE.part,
]);

/**
 * The PDUs that carry this PDU over a serial line: itself, or Parts of it when it is so long that a bad line would
 * hardly ever carry it in one frame.
 */
export function inParts(pdu: Uint8Array): readonly Uint8Array[] {
  if (pdu.length <= PART_ABOVE_BYTES || WHOLE_TYPES.has(pdu[0] ?? 0)) return [pdu];
  const id = crcOf(pdu);
  const parts: Uint8Array[] = [];
  for (let offset = 0; offset < pdu.length; offset += PART_BYTES) {
    const piece = pdu.subarray(offset, offset + PART_BYTES);
    parts.push(encodeMessage({ type: 'part', id, total: pdu.length, offset, piece }));
  }
  return parts;
}

/**
 * Puts a PDU together from its Parts, one PDU at a time, in any order and from any of its repetitions. Holds two
 * PDUs' worth of memory once a Part has come, whatever comes.
 */
export class Reassembly {
  #pdu = new Uint8Array();
  /** 1 for each byte that is there. */
  #present = new Uint8Array();
  #id = 0;
  #total = 0;
  #missing = 0;
  #spoiled = 0;

  /** PDUs whose parts were all there and did not fit together, or that nobody may send in parts. */
  get spoiled(): number {
    return this.#spoiled;
  }

  /** The PDU that this part completes, as a copy that is safe to keep. */
  push({ id, total, offset, piece }: Part): Uint8Array | undefined {
    if (id !== this.#id || total !== this.#total) this.#begin(id, total);
    this.#pdu.set(piece, offset);
    for (let at = offset; at < offset + piece.length; at++) {
      if (this.#present[at] === 0) this.#missing -= 1;
      this.#present[at] = 1;
    }
    if (this.#missing > 0) return undefined;
    const pdu = this.#pdu.slice(0, total);
    this.#total = 0;
    // Parts in parts would let a short message make work without end.
    if (crcHolds(pdu) && crcOf(pdu) === id && pdu[0] !== MESSAGE_TYPE.part) return pdu;
    this.#spoiled += 1;
    return undefined;
  }

  #begin(id: number, total: number): void {
    if (this.#pdu.length === 0) {
      this.#pdu = new Uint8Array(SERIAL_PDU_BYTES_MAX);
      this.#present = new Uint8Array(SERIAL_PDU_BYTES_MAX);
    }
    this.#present.fill(0, 0, total);
    this.#id = id;
    this.#total = total;
    this.#missing = total;
  }
}
