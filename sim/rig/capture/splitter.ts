import { concat } from '../../../proto/bytes.ts';
import { Deframer } from '../../../proto/frame.ts';
import { SERIAL_PDU_BYTES_MAX } from '../../../proto/limits.ts';
import { NOISE_BYTES_MAX } from './record.ts';

/** What was found in a byte stream, in its order: a PDU, or a stretch between two zeros that is none. */
export type Found =
  | { readonly kind: 'pdu'; readonly pdu: Uint8Array }
  | { readonly kind: 'noise'; readonly noise: Uint8Array; readonly bytes: number };

const DELIMITER = Uint8Array.of(0);

/**
 * Takes a serial byte stream apart as a receiver does, but keeps what a receiver throws away: the first bytes of every
 * stretch that is no frame, and how long it was. Holds one PDU and NOISE_BYTES_MAX of memory.
 */
export class FrameSplitter {
  readonly #deframer = new Deframer(SERIAL_PDU_BYTES_MAX);
  #start: Uint8Array = new Uint8Array();
  #bytes = 0;

  push(bytes: Uint8Array): readonly Found[] {
    const found: Found[] = [];
    let from = 0;
    while (from < bytes.length) {
      const zero = bytes.indexOf(0, from);
      const end = zero === -1 ? bytes.length : zero;
      this.#take(bytes.subarray(from, end));
      if (zero !== -1) found.push(...this.#finish());
      from = end + 1;
    }
    return found;
  }

  /** What came after the last zero. */
  end(): readonly Found[] {
    return this.#finish();
  }

  #take(stretch: Uint8Array): void {
    if (stretch.length === 0) return;
    this.#deframer.push(stretch);
    this.#bytes += stretch.length;
    const room = NOISE_BYTES_MAX - this.#start.length;
    if (room > 0) this.#start = concat(this.#start, stretch.subarray(0, room));
  }

  #finish(): readonly Found[] {
    const [pdu] = this.#deframer.push(DELIMITER);
    const noise = this.#start;
    const bytes = this.#bytes;
    this.#start = new Uint8Array();
    this.#bytes = 0;
    if (pdu !== undefined) return [{ kind: 'pdu', pdu }];
    return bytes === 0 ? [] : [{ kind: 'noise', noise, bytes }];
  }
}
