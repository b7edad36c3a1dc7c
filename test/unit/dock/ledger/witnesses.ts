import { vi } from 'vitest';
import type { LedgerNews } from '../../../../dock/ledger/gathering.ts';
import type { LedgerOptions } from '../../../../dock/ledger/log.ts';
import type { Cosigner, Cosigners } from '../../../../dock/ledger/witness.ts';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import { utf8 } from '../../../../proto/bytes.ts';
import { openCosignatures } from '../../../../proto/cosignature.ts';
import { formatVkey } from '../../../../proto/note.ts';
import { openWitness, witnessFolder } from '../witness/rig.ts';
import { type Key, ORIGIN } from './rig.ts';

type Answer = Awaited<ReturnType<Cosigner['add']>>;

/** A real witness without HTTP, which a test can take away, slow down, or make lie. */
export class TestWitness implements Cosigner {
  readonly vkey: string;
  readonly name: string;
  /** `silent` takes the request and never answers; a function answers in its place. */
  mood: 'up' | 'down' | 'silent' | ((body: string) => Answer) = 'up';
  /** How often it has cosigned. */
  cosigned = 0;
  /** `old` of each request. */
  readonly asked: number[] = [];
  readonly #answer: (body: Uint8Array) => Promise<Answer>;

  private constructor(vkey: string, answer: (body: Uint8Array) => Promise<Answer>) {
    this.vkey = vkey;
    this.name = vkey.split('+')[0] ?? '';
    this.#answer = answer;
  }

  static async of(key: Key, name: string, origin = ORIGIN): Promise<TestWitness> {
    return TestWitness.knowing(formatVkey(origin, key.publicKey, nodeChecker.sha256), name);
  }

  static async knowing(log: string, name: string): Promise<TestWitness> {
    const witness = await openWitness(witnessFolder(), { name, logs: [log] });
    return new TestWitness(witness.vkey, (body) => witness.add(body));
  }

  async add(body: string, signal: AbortSignal): Promise<Answer> {
    this.asked.push(Number(/^old (\d+)/.exec(body)?.[1]));
    if (this.mood === 'down') throw new Error('cannot be reached: ECONNREFUSED');
    if (this.mood === 'silent') {
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('gave up'))));
    }
    if (this.mood !== 'up') return this.mood(body);
    const { status, body: said } = await this.#answer(utf8(body));
    if (status === 200) this.cosigned += 1;
    return { status, body: said };
  }
}

/** Wakes batches at once and everything longer only when a test lets time pass. */
export class HandClock {
  readonly #timers = new Set<{ readonly at: number; readonly wake: () => void }>();
  #now = 0;

  after(delayMs: number, wake: () => void): () => void {
    const timer = { at: this.#now + delayMs, wake };
    if (delayMs > 10) this.#timers.add(timer);
    else void Promise.resolve().then(() => wake());
    return () => this.#timers.delete(timer);
  }

  pass(ms: number): void {
    this.#now += ms;
    for (const timer of this.#timers) {
      if (timer.at > this.#now) continue;
      this.#timers.delete(timer);
      timer.wake();
    }
  }
}

/** Options for a ledger with these witnesses, and what it says of them. */
export function cosigned(
  witnesses: readonly Cosigner[],
  quorum: number,
): {
  readonly options: Pick<LedgerOptions, 'cosigners' | 'clock' | 'tell'>;
  readonly clock: HandClock;
  readonly news: LedgerNews[];
} {
  const [clock, news]: [HandClock, LedgerNews[]] = [new HandClock(), []];
  const cosigners: Cosigners = { witnesses, quorum };
  return {
    options: {
      cosigners,
      clock: { after: (ms, wake) => clock.after(ms, wake) },
      tell: (each) => news.push(each),
    },
    clock,
    news,
  };
}

/** Names of the witnesses whose cosignatures a checkpoint carries. */
export function signersOf(note: string, witnesses: readonly Cosigner[]): readonly string[] {
  const vkeys = witnesses.map(({ vkey }) => vkey);
  return openCosignatures(note, vkeys, nodeChecker).map(({ name }) => name);
}

// Below the deadline of a test, so that a failure says what did not come; a busy machine writes its files late.
const SOON_MS_MAX = 15_000;

/** Waits until this holds; for what a background task does between turns of the event loop. */
export function soon(check: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(check, { timeout: SOON_MS_MAX, interval: 2 });
}
