import { crcHolds } from './crc32c.ts';

const DELIMITER = 0;
/** A COBS code byte covers at most this many bytes that are not zero. */
const BLOCK_BYTES_MAX = 254;

/**
 * One PDU for a serial line: `00 COBS(PDU) 00` (Cheshire and Baker, 1999). The zero in front costs a byte
 * and makes noise between frames harmless: it ends up in a frame of its own, which fails its CRC.
 */
export function encodeFrame(pdu: Uint8Array): Uint8Array {
  const frame = new Uint8Array(pdu.length + Math.floor(pdu.length / BLOCK_BYTES_MAX) + 3);
  let [start, out] = [0, 1];
  for (;;) {
    const end = blockEnd(pdu, start);
    const blockBytes = end - start;
    frame[out] = blockBytes + 1;
    // Zeros in a row make empty blocks; a call for each would be most of the work.
    if (blockBytes > 0) frame.set(pdu.subarray(start, end), out + 1);
    out += blockBytes + 1;
    if (end === pdu.length) return frame.subarray(0, out + 1);
    // The code of a block stands for the zero that ended it; that of a full block stands for none.
    start = blockBytes === BLOCK_BYTES_MAX ? end : end + 1;
  }
}

/** Where the block from `start` ends: at a zero, when it is full, or with the PDU. */
function blockEnd(pdu: Uint8Array, start: number): number {
  const stop = Math.min(pdu.length, start + BLOCK_BYTES_MAX);
  let end = start;
  while (end < stop && pdu[end] !== DELIMITER) end += 1;
  return end;
}

/** How many frames were thrown away, by cause. */
export interface Dropped {
  /** More bytes than the PDU limit. */
  readonly oversize: number;
  /** Ended in the middle of a block. */
  readonly cobs: number;
  /** Unstuffed, but the CRC does not hold, or too short to have one. */
  readonly crc: number;
  /** Nothing between two delimiters: one for every pair of frames that follow each other, so no sign of trouble. */
  readonly empty: number;
}

/**
 * Finds PDUs in a serial byte stream, however it is cut. Yields only PDUs whose CRC holds, so noise costs
 * frames and never invents one. Holds one PDU's worth of memory whatever arrives, and looks at each byte once.
 */
export class Deframer {
  readonly #pdu: Uint8Array;
  readonly #dropped = { oversize: 0, cobs: 0, crc: 0, empty: 0 };
  /** Bytes of the current frame unstuffed so far. */
  #length = 0;
  /** Bytes still to come in the current block; 0 means that a code byte is next. */
  #left = 0;
  /** The finished block stands for a zero, written only when another block follows. */
  #zeroDue = false;
  /** Anything at all since the last delimiter. */
  #started = false;
  /** Throwing away everything until the next delimiter. */
  #skipping = false;

  /** `pduBytesMax`: larger frames are dropped. */
  constructor(pduBytesMax: number) {
    this.#pdu = new Uint8Array(pduBytesMax);
  }

  get dropped(): Dropped {
    return { ...this.#dropped };
  }

  /** The PDUs that these bytes complete, as copies that are safe to keep. */
  push(bytes: Uint8Array): readonly Uint8Array[] {
    const pdus: Uint8Array[] = [];
    let from = 0;
    while (from < bytes.length) {
      const found = bytes.indexOf(DELIMITER, from);
      const end = found === -1 ? bytes.length : found;
      if (end > from) this.#unstuff(bytes, from, end);
      if (found !== -1) {
        const pdu = this.#finish();
        if (pdu !== undefined) pdus.push(pdu);
      }
      from = end + 1;
    }
    return pdus;
  }

  /** Takes `from..end`, in which no byte is zero. */
  #unstuff(bytes: Uint8Array, from: number, end: number): void {
    this.#started = true;
    for (let i = from; i < end && !this.#skipping; ) {
      if (this.#left === 0) {
        this.#beginBlock(bytes[i] ?? 0);
        i += 1;
        continue;
      }
      const count = Math.min(this.#left, end - i);
      if (this.#length + count > this.#pdu.length) {
        this.#skipping = true;
        return;
      }
      this.#pdu.set(bytes.subarray(i, i + count), this.#length);
      this.#length += count;
      this.#left -= count;
      i += count;
    }
  }

  #beginBlock(code: number): void {
    if (this.#zeroDue) {
      if (this.#length === this.#pdu.length) this.#skipping = true;
      else this.#pdu[this.#length++] = 0;
    }
    this.#left = code - 1;
    this.#zeroDue = this.#left < BLOCK_BYTES_MAX;
  }

  #finish(): Uint8Array | undefined {
    const pdu = this.#judge();
    this.#length = 0;
    this.#left = 0;
    this.#zeroDue = false;
    this.#started = false;
    this.#skipping = false;
    return pdu;
  }

  #judge(): Uint8Array | undefined {
    if (!this.#started) this.#dropped.empty += 1;
    else if (this.#skipping) this.#dropped.oversize += 1;
    else if (this.#left > 0) this.#dropped.cobs += 1;
    else {
      const pdu = this.#pdu.subarray(0, this.#length);
      if (crcHolds(pdu)) return pdu.slice();
      this.#dropped.crc += 1;
    }
    return undefined;
  }
}
