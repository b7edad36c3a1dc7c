import type { ByteBudget } from './budget.ts';
import { Mailbox } from './mailbox.ts';

export interface InboxLimits {
  readonly packetsMax: number;
  readonly bytesMax: number;
  /** Shared with other inboxes: what waits in all of them together. */
  readonly budget?: ByteBudget | undefined;
}

/**
 * Packets that arrived and wait to be read, bounded in count and in bytes. A packet that does not fit is dropped
 * and counted: the conversation above sends again what it misses, and memory stays what it was promised to be.
 */
export class Inbox {
  readonly #mailbox: Mailbox<Uint8Array>;
  readonly #bytesMax: number;
  readonly #budget: ByteBudget | undefined;
  #bytes = 0;
  #dropped = 0;

  constructor({ packetsMax, bytesMax, budget }: InboxLimits) {
    this.#mailbox = new Mailbox(packetsMax);
    this.#bytesMax = bytesMax;
    this.#budget = budget;
  }

  /** Packets that found no room. */
  get dropped(): number {
    return this.#dropped;
  }

  post(packet: Uint8Array): boolean {
    if (this.#bytes + packet.length <= this.#bytesMax && this.#take(packet)) return true;
    this.#dropped += 1;
    return false;
  }

  /** What has arrived can still be read; then the reading ends. */
  close(): void {
    this.#mailbox.close();
  }

  /** Read by one reader. One that leaves early leaves nothing behind: no more comes in, and what waited is forgotten. */
  async *packets(): AsyncGenerator<Uint8Array, void, void> {
    try {
      for (;;) {
        const packet = this.#mailbox.take() ?? (await this.#mailbox.next());
        if (packet === undefined) return;
        this.#give(packet);
        yield packet;
      }
    } finally {
      this.#mailbox.close();
      for (const packet of this.#mailbox.clear()) this.#give(packet);
    }
  }

  #take(packet: Uint8Array): boolean {
    if (this.#budget?.take(packet.length) === false) return false;
    if (!this.#mailbox.post(packet)) {
      this.#budget?.give(packet.length);
      return false;
    }
    this.#bytes += packet.length;
    return true;
  }

  #give(packet: Uint8Array): void {
    this.#bytes -= packet.length;
    this.#budget?.give(packet.length);
  }
}
