import { openAsked, type Kind, type SignedIn } from './asking.ts';
import type { Issuer } from './token.ts';

const RENEWAL: Kind = { typ: 'holdfast-renew+jwt', what: 'the request to stay signed in' };

/**
 * A page asks for its token to be made anew, as {@link openAsked} says. Returns what the token said of who goes on. Throws as that does.
 */
export async function checkRenewal(issuer: Issuer, jws: string, nowMs: number): Promise<SignedIn> {
  return (await openAsked(issuer, jws, { kind: RENEWAL, nowMs })).viewer;
}
