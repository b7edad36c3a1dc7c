import { TrustError } from '../errors.ts';
import { openEmbedded } from './embedded.ts';
import { openViewerToken, SIGN_IN_LIFE_S, type Issuer, type Viewer } from './token.ts';

const TYP = 'holdfast-renew+jwt';
const REQUEST_CHARACTERS_MAX = 16 * 1024;

/** What the token said of who goes on; since when is sure. */
export type Renewed = Viewer & Required<Pick<Viewer, 'signedInAtS'>>;

/**
 * A page asks for its token to be made anew: a JWS by the key that its token binds, over `{token, aud}`, made within 60 s of now.
 * Throws TrustError BAD_TOKEN for a token that is none of ours, has expired, or belongs to a sign-in that is over; BAD_PROOF for a
 * request that is not believed.
 */
export async function checkRenewal(issuer: Issuer, jws: string, nowMs: number): Promise<Renewed> {
  const expected = { typ: TYP, charactersMax: REQUEST_CHARACTERS_MAX, nowMs };
  const { payload, signer } = await openEmbedded(jws, expected, badProof);
  if (payload.aud !== issuer.url) throw badProof('it is for another service');
  const { token } = payload;
  if (typeof token !== 'string') throw badProof('it carries no token');
  const viewer = await openViewerToken(issuer, token, nowMs);
  const { thumbprint, signedInAtS } = viewer;
  if (signer !== thumbprint) throw badProof('it is signed with another key than the one the token binds');
  if (signedInAtS === undefined || nowMs / 1_000 >= signedInAtS + SIGN_IN_LIFE_S)
    throw new TrustError('BAD_TOKEN', 'the sign-in is over: sign in again', { retry: 'never' });
  return { ...viewer, signedInAtS };
}

function badProof(why: string, cause?: unknown): TrustError {
  return new TrustError('BAD_PROOF', `the request to stay signed in is not believed: ${why}`, {
    retry: 'never',
    ...(cause === undefined ? {} : { cause }),
  });
}
