import { type CustodyEntry, decodeEntry, encodeEntry, entryKey } from '../../proto/custody-entry.ts';
import type { HexDigest } from '../../proto/custody-fields.ts';
import { formatInstant } from '../../proto/instant.ts';
import type { Cancel, Clock, Ledger } from '../ports.ts';

const PAGE_ENTRIES = 1_000;
// A ledger that cannot take an entry now is asked again by itself, so that a dock without cameras catches up too.
const RETRY_MS = 5_000;

export interface ChronicleOptions {
  readonly ledger: Pick<Ledger, 'appendOnce' | 'checkpoint' | 'intended' | 'read'>;
  readonly clock: Pick<Clock, 'wallUs' | 'after'>;
  /** Of this program. */
  readonly version: string;
  /** Of what it runs with. */
  readonly config: HexDigest;
  /** Why an entry had to wait. Must not throw. */
  readonly tell: (problem: unknown) => void;
}

/** A jump of the dock's wall clock, as whoever watches it saw it: `epoch` is the one that begins with it. */
export interface Jump {
  readonly epoch: number;
  readonly stepUs: number;
  /** The last reading before and the first one after. */
  readonly wallBeforeUs: number;
  readonly wallAfterUs: number;
}

/** An entry as the ledger takes it. */
interface Written {
  readonly key: string;
  readonly bytes: Uint8Array;
}

/**
 * Begins the dock's next epoch: reads from its own ledger which ones there were and with what it last ran, and writes
 * `started`, and `config.changed` when it now runs with something else. Throws LedgerError when the ledger cannot be read.
 */
export async function openChronicle(options: ChronicleOptions): Promise<Chronicle> {
  return new Chronicle(options, await lastStart(options.ledger));
}

/** What a dock's ledger says about the dock itself: when it began to run and with what, and when its clock jumped. */
export class Chronicle {
  /** The one that this start begins. No other start or jump has had it. */
  readonly epoch: number;
  readonly #options: ChronicleOptions;
  /** What the ledger does not have yet, in order; what belongs together goes in together. */
  readonly #pending: (readonly Written[])[] = [];
  #writing: Promise<void> | undefined;
  #retry: Cancel = () => undefined;
  #closed = false;

  constructor(options: ChronicleOptions, before: Start) {
    this.#options = options;
    this.epoch = before.epoch + 1;
    const { version, config } = options;
    const at = formatInstant(options.clock.wallUs());
    const started: CustodyEntry = { type: 'started', at, epoch: this.epoch, version, config };
    // In one batch, so that no crash leaves a start whose change was never named.
    if (before.config === undefined || before.config === config) this.#add(started);
    else this.#add(started, { type: 'config.changed', at, config, previous: before.config });
  }

  /** Puts the jump on record; it is on its way to the ledger when this returns, before anything that is appended later. */
  stepped({ epoch, stepUs, wallBeforeUs, wallAfterUs }: Jump): void {
    this.#add({
      type: 'clock.stepped',
      at: formatInstant(wallAfterUs),
      epoch,
      stepUs,
      wallBefore: formatInstant(wallBeforeUs),
      wallAfter: formatInstant(wallAfterUs),
    });
  }

  /**
   * Resolves once everything told so far is in the ledger under a checkpoint. A stamp may be kept only then: after a
   * crash its epoch would otherwise be given out again. Throws LedgerError when the ledger cannot take it now.
   */
  async recorded(): Promise<void> {
    while (this.#pending.length > 0) await (this.#writing ??= this.#write());
  }

  /** No more trying again; what the ledger has taken it publishes when it is closed. */
  close(): void {
    this.#closed = true;
    this.#retry();
  }

  #add(...entries: readonly CustodyEntry[]): void {
    this.#pending.push(entries.map((entry) => ({ key: entryKey(entry), bytes: encodeEntry(entry) })));
    this.#goOn();
  }

  #goOn(): void {
    this.#retry();
    this.recorded().catch((problem: unknown) => {
      if (this.#closed) return;
      this.#options.tell(problem);
      this.#retry();
      this.#retry = this.#options.clock.after(RETRY_MS, () => this.#goOn());
    });
  }

  /** One after another, as an epoch must not stand before the one it follows. */
  async #write(): Promise<void> {
    try {
      const [next = []] = this.#pending;
      await Promise.all(next.map(({ key, bytes }) => this.#options.ledger.appendOnce(key, bytes)));
      this.#pending.shift();
    } finally {
      this.#writing = undefined;
    }
  }
}

/** The newest start in a ledger. */
interface Start {
  /** The newest epoch, of that start or of a jump since. 0 before the first. */
  readonly epoch: number;
  readonly config?: HexDigest;
}

/**
 * Epochs rise along the log, so that reading it backwards ends at the newest start; docks of old have none. A start that no
 * witness has seen yet is in the log all the same: its epoch is gone.
 */
async function lastStart(ledger: Pick<Ledger, 'checkpoint' | 'intended' | 'read'>): Promise<Start> {
  let epoch = 0;
  for await (const page of pagesBackwards(ledger)) {
    for (const bytes of page.toReversed()) {
      const entry = decodeEntry(bytes);
      if (entry.type === 'clock.stepped') epoch = Math.max(epoch, entry.epoch);
      if (entry.type === 'started') return { epoch: Math.max(epoch, entry.epoch), config: entry.config };
    }
  }
  return { epoch };
}

async function* pagesBackwards(
  ledger: Pick<Ledger, 'checkpoint' | 'intended' | 'read'>,
): AsyncGenerator<readonly Uint8Array[]> {
  // In this order: what is published meanwhile is read twice, and nothing is passed over.
  yield await ledger.intended();
  const { size } = await ledger.checkpoint();
  for (let end = size; end > 0; end -= PAGE_ENTRIES)
    yield await ledger.read(Math.max(0, end - PAGE_ENTRIES), end);
}
