import { encodeMessage } from '../../../proto/codec.ts';
import { CRC_BYTES, crc32c } from '../../../proto/crc32c.ts';
import { PART_ABOVE_BYTES, PART_BYTES } from '../../../proto/limits.ts';
import { MESSAGE_TYPE, type Part } from '../../../proto/messages.ts';

/** Section 4: what a sender cuts on a serial line. Probes try the line as one frame each. */
export function goesInParts(pdu: Uint8Array): boolean {
  const [type] = pdu;
  return pdu.length > PART_ABOVE_BYTES && type !== MESSAGE_TYPE.data && type !== MESSAGE_TYPE['link-probe'];
}

/** The Part PDUs of one PDU, in order; `pieceBytes` of it in each. */
export function cutInParts(pdu: Uint8Array, pieceBytes = PART_BYTES): readonly Uint8Array[] {
  const id = crcIn(pdu);
  const parts: Uint8Array[] = [];
  for (let offset = 0; offset < pdu.length; offset += pieceBytes) {
    const piece = pdu.subarray(offset, offset + pieceBytes);
    parts.push(encodeMessage({ type: 'part', id, total: pdu.length, offset, piece }));
  }
  return parts;
}

/** Collects one PDU from its Parts, written apart from the product's own so that a mistake there shows here. */
export class PartCollector {
  #id = 0;
  #bytes = new Uint8Array();
  #have = new Uint8Array();

  /** The PDU that this Part completes. */
  take({ id, total, offset, piece }: Part): Uint8Array | undefined {
    if (id !== this.#id || total !== this.#bytes.length) {
      this.#id = id;
      this.#bytes = new Uint8Array(total);
      this.#have = new Uint8Array(total);
    }
    this.#bytes.set(piece, offset);
    this.#have.fill(1, offset, offset + piece.length);
    if (this.#have.includes(0)) return undefined;
    const pdu = this.#bytes;
    if (crcIn(pdu) !== id || crc32c(pdu.subarray(0, -CRC_BYTES)) !== id) return undefined;
    this.#id = 0;
    this.#bytes = new Uint8Array();
    return pdu;
  }
}

/** The CRC that a PDU ends in, which is the name of its parts. */
function crcIn(pdu: Uint8Array): number {
  const { buffer, byteOffset, byteLength } = pdu;
  return new DataView(buffer, byteOffset, byteLength).getUint32(byteLength - CRC_BYTES, true);
}
