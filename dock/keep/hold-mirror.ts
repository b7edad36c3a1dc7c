import { type CustodyEntry, encodeEntry, entryKey } from '../../proto/custody-entry.ts';
import { formatInstant } from '../../proto/instant.ts';
import type { RetentionBook } from './retention-book.ts';
import type { NotedFact, RetentionPorts } from './retention-ports.ts';

const HOLDS = ['hold.placed', 'hold.lifted'] as const;

export function isHold(type: string): boolean {
  return HOLDS.some((one) => one === type);
}

/** Keeps the ledger's word about legal holds as the policy service's: each of its facts becomes one entry, once. */
export class HoldMirror {
  readonly #ports: Pick<RetentionPorts, 'ledger' | 'policy' | 'keys' | 'clock'>;
  readonly #book: RetentionBook;
  #after = 0;

  constructor(ports: Pick<RetentionPorts, 'ledger' | 'policy' | 'keys' | 'clock'>, book: RetentionBook) {
    this.#ports = ports;
    this.#book = book;
  }

  /** Reads on from that fact, or from the last one read. Undefined when every hold is in ledger and book; else why not. */
  async catchUp(after = this.#after): Promise<string | undefined> {
    await this.#book.readOn();
    for (let next = after; ; ) {
      const page = await this.#ports.policy.listed(HOLDS, next);
      if ('failed' in page) return page.failed;
      for (const fact of page) await this.#mirror(fact);
      const last = page.at(-1)?.index;
      if (last === undefined) break;
      if (last <= next) return 'policy service lists its facts in no order';
      next = last;
      this.#after = next;
    }
    await this.#book.readOn();
    return undefined;
  }

  async #mirror({ type, recording, by, digest }: NotedFact): Promise<void> {
    const { keys, clock, ledger } = this.#ports;
    if (!this.#book.isKnown(recording) || this.#book.hasFact(digest)) return;
    // Encoding checks every field, and the type is one of those that were asked for.
    const entry = {
      ...{ type, at: formatInstant(clock.wallUs()), recording, reason: 'legal-hold', fact: digest },
      ...(by === undefined ? {} : { by: keys.pseudonym(by) }),
    } as CustodyEntry;
    await ledger.appendOnce(entryKey(entry), encodeEntry(entry));
  }
}
