import { EmbeddedJWK, jwtVerify, type JWTPayload } from 'jose';
import { pageThumbprint } from './token.ts';

/** What a page signed with the key that stands in its own header. */
export interface Embedded {
  readonly payload: JWTPayload;
  /** RFC 7638 thumbprint of that key. Whose it is, is for the caller to know. */
  readonly signer: string;
}

const SKEW_S = 60;

/**
 * Verifies a compact JWS (ES256) of this `typ`, made within 60 s of now. Throws what `refuse` makes of the reason, and
 * TrustError BAD_KEY when the key is none that a page may use.
 */
export async function openEmbedded(
  jws: string,
  expected: { readonly typ: string; readonly charactersMax: number; readonly nowMs: number },
  refuse: (why: string, cause?: unknown) => Error,
): Promise<Embedded> {
  if (jws.length > expected.charactersMax) throw refuse('it is too long');
  const { payload, protectedHeader } = await verify(jws, expected.typ, refuse);
  const { iat } = payload;
  if (typeof iat !== 'number' || Math.abs(iat - expected.nowMs / 1_000) > SKEW_S) {
    throw refuse('it was not made within the last minute');
  }
  return { payload, signer: await pageThumbprint(protectedHeader.jwk) };
}

async function verify(
  jws: string,
  typ: string,
  refuse: (why: string, cause?: unknown) => Error,
): Promise<Awaited<ReturnType<typeof jwtVerify>>> {
  try {
    // Age is judged by the caller, in both directions, so the library's own look at `exp` gets a date that never fails.
    return await jwtVerify(jws, EmbeddedJWK, { algorithms: ['ES256'], typ, currentDate: new Date(0) });
  } catch (cause) {
    throw refuse('its signature does not hold', cause);
  }
}
