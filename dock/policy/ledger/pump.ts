import type { OpenLedger } from '../../ledger/log.ts';
import { LedgerError, ledgerFault } from '../../ledger/errors.ts';
import { OwnLogError } from '../errors.ts';
import type { Outbox } from '../facts/outbox.ts';

/** An entry of this service's own ledger, and the proof that a published checkpoint holds it. */
export interface Custody {
  readonly entry: Uint8Array;
  /** C2SP tlog-proof. */
  readonly proof: string;
}

export interface PumpParts {
  readonly outbox: Outbox;
  readonly ledger: Pick<OpenLedger, 'appendOnce' | 'prove' | 'close'>;
  readonly timers: { after(delayMs: number, wake: () => void): () => void };
  nowMs(this: void): number;
  /** Told once when the ledger falls behind, and not again before it has caught up. */
  report(this: void, error: unknown): void;
}

interface Waiter {
  readonly seq: number;
  readonly resolve: () => void;
  readonly reject: (error: LedgerError | OwnLogError) => void;
}

// Short beside a batch, long beside a request: what comes together shares an entry and a batch.
const GATHER_MS = 5;
const BATCH_ENTRIES = 1_000;
const RETRY_MS = 500;
const RETRY_MS_MAX = 5_000;

/**
 * Brings what the outbox holds into the ledger, in order: entry n is leaf n-1. Nothing is remembered here: after any end of the
 * process the ledger says how far it had come. One run at a time; a run that fails is tried again, sooner when somebody asks.
 */
export class Pump {
  readonly #parts: PumpParts;
  readonly #waiters = new Set<Waiter>();
  #done: number;
  #running: Promise<void> | undefined;
  #again = false;
  #closed = false;
  #retryMs = RETRY_MS;
  #cancelRetry: () => void = () => undefined;

  /** `done` leaves are published, and are the outbox's. */
  constructor(parts: PumpParts, done: number) {
    this.#parts = parts;
    this.#done = done;
  }

  /** Says that there may be something new. Costs nothing; never throws. */
  wake(): void {
    if (this.#closed) return;
    this.#again = true;
    if (this.#running !== undefined) return;
    this.#cancelRetry();
    this.#running = this.#run();
  }

  /**
   * Resolves once that entry is in a published checkpoint, cosigned where a quorum is asked for. Rejects with LedgerError, or with
   * OwnLogError, when that cannot be now; it may be asked again.
   */
  async published(seq: number): Promise<Custody> {
    const { outbox, ledger } = this.#parts;
    if (this.#closed) throw closed();
    const [row] = outbox.list(seq - 1, 1);
    if (row?.seq !== seq) throw differs(seq - 1);
    if (this.#done < seq) {
      const waiting = new Promise<void>((resolve, reject) => this.#waiters.add({ seq, resolve, reject }));
      this.wake();
      await waiting;
    }
    return { entry: row.entry, proof: await ledger.prove(seq - 1) };
  }

  /** Publishes what is on its way, as far as the witnesses answer now. The rest waits in the outbox for the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRetry();
    await this.#parts.ledger.close();
    await this.#running;
    this.#refuse(closed());
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { outbox, timers, nowMs } = this.#parts;
    await new Promise<void>((resolve) => timers.after(GATHER_MS, resolve));
    try {
      while (this.#again && !this.#closed) {
        this.#again = false;
        outbox.coverDecisions(nowMs());
        await this.#drain();
        this.#retryMs = RETRY_MS;
      }
    } catch (cause) {
      this.#failed(cause);
    }
    // In the same turn as the last look at `again`, so that no call of `wake` falls between.
    this.#running = undefined;
  }

  async #drain(): Promise<void> {
    const { outbox, ledger } = this.#parts;
    for (;;) {
      const rows = outbox.list(this.#done, BATCH_ENTRIES);
      if (rows.length === 0 || this.#closed) return;
      const appended = rows.map(async ({ seq, entry }) => ({
        seq,
        index: await ledger.appendOnce(String(seq), entry),
      }));
      for (const result of await Promise.allSettled(appended)) {
        if (result.status === 'rejected') throw result.reason;
        const { seq, index } = result.value;
        if (index !== seq - 1) throw differs(seq - 1);
        this.#done = seq;
      }
      this.#settle();
    }
  }

  #failed(cause: unknown): void {
    this.#settle();
    const error = cause instanceof OwnLogError ? cause : ledgerFault(cause, 'writing the own ledger');
    if (!this.#closed && this.#retryMs === RETRY_MS) this.#parts.report(error);
    this.#refuse(error);
    if (this.#closed) return;
    this.#cancelRetry = this.#parts.timers.after(this.#retryMs, () => this.wake());
    this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MS_MAX);
  }

  #settle(): void {
    for (const waiter of this.#waiters) {
      if (waiter.seq > this.#done) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }

  #refuse(error: LedgerError | OwnLogError): void {
    for (const waiter of this.#waiters) waiter.reject(error);
    this.#waiters.clear();
  }
}

function differs(index: number): OwnLogError {
  return new OwnLogError('LOG_DIFFERS', `leaf ${index} of the ledger is not entry ${index + 1} of facts.db`, {
    retry: 'never',
  });
}

function closed(): LedgerError {
  return new LedgerError('LEDGER_CLOSED', 'the ledger is closed', { retry: 'later' });
}
