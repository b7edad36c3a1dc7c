import { createHash } from 'node:crypto';
import { SignJWT } from 'jose';
import { toHex } from '../../../proto/bytes.ts';
import { RecordError, TrustError } from '../errors.ts';
import { openEmbedded } from './embedded.ts';
import type { Issuer } from './token.ts';

/** A decision as the service signs it for whoever opened footage under it. */
export interface DecisionClaims {
  /** Of the grant that was made for it. */
  readonly grantId: string;
  /** That grant, compact JWS. */
  readonly grant: string;
  /** RFC 3339, by this service's clock: when it was made. */
  readonly at: string;
  readonly person: string;
  readonly recording: string;
  /** SHA-256 of the encoded SignedManifest, hex. */
  readonly manifest: string;
  readonly action: string;
  readonly purpose: string;
  readonly regime: string;
  readonly policySet: string;
  readonly newestFact: number;
  readonly reason: string;
  /** Those that permitted. */
  readonly policies: readonly { readonly id: string; readonly text: string; readonly effect: string }[];
  /** Those that the decision rested on, in index order; each fact as its row holds it, without its manifest. */
  readonly facts: readonly {
    readonly index: number;
    readonly source: string;
    readonly receivedAt: string;
    readonly fact: unknown;
  }[];
}

const RECORD_TYP = 'holdfast-decision+jwt';
const REQUEST_TYP = 'holdfast-decision-request+jwt';
const REQUEST_CHARACTERS_MAX = 8 * 1024;
const NONCE = /^[\x21-\x7e]{16,128}$/;

/** A compact JWS (ES256). It has no end: what was decided stays decided. */
export async function signDecision(issuer: Issuer, claims: DecisionClaims, nowMs: number): Promise<string> {
  const { grantId, grant, person, ...rest } = claims;
  const { at, recording, manifest, action, purpose, regime, policySet, newestFact, reason } = rest;
  const about = { at, recording, manifest, action, purpose, regime, policySet, newestFact };
  return new SignJWT({
    grant: toHex(createHash('sha256').update(grant).digest()),
    decision: true,
    ...about,
    reason,
    policies: [...rest.policies],
    facts: [...rest.facts],
  })
    .setProtectedHeader({ alg: 'ES256', kid: issuer.key.jwk.kid, typ: RECORD_TYP })
    .setIssuer(issuer.url)
    .setSubject(person)
    .setJti(grantId)
    .setIssuedAt(Math.floor(nowMs / 1_000))
    .sign(issuer.key.privateKey);
}

/** Whose decision record a page asks for; nothing in it has been compared with anything yet. */
export interface RecordRequest {
  /** Compact JWS, as the dock passed it on. */
  readonly grant: string;
  /** RFC 7638 thumbprint of the key that signed. */
  readonly signer: string;
}

/** Verifies signature, age, address and shape. Throws RecordError BAD_DECISION_REQUEST. */
export async function openRecordRequest(
  jws: string,
  at: { readonly audience: string; readonly nowMs: number },
): Promise<RecordRequest> {
  const { payload, signer } = await opened(jws, at.nowMs);
  const { aud, grant, nonce } = payload;
  if (aud !== at.audience) throw bad('it is for another service');
  if (typeof nonce !== 'string' || !NONCE.test(nonce)) throw bad('its nonce is missing or too short');
  if (typeof grant !== 'string') throw bad('it lacks the grant');
  return { grant, signer };
}

async function opened(jws: string, nowMs: number): ReturnType<typeof openEmbedded> {
  try {
    return await openEmbedded(jws, { typ: REQUEST_TYP, charactersMax: REQUEST_CHARACTERS_MAX, nowMs }, bad);
  } catch (cause) {
    if (cause instanceof TrustError) throw bad(cause.message, cause);
    throw cause;
  }
}

function bad(why: string, cause?: unknown): RecordError {
  return new RecordError(
    'BAD_DECISION_REQUEST',
    `the request for a decision record is not believed: ${why}`,
    {
      retry: 'never',
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
