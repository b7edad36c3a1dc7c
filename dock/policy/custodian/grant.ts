import { SignJWT } from 'jose';
import type { Issuer } from './token.ts';

export interface GrantClaims {
  readonly id: string;
  /** `release` says that a person may view and opens nothing; `open` lets the dock open it now. */
  readonly kind: 'release' | 'open';
  readonly dock: string;
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

/** A grant: compact JWS (RFC 7515), ES256, good for 60 s by this service's clock. */
export async function signGrant(issuer: Issuer, grant: GrantClaims, nowMs: number): Promise<string> {
  const iat = Math.floor(nowMs / 1_000);
  const { id, dock, person, thumbprint, chunks, kind, recording, manifest, purpose } = grant;
  const { policySet, regime, newestFact, nonce, authorisedUntilMs } = grant;
  return new SignJWT({
    kind,
    recording,
    manifest,
    action: 'view',
    purpose,
    policySet,
    regime,
    newestFact,
    nonce,
    chunks: [...chunks],
    ...(thumbprint === undefined ? {} : { cnf: { jkt: thumbprint } }),
    ...(authorisedUntilMs === undefined ? {} : { authorisedUntil: Math.floor(authorisedUntilMs / 1_000) }),
  })
    .setProtectedHeader({ alg: 'ES256', kid: issuer.key.jwk.kid, typ: TYP })
    .setIssuer(issuer.url)
    .setAudience(dock)
    .setSubject(person)
    .setJti(id)
    .setIssuedAt(iat)
    .setExpirationTime(iat + LIFE_S)
    .sign(issuer.key.privateKey);
}
