import { jwtVerify, SignJWT, type JWTPayload } from 'jose';
import { KeysError } from '../errors.ts';
import { keyNamed } from './keys.ts';
import type { Issuer } from './token.ts';

export interface GrantClaims {
  readonly id: string;
  /** `release` says that a person may view and opens nothing; `open` lets the dock open it now; `delete`, that it may destroy it. */
  readonly kind: 'release' | 'open' | 'delete';
  readonly dock: string;
  /** Whom it allows something: of a `delete` the dock. */
  readonly person: string;
  readonly recording: string;
  /** SHA-256 of the encoded SignedManifest, hex. */
  readonly manifest: string;
  readonly purpose: string;
  readonly policySet: string;
  readonly regime: string;
  readonly newestFact: number;
  /** The dock's own, so that an old grant answers no new question. */
  readonly nonce: string;
  /** Thumbprint of the page's key; in every `open`. */
  readonly thumbprint?: string;
  /** End of the authorisation that the allow rests on, and with it of all that the grant opens. */
  readonly authorisedUntilMs?: number;
  /** Chunk indices, the second one exclusive. */
  readonly chunks: readonly [number, number];
}

const TYP = 'holdfast-grant+jwt';
const LIFE_S = 60;

/** What keys are asked with: a grant for an opening, as this service itself wrote it a moment ago. */
export type OpeningGrant = Pick<
  GrantClaims,
  'id' | 'dock' | 'person' | 'recording' | 'manifest' | 'purpose' | 'chunks'
> & { readonly thumbprint: string };

/** A grant: compact JWS (RFC 7515), ES256, good for 60 s by this service's clock. */
export async function signGrant(issuer: Issuer, grant: GrantClaims, nowMs: number): Promise<string> {
  return new SignJWT(grantPayload(issuer.url, grant, nowMs))
    .setProtectedHeader({ alg: 'ES256', kid: issuer.key.jwk.kid, typ: TYP })
    .sign(issuer.key.privateKey);
}

/** What a grant says, before it is signed; `url` names this service. */
export function grantPayload(url: string, grant: GrantClaims, nowMs: number): JWTPayload {
  const iat = Math.floor(nowMs / 1_000);
  const { id, dock, person, thumbprint, chunks, kind, recording, manifest, purpose } = grant;
  const { policySet, regime, newestFact, nonce, authorisedUntilMs } = grant;
  return {
    kind,
    recording,
    manifest,
    action: kind === 'delete' ? 'delete' : 'view',
    purpose,
    policySet,
    regime,
    newestFact,
    nonce,
    chunks: [...chunks],
    ...(thumbprint === undefined ? {} : { cnf: { jkt: thumbprint } }),
    ...(authorisedUntilMs === undefined ? {} : { authorisedUntil: Math.floor(authorisedUntilMs / 1_000) }),
    iss: url,
    aud: dock,
    sub: person,
    jti: id,
    iat,
    exp: iat + LIFE_S,
  };
}

/**
 * Opens a grant of kind `open` that this service made within the last 60 s. Throws KeysError GRANT_EXPIRED for an older one,
 * BAD_GRANT for anything else.
 */
export async function openOpeningGrant(issuer: Issuer, jws: string, nowMs: number): Promise<OpeningGrant> {
  return openingGrantIn(await verify(issuer, jws), nowMs);
}

/** The grant in claims whose signature holds. Throws as {@link openOpeningGrant}. */
export function openingGrantIn(claims: JWTPayload, nowMs: number): OpeningGrant {
  const { iat, exp, jti, aud, sub, kind, action, cnf, chunks } = claims;
  if (kind !== 'open' || action !== 'view') throw badGrant('it opens nothing');
  if (typeof iat !== 'number' || typeof exp !== 'number') throw badGrant('it has no times');
  const nowS = nowMs / 1_000;
  if (iat > nowS) throw badGrant('it is from the future');
  if (exp <= nowS || nowS - iat >= LIFE_S) {
    throw new KeysError('GRANT_EXPIRED', 'the grant is older than a minute: open the recording again', {
      retry: 'never',
    });
  }
  return {
    id: word(jti),
    dock: word(aud),
    person: word(sub),
    recording: word(claims['recording']),
    manifest: word(claims['manifest']),
    purpose: word(claims['purpose']),
    thumbprint: word(typeof cnf === 'object' && cnf !== null && 'jkt' in cnf ? cnf.jkt : undefined),
    chunks: rangeIn(chunks),
  };
}

async function verify(issuer: Issuer, jws: string): Promise<JWTPayload> {
  try {
    // Age is judged by the caller, who tells an old grant from a forged one.
    const { payload } = await jwtVerify(jws, ({ kid }) => keyNamed(issuer.key, kid), {
      algorithms: ['ES256'],
      typ: TYP,
      issuer: issuer.url,
      currentDate: new Date(0),
    });
    return payload;
  } catch (cause) {
    throw badGrant('it is not one of ours', cause);
  }
}

function word(claim: unknown): string {
  if (typeof claim === 'string' && claim !== '') return claim;
  throw badGrant('it lacks a claim');
}

function rangeIn(claim: unknown): readonly [number, number] {
  const bounds: readonly unknown[] = Array.isArray(claim) ? claim : [];
  const [start, end] = bounds;
  if (typeof start === 'number' && typeof end === 'number') return [start, end];
  throw badGrant('it names no chunks');
}

function badGrant(why: string, cause?: unknown): KeysError {
  return new KeysError('BAD_GRANT', `the grant is not believed: ${why}`, {
    retry: 'never',
    ...(cause === undefined ? {} : { cause }),
  });
}
