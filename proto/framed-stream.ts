import { LinkError } from './errors.ts';
import { Deframer, type Dropped, encodeFrame } from './frame.ts';
import { Inbox } from './inbox.ts';
import {
  LINK_INBOX_BYTES_MAX,
  LINK_INBOX_PACKETS_MAX,
  LINK_LANE_PACKETS_MAX,
  SERIAL_FRAMES_IN_PORT_MAX,
  SERIAL_PDU_BYTES_MAX,
} from './limits.ts';
import { type Lane, Outbox } from './outbox.ts';

/**
 * Packets over a byte stream such as a serial line: frames out, control ahead of data and at most two in the port;
 * frames in, checked and bounded. It does no I/O: bytes come by `receive`, and frames leave by the `write` it was given.
 */
export class FramedStream {
  readonly #write: (frame: Uint8Array) => void;
  readonly #outbox = new Outbox<Uint8Array>(LINK_LANE_PACKETS_MAX);
  readonly #inbox = new Inbox({ packetsMax: LINK_INBOX_PACKETS_MAX, bytesMax: LINK_INBOX_BYTES_MAX });
  readonly #deframer = new Deframer(SERIAL_PDU_BYTES_MAX);
  #inPort = 0;
  #received = 0;

  /** Whoever gives `write` calls `written` once for each frame that the port has taken in. */
  constructor(write: (frame: Uint8Array) => void) {
    this.#write = write;
  }

  /** Frames that noise spoiled, and `unread`: packets that found the inbox full. */
  get dropped(): Dropped & { readonly unread: number } {
    return { ...this.#deframer.dropped, unread: this.#inbox.dropped };
  }

  /** Good packets that came in, read or not. */
  get received(): number {
    return this.#received;
  }

  /** Resolves when the port has taken the packet; rejects with LinkError LINK_OVERSIZE, or LINK_GONE once ended. */
  send(pdu: Uint8Array, lane: Lane): Promise<void> {
    if (pdu.length > SERIAL_PDU_BYTES_MAX)
      return Promise.reject(LinkError.oversize(pdu.length, SERIAL_PDU_BYTES_MAX));
    const taken = this.#outbox.put(encodeFrame(pdu), lane);
    this.#fillPort();
    return taken;
  }

  written(): void {
    this.#inPort -= 1;
    this.#fillPort();
  }

  receive(bytes: Uint8Array): void {
    for (const pdu of this.#deframer.push(bytes)) {
      this.#received += 1;
      this.#inbox.post(pdu);
    }
  }

  packets(): AsyncIterable<Uint8Array> {
    return this.#inbox.packets();
  }

  end(reason: LinkError): void {
    this.#outbox.close(reason);
    this.#inbox.close();
  }

  #fillPort(): void {
    while (this.#inPort < SERIAL_FRAMES_IN_PORT_MAX) {
      const next = this.#outbox.take('both');
      if (next === undefined) return;
      this.#inPort += 1;
      this.#write(next.packet);
    }
  }
}
