import { createHash, timingSafeEqual } from 'node:crypto';
import { SignInError, TrustError } from '../errors.ts';

/** What this side keeps of a request to a provider, and compares with the answer. */
export interface Secrets {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

interface Waiting<Errand> {
  readonly secrets: Secrets;
  readonly errand: Errand;
  /** SHA-256 of what the browser's cookie says. */
  readonly browser: Buffer;
  readonly sinceMs: number;
}

/** Long enough for a forgotten password, short enough for a lost tablet. */
export const SIGN_IN_WAIT_MS = 10 * 60_000;
const WAITING_MAX = 5_000;
const WINDOW_MS = 60_000;
/** A whole shift may come from one address; nobody else begins twice a second. */
const STARTS_MAX = 120;
const ADDRESSES_MAX = 10_000;

/** Sign-ins that people have left for the provider with: each for ten minutes, for the browser that began it, and once. */
export class PendingSignIns<Errand> {
  readonly #waiting = new Map<string, Waiting<Errand>>();
  readonly #starts = new Map<string, { count: number; sinceMs: number }>();

  /** Throws TrustError TOO_MANY_TRIES when one address begins more than 120 in a minute. */
  count(address: string, nowMs: number): void {
    const before = this.#starts.get(address);
    // A clock that was set back must not lock anybody out for longer than a window.
    const isOld = before === undefined || Math.abs(nowMs - before.sinceMs) > WINDOW_MS;
    const { count, sinceMs } = isOld ? { count: 0, sinceMs: nowMs } : before;
    if (count >= STARTS_MAX)
      throw new TrustError('TOO_MANY_TRIES', 'too many tries; wait a minute', { retry: 'later' });
    // Taken out first, so that the one that is forgotten below is the one not heard of for longest.
    this.#starts.delete(address);
    dropOldest(this.#starts, ADDRESSES_MAX);
    this.#starts.set(address, { count: count + 1, sinceMs });
  }

  put(secrets: Secrets, by: { readonly errand: Errand; readonly cookie: string }, nowMs: number): void {
    for (const [state, { sinceMs }] of this.#waiting) {
      if (isFresh(sinceMs, nowMs)) break;
      this.#waiting.delete(state);
    }
    dropOldest(this.#waiting, WAITING_MAX);
    const { errand, cookie } = by;
    this.#waiting.set(secrets.state, { secrets, errand, browser: digest(cookie), sinceMs: nowMs });
  }

  /**
   * The sign-in that an answer belongs to, which is then over. Throws SignInError NOT_STARTED_HERE for one that is unknown, over,
   * too old, or was begun by another browser: that one may still end it.
   */
  take(
    state: string,
    cookie: string | undefined,
    nowMs: number,
  ): { readonly secrets: Secrets; readonly errand: Errand } {
    const found = this.#waiting.get(state);
    if (found === undefined || !isFresh(found.sinceMs, nowMs)) throw notHere('no such sign-in is under way');
    if (cookie === undefined || !timingSafeEqual(found.browser, digest(cookie)))
      throw notHere('another browser began this sign-in');
    this.#waiting.delete(state);
    return found;
  }
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  const [oldest] = map.keys();
  if (oldest !== undefined && map.size >= most) map.delete(oldest);
}

function isFresh(sinceMs: number, nowMs: number): boolean {
  return Math.abs(nowMs - sinceMs) < SIGN_IN_WAIT_MS;
}

function digest(cookie: string): Buffer {
  return createHash('sha256').update(cookie).digest();
}

function notHere(why: string): SignInError {
  return new SignInError('NOT_STARTED_HERE', why, { retry: 'never' });
}
