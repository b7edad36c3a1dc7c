import type { Cancel, Clock, Policy, Verdict } from '../ports.ts';
import type { PairCell } from './roster.ts';
import type { Sessions } from './session.ts';

export interface LivePorts {
  readonly policy: Pick<Policy, 'decide'>;
  readonly sessions: Sessions;
  readonly clock: Clock;
  /** Must not throw. */
  readonly onProblem: (problem: unknown) => void;
}

// A grant is good for a minute; what was opened under one outlives that only while a revocation could be heard.
const DEAF_US_MAX = 60_000_000;
const RETRY_MS = 1_000;
/** Questions about one pair under way at once. A slow service must not make a later question wait for an earlier one. */
const AT_ONCE_MAX = 4;

/**
 * Asks about what people have open, beside everything else: neither a full queue, nor a slow ledger, nor a registration keeps
 * a session alive. Ends what is denied, and what nobody has answered about for a minute; says nothing to the ledger.
 */
export class LiveChecks {
  readonly #ports: LivePorts;
  readonly #underWay = new Map<string, number>();
  readonly #again = new Map<string, PairCell>();
  readonly #silentSinceUs = new Map<string, number>();
  readonly #retries = new Map<string, Cancel>();

  constructor(ports: LivePorts) {
    this.#ports = ports;
  }

  /** Asks about each purpose for which the pair has a session, or an opening on its way; nothing when it has none. */
  check(pair: PairCell): void {
    const { item, person, key } = pair;
    const purposes = this.#ports.sessions.purposes(item.recordingId, person);
    if (purposes.size === 0) return;
    const underWay = this.#underWay.get(key) ?? 0;
    if (underWay >= AT_ONCE_MAX) {
      this.#again.set(key, pair);
      return;
    }
    this.#underWay.set(key, underWay + 1);
    void this.#ask(pair, purposes).finally(() => this.#done(key));
  }

  close(): void {
    for (const cancel of this.#retries.values()) cancel();
    this.#retries.clear();
    this.#again.clear();
  }

  #done(key: string): void {
    const underWay = (this.#underWay.get(key) ?? 1) - 1;
    if (underWay > 0) this.#underWay.set(key, underWay);
    else this.#underWay.delete(key);
    const again = this.#again.get(key);
    this.#again.delete(key);
    if (again !== undefined) this.check(again);
  }

  async #ask(pair: PairCell, purposes: ReadonlySet<string>): Promise<void> {
    const { sessions } = this.#ports;
    const { item, person, key } = pair;
    const isHeard = async (purpose: string): Promise<boolean> => {
      const { verdict } = await this.#verdict(pair, purpose);
      if (verdict === 'deny') sessions.end(item.recordingId, person, purpose);
      return verdict !== 'unreachable';
    };
    const heard = await Promise.all([...purposes].map(isHeard));
    if (heard.every(Boolean)) this.#silentSinceUs.delete(key);
    else this.#bear(pair);
  }

  async #verdict({ item, person }: PairCell, purpose: string): Promise<Verdict> {
    const { recordingId, manifestSha256 } = item;
    try {
      const question = { person, recordingId, manifestSha256, action: 'view', purpose } as const;
      return await this.#ports.policy.decide(question);
    } catch (problem) {
      this.#ports.onProblem(problem);
      return { verdict: 'unreachable', reason: 'the question failed' };
    }
  }

  /** Has nobody answered for so long that a revocation may have gone unheard? */
  #bear(pair: PairCell): void {
    const { clock, sessions } = this.#ports;
    const { key, item, person } = pair;
    const sinceUs = this.#silentSinceUs.get(key) ?? clock.monoUs();
    if (clock.monoUs() - sinceUs >= DEAF_US_MAX) sessions.end(item.recordingId, person);
    if (sessions.purposes(item.recordingId, person).size === 0) {
      this.#silentSinceUs.delete(key);
      return;
    }
    this.#silentSinceUs.set(key, sinceUs);
    if (this.#retries.has(key)) return;
    const retry = (): void => {
      this.#retries.delete(key);
      this.check(pair);
    };
    this.#retries.set(key, clock.after(RETRY_MS, retry));
  }
}
