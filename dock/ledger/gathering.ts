import type { Cancel, Clock } from '../ports.ts';
import { LedgerError } from './errors.ts';
import type { Question, Reply, Witness } from './witness.ts';

/** What a log has to say about its witnesses while it runs. */
export type LedgerNews =
  | { readonly news: 'witness-missing'; readonly witness: string; readonly why: string }
  | { readonly news: 'witness-back'; readonly witness: string }
  | { readonly news: 'disagrees'; readonly error: LedgerError }
  /** The log is whole, but what was to be added to its checkpoint could not be written. */
  | { readonly news: 'problem'; readonly error: LedgerError };

export interface GatheringJob extends Question {
  readonly witnesses: readonly Witness[];
  readonly clock: Pick<Clock, 'after'>;
  readonly heard: (witness: Witness, reply: Reply) => void;
}

const RETRY_MS = 500;
const RETRY_MS_MAX = 5_000;

/**
 * The asking for cosignatures of one tree: all witnesses at once, each again and again, with growing pauses, until it has
 * cosigned, it disagrees, or the gathering is over.
 */
export class Gathering {
  readonly #job: GatheringJob;
  readonly #lines = new Map<Witness, string>();
  readonly #troubles = new Map<Witness, string>();
  readonly #abort = new AbortController();
  readonly #wakes = new Set<() => void>();
  #refusal: LedgerError | undefined;
  /** `last`: no witness is asked again; `over`: no answer counts any more. */
  #phase: 'asking' | 'last' | 'over' = 'asking';
  #asking: number;
  #settle: () => void = () => undefined;

  constructor(job: GatheringJob) {
    this.#job = job;
    this.#asking = job.witnesses.length;
    for (const witness of job.witnesses) void this.#follow(witness);
  }

  /** Signature line of each witness that has cosigned. */
  get lines(): ReadonlyMap<Witness, string> {
    return this.#lines;
  }

  /** Set once a witness has named another history. */
  get refusal(): LedgerError | undefined {
    return this.#refusal;
  }

  /** Who has not cosigned and why, in one line for people. */
  get lacking(): string {
    return this.#job.witnesses
      .filter((witness) => !this.#lines.has(witness))
      .map((witness) => `${witness.name} (${this.#troubles.get(witness) ?? 'has not answered yet'})`)
      .join(', ');
  }

  /** Resolves once so many have cosigned. Rejects with LedgerError: LEDGER_DISAGREES; LEDGER_BUSY when it is over before. */
  until(count: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settle = () => {
        if (this.#lines.size >= count) resolve();
        else if (this.#refusal !== undefined) reject(this.#refusal);
        else if (this.#phase === 'over' || this.#asking === 0) reject(busy(this, count));
      };
      this.#settle();
    });
  }

  /** Lets the questions that are out be answered and asks no more. */
  finish(): void {
    if (this.#phase === 'asking') this.#phase = 'last';
    this.#wake();
  }

  stop(): void {
    this.#phase = 'over';
    this.#abort.abort();
    this.#wake();
    this.#settle();
  }

  async #follow(witness: Witness): Promise<void> {
    for (let pauseMs = RETRY_MS; ; pauseMs = Math.min(2 * pauseMs, RETRY_MS_MAX)) {
      const reply = await witness.ask(this.#job, this.#abort.signal);
      if (this.#phase === 'over') return;
      this.#hear(witness, reply);
      if (reply.reply !== 'missing') break;
      await this.#pause(pauseMs);
      if (this.#phase !== 'asking') break;
    }
    this.#asking -= 1;
    this.#settle();
  }

  #hear(witness: Witness, reply: Reply): void {
    if (reply.reply === 'cosigned') this.#lines.set(witness, reply.line);
    else this.#troubles.set(witness, reply.why);
    if (reply.reply === 'disagrees') this.#refusal ??= disagrees(witness, reply.why);
    this.#job.heard(witness, reply);
    this.#settle();
  }

  async #pause(delayMs: number): Promise<void> {
    if (this.#phase !== 'asking') return;
    let cancel: Cancel = () => undefined;
    await new Promise<void>((resolve) => {
      this.#wakes.add(resolve);
      cancel = this.#job.clock.after(delayMs, resolve);
    });
    cancel();
  }

  #wake(): void {
    for (const wake of this.#wakes) wake();
    this.#wakes.clear();
  }
}

function disagrees(witness: Witness, why: string): LedgerError {
  const message = `ledger: witness ${witness.name} ${why}: this log was put back to an older copy, or another one signs with its key; nothing is appended. Bring the newest copy back, or keep the folder as evidence and start with an empty one under another origin`;
  return new LedgerError('LEDGER_DISAGREES', message, {
    retry: 'never',
    facts: { witness: witness.name },
  });
}

/** What whoever waits is told while the quorum is not there. */
export function busy(gathering: Pick<Gathering, 'lines' | 'lacking'>, quorum: number): LedgerError {
  const message = `ledger: ${gathering.lines.size} of ${quorum} witnesses have cosigned; missing ${gathering.lacking}`;
  return new LedgerError('LEDGER_BUSY', message, { retry: 'later', facts: { quorum } });
}
