import { Mailbox } from './mailbox.ts';

/**
 * Packets that arrived and wait to be read, bounded in count and in bytes. A packet that does not fit is dropped
 * and counted: the conversation above sends again what it misses, and memory stays what it was promised to be.
 */
export class Inbox {
  readonly #mailbox: Mailbox<Uint8Array>;
  readonly #bytesMax: number;
  #bytes = 0;
  #dropped = 0;

  constructor(limits: { readonly packetsMax: number; readonly bytesMax: number }) {
    this.#mailbox = new Mailbox(limits.packetsMax);
    this.#bytesMax = limits.bytesMax;
  }

  /** Packets that found no room. */
  get dropped(): number {
    return this.#dropped;
  }

  post(packet: Uint8Array): boolean {
    if (this.#bytes + packet.length > this.#bytesMax || !this.#mailbox.post(packet)) {
      this.#dropped += 1;
      return false;
    }
    this.#bytes += packet.length;
    return true;
  }

  /** What has arrived can still be read; then the reading ends. */
  close(): void {
    this.#mailbox.close();
  }

  /** Read by one reader. */
  async *packets(): AsyncGenerator<Uint8Array, void, void> {
    for await (const packet of this.#mailbox) {
      this.#bytes -= packet.length;
      yield packet;
    }
  }
}
