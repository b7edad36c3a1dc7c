import { decodePdu } from '../../proto/codec.ts';
import { PduError } from '../../proto/errors.ts';
import { SERIAL_PDU_BYTES_MAX } from '../../proto/limits.ts';
import type { Seen } from '../world/town.ts';

export interface WireCounts {
  /** PDUs by name, both directions together. */
  readonly messages: Readonly<Record<string, number>>;
  readonly dataFrames: number;
  /** Payload bytes of Data that had been sent before. */
  readonly repeatedBytes: number;
  /** Mean payload of a Data, bytes. */
  readonly meanFragmentBytes: number;
}

/** Counts what both ends say, before the line does anything to it. */
export class MessageCount {
  readonly #messages = new Map<string, number>();
  #dataBytes = 0;
  #repeatedBytes = 0;
  #dataFrames = 0;
  #newestOffset = 0;

  add({ what, pdu }: Seen): void {
    if (what === 'heard') return;
    const message = decodePdu(pdu, SERIAL_PDU_BYTES_MAX);
    if (message instanceof PduError) return;
    this.#messages.set(message.type, (this.#messages.get(message.type) ?? 0) + 1);
    if (message.type !== 'data') return;
    const end = message.offset + message.payload.length;
    this.#dataFrames += 1;
    this.#dataBytes += message.payload.length;
    this.#repeatedBytes += Math.min(message.payload.length, Math.max(0, this.#newestOffset - message.offset));
    this.#newestOffset = Math.max(this.#newestOffset, end);
  }

  get counts(): WireCounts {
    return {
      messages: Object.fromEntries(this.#messages),
      dataFrames: this.#dataFrames,
      repeatedBytes: this.#repeatedBytes,
      meanFragmentBytes: Math.round(this.#dataBytes / Math.max(1, this.#dataFrames)),
    };
  }
}
