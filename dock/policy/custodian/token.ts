import { calculateJwkThumbprint, errors, importJWK, jwtVerify, SignJWT, type JWK } from 'jose';
import { TrustError } from '../errors.ts';
import { keyNamed, type SigningKey } from './keys.ts';

/** Who a viewer token speaks for. */
export interface Viewer {
  readonly person: string;
  /** For people. */
  readonly name: string;
  readonly roles: readonly string[];
  /** RFC 7638 thumbprint of the key the page made; it signs each opening. */
  readonly thumbprint: string;
  /** When the person proved who they are, seconds since 1970 (OpenID Connect Core, `auth_time`); now when absent. */
  readonly signedInAtS?: number;
  /** Issuer of the OpenID provider that said so; absent after a password. */
  readonly provider?: string;
}

export interface Signed {
  readonly token: string;
  readonly expiresAtMs: number;
}

/** Names itself in `iss` and signs with its key; what it signed with the one before it believes until that is retired. */
export interface Issuer {
  readonly key: SigningKey;
  readonly url: string;
}

const TYP = 'holdfast-viewer+jwt';
const AUDIENCE = 'holdfast-viewer';
const LIFE_S = 15 * 60;
/** So long after the password the page may have its token renewed; two hours of footage is more than anybody reviews in one go. */
export const SIGN_IN_LIFE_S = 2 * 60 * 60;
const TOKEN_CHARACTERS_MAX = 8 * 1024;

/** A token for 15 minutes, or what is left of the sign-in, that binds the person to the page's key (RFC 7800 `cnf`). */
export async function signViewerToken(issuer: Issuer, viewer: Viewer, nowMs: number): Promise<Signed> {
  const iat = Math.floor(nowMs / 1_000);
  const signedInAtS = viewer.signedInAtS ?? iat;
  const exp = Math.min(iat + LIFE_S, signedInAtS + SIGN_IN_LIFE_S);
  const token = await new SignJWT({
    name: viewer.name,
    roles: [...viewer.roles],
    auth_time: signedInAtS,
    ...(viewer.provider === undefined ? {} : { idp: viewer.provider }),
    cnf: { jkt: viewer.thumbprint },
  })
    .setProtectedHeader({ alg: 'ES256', kid: issuer.key.jwk.kid, typ: TYP })
    .setIssuer(issuer.url)
    .setSubject(viewer.person)
    .setAudience(AUDIENCE)
    .setIssuedAt(iat)
    .setExpirationTime(exp)
    .sign(issuer.key.privateKey);
  return { token, expiresAtMs: exp * 1_000 };
}

/** Opens a token this service made. Throws TrustError BAD_TOKEN. */
export async function openViewerToken(issuer: Issuer, token: string, nowMs: number): Promise<Viewer> {
  const { payload } = await verify(issuer, token, nowMs);
  const { sub, name, roles, cnf, auth_time: signedInAtS, idp } = payload;
  const thumbprint = typeof cnf === 'object' && cnf !== null && 'jkt' in cnf ? cnf.jkt : undefined;
  if (sub === undefined || typeof thumbprint !== 'string') throw badToken('says too little');
  return {
    person: sub,
    name: typeof name === 'string' ? name : sub,
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
    thumbprint,
    ...(typeof signedInAtS === 'number' ? { signedInAtS } : {}),
    ...(typeof idp === 'string' ? { provider: idp } : {}),
  };
}

async function verify(issuer: Issuer, token: string, nowMs: number): ReturnType<typeof jwtVerify> {
  if (token.length > TOKEN_CHARACTERS_MAX) throw badToken('is too long');
  try {
    return await jwtVerify(token, ({ kid }) => keyNamed(issuer.key, kid), {
      algorithms: ['ES256'],
      typ: TYP,
      audience: AUDIENCE,
      issuer: issuer.url,
      requiredClaims: ['exp', 'iat', 'sub'],
      currentDate: new Date(nowMs),
    });
  } catch (cause) {
    throw badToken(cause instanceof errors.JWTExpired ? 'has expired' : 'is not one of ours', cause);
  }
}

/**
 * Thumbprint of a public P-256 key that a page offers. Throws TrustError BAD_KEY for any other key, for a private
 * one, and for a point that is not on the curve.
 */
export async function pageThumbprint(jwk: unknown): Promise<string> {
  const { kty, crv, x, y } = publicPart(jwk);
  try {
    await importJWK({ kty, crv, x, y }, 'ES256');
    return await calculateJwkThumbprint({ kty, crv, x, y });
  } catch (cause) {
    throw badKey('it is not a point on P-256', cause);
  }
}

/** The members of a public P-256 JWK that RFC 7638 hashes. Throws TrustError BAD_KEY for anything else, a private key included. */
export function publicPart(jwk: unknown): Required<Pick<JWK, 'kty' | 'crv' | 'x' | 'y'>> {
  if (typeof jwk !== 'object' || jwk === null) throw badKey('it is not a JWK');
  const { kty, crv, x, y, d }: Readonly<Record<string, unknown>> = { ...jwk };
  if (d !== undefined) throw badKey('it is a private key, which no page may give away');
  if (kty !== 'EC' || crv !== 'P-256' || typeof x !== 'string' || typeof y !== 'string') {
    throw badKey('it is not a P-256 JWK');
  }
  return { kty, crv, x, y };
}

function badToken(why: string, cause?: unknown): TrustError {
  return new TrustError('BAD_TOKEN', `the viewer token ${why}`, {
    retry: 'never',
    ...(cause === undefined ? {} : { cause }),
  });
}

function badKey(why: string, cause?: unknown): TrustError {
  return new TrustError('BAD_KEY', `the page's key cannot be used: ${why}`, {
    retry: 'never',
    ...(cause === undefined ? {} : { cause }),
  });
}
