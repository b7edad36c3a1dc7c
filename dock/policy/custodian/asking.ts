import type { JWTPayload } from 'jose';
import { TrustError } from '../errors.ts';
import { openEmbedded } from './embedded.ts';
import { openViewerToken, SIGN_IN_LIFE_S, type Issuer, type Viewer } from './token.ts';

const REQUEST_CHARACTERS_MAX = 16 * 1024;

/** What a token said of who asks; since when is sure. */
export type SignedIn = Viewer & Required<Pick<Viewer, 'signedInAtS'>>;

/** What a page may ask of this service without a dock in between. */
export interface Kind {
  readonly typ: string;
  /** Completes "… is not believed". */
  readonly what: string;
}

/** A question of a page, and whose page it is. What it asks is for the caller to read. */
export interface Asked {
  readonly viewer: SignedIn;
  readonly payload: JWTPayload;
}

/**
 * Opens a request in which a page shows its token: a JWS by the key that the token binds, over `{token, aud, …}`, made within 60 s of
 * now. Docks see tokens, so a token alone asks for nothing. Throws TrustError BAD_TOKEN for a token that is none of ours, has
 * expired, or belongs to a sign-in that is over; BAD_PROOF for a request that is not believed; BAD_KEY as {@link openEmbedded}.
 */
export async function openAsked(
  issuer: Issuer,
  jws: string,
  { kind, nowMs }: { readonly kind: Kind; readonly nowMs: number },
): Promise<Asked> {
  const refuse = (why: string, cause?: unknown): TrustError => badProof(kind, why, cause);
  const expected = { typ: kind.typ, charactersMax: REQUEST_CHARACTERS_MAX, nowMs };
  const { payload, signer } = await openEmbedded(jws, expected, refuse);
  if (payload.aud !== issuer.url) throw refuse('it is for another service');
  const { token } = payload;
  if (typeof token !== 'string') throw refuse('it carries no token');
  const viewer = await openViewerToken(issuer, token, nowMs);
  const { thumbprint, signedInAtS } = viewer;
  if (signer !== thumbprint) throw refuse('it is signed with another key than the one the token binds');
  if (signedInAtS === undefined || nowMs / 1_000 >= signedInAtS + SIGN_IN_LIFE_S)
    throw new TrustError('BAD_TOKEN', 'the sign-in is over: sign in again', { retry: 'never' });
  return { viewer: { ...viewer, signedInAtS }, payload };
}

function badProof({ what }: Kind, why: string, cause?: unknown): TrustError {
  return new TrustError('BAD_PROOF', `${what} is not believed: ${why}`, {
    retry: 'never',
    ...(cause === undefined ? {} : { cause }),
  });
}
