import type { KeptTicket } from '../../device/ports.ts';
import { equal } from '../../proto/bytes.ts';
import type { MemoryLedger } from '../fault/memory-ledger.ts';
import { MemoryTickets } from '../fault/memory-tickets.ts';

/** A camera's tickets, and every head that it ever kept: a log that erases footage must have all of them in it. */
export class SeenHeads extends MemoryTickets {
  readonly #heads: KeptTicket[] = [];

  override keep(ticket: KeptTicket): Promise<void> {
    this.#heads.push(ticket);
    return super.keep(ticket);
  }

  /** What is wrong with erasing footage now, on the strength of an entry of this log; nothing when all is well. */
  whyNotErase(
    entryIndex: number,
    { dockId, ledger }: { dockId: string; ledger: MemoryLedger },
  ): string | undefined {
    if ((this.kept(dockId)?.size ?? 0) <= entryIndex) return 'before the head that covers it was kept';
    const lost = this.#heads.find(({ size, root }) => !equal(ledger.rootAt(size) ?? new Uint8Array(), root));
    return lost && `by a log that is not the one of ${lost.size} entries`;
  }
}
