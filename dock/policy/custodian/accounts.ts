import { TrustError } from '../errors.ts';
import type { Role } from '../facts/fact.ts';
import { isPassword, NOBODYS_PASSWORD, type PasswordHash } from './password.ts';

/** A local account, as it stands in people.json. */
export interface Account {
  readonly person: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly org?: string | undefined;
  readonly password: PasswordHash;
}

const WINDOW_MS = 60_000;
const FAILURES_MAX = 5;
/** Tries at once: each takes 32 MiB and a thread of the pool that also syncs the disk. */
const CHECKS_MAX = 4;
const REMEMBERED_MAX = 10_000;

/** Local accounts with a limit on tries. Holds no session: who signs in gets a token. */
export class Accounts {
  readonly #accounts: ReadonlyMap<string, Account>;
  readonly #failures = new Map<string, { count: number; sinceMs: number }>();
  #checking = 0;

  constructor(accounts: readonly Account[]) {
    this.#accounts = new Map(accounts.map((account) => [account.person, account]));
  }

  get isEmpty(): boolean {
    return this.#accounts.size === 0;
  }

  find(person: string): Account | undefined {
    return this.#accounts.get(person);
  }

  /**
   * Throws TrustError BAD_ACCOUNT for an unknown person and a wrong password alike, TOO_MANY_TRIES after five
   * failures in a minute for one person from one address.
   */
  async signIn(
    person: string,
    password: string,
    from: { readonly address: string; readonly nowMs: number },
  ): Promise<Account> {
    const key = `${from.address} ${person}`;
    this.#checkLimit(key, from.nowMs);
    const account = this.#accounts.get(person);
    // Before it counts: whoever floods the service must not push the count of others' names out of the memory.
    if (this.#checking >= CHECKS_MAX) throw tooMany();
    // Counted before the slow check, or a burst of tries would all pass the limit together.
    this.#fail(key, from.nowMs);
    const right = await this.#check(password, account?.password ?? NOBODYS_PASSWORD);
    if (account === undefined || !right) {
      throw new TrustError('BAD_ACCOUNT', 'that person and password do not belong together', {
        retry: 'never',
      });
    }
    this.#failures.delete(key);
    return account;
  }

  async #check(password: string, kept: PasswordHash): Promise<boolean> {
    this.#checking += 1;
    try {
      return await isPassword(password, kept);
    } finally {
      this.#checking -= 1;
    }
  }

  #checkLimit(key: string, nowMs: number): void {
    const failures = this.#failures.get(key);
    if (failures === undefined) return;
    // A clock that was set back must not lock anybody out for longer than a window.
    const isOld = Math.abs(nowMs - failures.sinceMs) > WINDOW_MS;
    if (isOld) this.#failures.delete(key);
    else if (failures.count >= FAILURES_MAX) throw tooMany();
  }

  #fail(key: string, nowMs: number): void {
    const [oldest] = this.#failures.keys();
    if (oldest !== undefined && this.#failures.size >= REMEMBERED_MAX) this.#failures.delete(oldest);
    const { count, sinceMs } = this.#failures.get(key) ?? { count: 0, sinceMs: nowMs };
    this.#failures.set(key, { count: count + 1, sinceMs });
  }
}

function tooMany(): TrustError {
  return new TrustError('TOO_MANY_TRIES', 'too many tries; wait a minute', { retry: 'later' });
}
