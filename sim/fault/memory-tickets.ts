import type { KeptTicket, Tickets } from '../../device/ports.ts';
import { equal } from '../../proto/bytes.ts';

/** Stand-in for the tickets in a camera's flash; it survives what a test calls a crash because the test keeps the object. */
export class MemoryTickets implements Tickets {
  readonly #kept = new Map<string, KeptTicket>();
  #newest: KeptTicket | undefined;

  kept(dockId: string): KeptTicket | undefined {
    return this.#kept.get(dockId);
  }

  keep(ticket: KeptTicket): Promise<void> {
    const known = this.#kept.get(ticket.dockId);
    if (known === undefined || known.size !== ticket.size || !equal(known.root, ticket.root)) {
      this.#kept.set(ticket.dockId, ticket);
      this.#newest = ticket;
    }
    return Promise.resolve();
  }

  newest(): KeptTicket | undefined {
    return this.#newest;
  }
}
