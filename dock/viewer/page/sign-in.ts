import { toHex } from '../../../proto/bytes.ts';
import { jsonToBase64Url, peekClaims } from './base64url.ts';
import { signedByPage } from './jws.ts';
import { forgetPageKey, loadPageKey, makePageKey, type PageKey } from './page-key.ts';
import { postSigned } from './policy-post.ts';

/** What a person is told whose sign-in is over. */
export const ENDED = 'Your sign-in has run out. Please sign in again.';

/** A person who is signed in: what to show of them, the token that speaks for them, the key it is bound to. */
export interface Login {
  readonly token: string;
  readonly key: PageKey;
  readonly person: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly expiresAtMs: number;
}

const RENEW_MS_MAX = 10_000;
const TOKEN = 'holdfast.token';
const PLACE = 'holdfast.place';
const STATE = 'holdfast.state';

/** WebCrypto exists only in a secure context: HTTPS, or plain HTTP on this very machine. */
export function canSignIn(): boolean {
  return globalThis.isSecureContext && 'crypto' in globalThis && 'subtle' in crypto;
}

/** Leaves for the policy service, which asks for the password; this page and its dock never see it. */
export async function beginSignIn(policyUrl: string): Promise<void> {
  const key = await makePageKey();
  const state = toHex(crypto.getRandomValues(new Uint8Array(16)));
  sessionStorage.setItem(STATE, state);
  sessionStorage.setItem(PLACE, location.hash);
  const address = new URL('/sign-in', policyUrl);
  address.searchParams.set('redirect_uri', `${location.origin}/`);
  address.searchParams.set('state', state);
  address.searchParams.set('jwk', jsonToBase64Url(key.jwk));
  location.assign(address);
}

/**
 * Takes the token that the policy service put behind the `#`, where no server sees it, and clears it from the
 * address. Undefined when nobody is signed in; throws an Error in words when what came back is not our sign-in.
 */
export async function currentLogin(): Promise<Login | undefined> {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const arrived = fragment.get('token');
  if (arrived !== null) {
    history.replaceState(undefined, '', location.pathname);
    const state = sessionStorage.getItem(STATE);
    sessionStorage.removeItem(STATE);
    if (state === null || fragment.get('state') !== state) {
      throw new Error('The sign-in that came back was not started here. Please sign in again.');
    }
    sessionStorage.setItem(TOKEN, arrived);
    // Back to where the person was when they had to sign in.
    const place = sessionStorage.getItem(PLACE) ?? '';
    sessionStorage.removeItem(PLACE);
    if (place !== '') history.replaceState(undefined, '', `${location.pathname}${place}`);
  }
  const token = sessionStorage.getItem(TOKEN);
  const key = token === null ? undefined : await loadPageKey();
  return token === null || key === undefined ? undefined : readLogin(token, key);
}

/**
 * Asks the policy service for the token to be made anew, with the key that only this page has. Undefined when it cannot be reached;
 * throws an Error in words when it says no: the sign-in is over.
 */
export async function renewLogin({ token, key }: Login, policyUrl: string): Promise<Login | undefined> {
  const aud = peekClaims(token)?.['iss'];
  const request = await signedByPage(key, 'holdfast-renew+jwt', { token, aud });
  const response = await postSigned(
    new URL('/v1/renew', policyUrl),
    request,
    AbortSignal.timeout(RENEW_MS_MAX),
  );
  if (response === undefined || response.status >= 500) return undefined;
  const renewed = (await response.json().catch(() => ({}))) as { readonly token?: unknown };
  if (response.status !== 200 || typeof renewed.token !== 'string') throw new Error(ENDED);
  sessionStorage.setItem(TOKEN, renewed.token);
  return readLogin(renewed.token, key);
}

export async function signOut(): Promise<void> {
  sessionStorage.removeItem(TOKEN);
  await forgetPageKey();
}

/** What the token says, for showing; the dock and the policy service check it at every step. */
function readLogin(token: string, key: PageKey): Login | undefined {
  const claims = peekClaims(token);
  if (claims === undefined) return undefined;
  const { sub, name, roles, exp, cnf } = claims;
  if (typeof sub !== 'string' || typeof exp !== 'number' || exp * 1_000 <= Date.now()) return undefined;
  // Another tab may have signed in since: its key replaced ours, and this token is of no use without its own.
  if (JSON.stringify(cnf) !== JSON.stringify({ jkt: key.thumbprint })) return undefined;
  return {
    token,
    key,
    person: sub,
    name: typeof name === 'string' ? name : sub,
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
    expiresAtMs: exp * 1_000,
  };
}
