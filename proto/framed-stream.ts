import type { ByteBudget } from './budget.ts';
import { decodePdu } from './codec.ts';
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
import { MESSAGE_TYPE } from './messages.ts';
import { type Lane, Outbox } from './outbox.ts';
import { inParts, Reassembly } from './parts.ts';

export interface FramedStreamOptions {
  /** Shared with other links: what waits in all of their inboxes together. */
  readonly budget?: ByteBudget | undefined;
  /** Is shown every good packet, Parts as well, before the reader; true keeps it from the reader. */
  readonly see?: (pdu: Uint8Array) => boolean;
}

/**
 * Packets over a byte stream such as a serial line: frames out, control ahead of data and at most two in the port;
 * frames in, checked and bounded. Long control packets travel in Parts, which nobody above sees. It does no I/O: bytes
 * come by `receive`, and frames leave by the `write` it was given.
 */
export class FramedStream {
  readonly #write: (frame: Uint8Array) => void;
  readonly #see: (pdu: Uint8Array) => boolean;
  readonly #outbox = new Outbox<Uint8Array>(LINK_LANE_PACKETS_MAX);
  /** About the line itself; goes out while the lanes are held. */
  readonly #urgent = new Outbox<Uint8Array>(LINK_LANE_PACKETS_MAX);
  readonly #inbox: Inbox;
  readonly #deframer = new Deframer(SERIAL_PDU_BYTES_MAX);
  readonly #reassembly = new Reassembly();
  #inPort = 0;
  #isHeld = false;
  #received = 0;

  /** Whoever gives `write` calls `written` once for each frame that the port has taken in. */
  constructor(write: (frame: Uint8Array) => void, options: FramedStreamOptions = {}) {
    this.#write = write;
    this.#inbox = new Inbox({
      packetsMax: LINK_INBOX_PACKETS_MAX,
      bytesMax: LINK_INBOX_BYTES_MAX,
      budget: options.budget,
    });
    this.#see = options.see ?? ((): boolean => false);
  }

  /** Frames that noise spoiled, `parts`: that did not fit together, and `unread`: packets that found the inbox full. */
  get dropped(): Dropped & { readonly parts: number; readonly unread: number } {
    return {
      ...this.#deframer.dropped,
      parts: this.#reassembly.spoiled,
      unread: this.#inbox.dropped,
    };
  }

  /** Good frames that came in, read or not. */
  get received(): number {
    return this.#received;
  }

  /** Resolves when the port has taken the packet, all of its parts; rejects with LinkError LINK_OVERSIZE, or LINK_GONE once ended. */
  send(pdu: Uint8Array, lane: Lane): Promise<void> {
    if (pdu.length > SERIAL_PDU_BYTES_MAX)
      return Promise.reject(LinkError.oversize(pdu.length, SERIAL_PDU_BYTES_MAX));
    const packets = lane === 'control' ? inParts(pdu) : [pdu];
    const taken = this.#outbox.putTogether(packets.map(encodeFrame), lane);
    this.#fillPort();
    return taken;
  }

  /** Sends a short packet about the line itself, ahead of both lanes and also while they are held; otherwise as `send`. */
  sendUrgent(pdu: Uint8Array): Promise<void> {
    const taken = this.#urgent.put(encodeFrame(pdu), 'control');
    this.#fillPort();
    return taken;
  }

  /** Held, the lanes keep what they have: nothing may be in the port while its rate changes. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#fillPort();
  }

  written(): void {
    this.#inPort -= 1;
    this.#fillPort();
  }

  receive(bytes: Uint8Array): void {
    for (const pdu of this.#deframer.push(bytes)) {
      this.#received += 1;
      this.#take(pdu);
    }
  }

  packets(): AsyncIterable<Uint8Array> {
    return this.#inbox.packets();
  }

  end(reason: LinkError): void {
    this.#urgent.close(reason);
    this.#outbox.close(reason);
    this.#inbox.close();
  }

  #take(pdu: Uint8Array): void {
    if (this.#see(pdu)) return;
    const part = pdu[0] === MESSAGE_TYPE.part ? decodePdu(pdu, SERIAL_PDU_BYTES_MAX) : undefined;
    if (part === undefined || !('type' in part) || part.type !== 'part') {
      // Also a Part that is out of its range: the reader answers whatever is no valid message.
      this.#inbox.post(pdu);
      return;
    }
    const whole = this.#reassembly.push(part);
    if (whole !== undefined && !this.#see(whole)) this.#inbox.post(whole);
  }

  #fillPort(): void {
    while (this.#inPort < SERIAL_FRAMES_IN_PORT_MAX) {
      const next = this.#urgent.take('control') ?? (this.#isHeld ? undefined : this.#outbox.take('both'));
      if (next === undefined) return;
      this.#inPort += 1;
      this.#write(next.packet);
    }
  }
}
