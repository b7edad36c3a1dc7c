import { compactVerify, importJWK, type CryptoKey, type JWK } from 'jose';
import { text } from '../../proto/bytes.ts';
import { FieldError } from '../../proto/errors.ts';
import { isFields, type Fields } from './shape.ts';

/** The pinned key cannot be used; the operator must mend the file before the dock can start. */
export class AuthzenError extends FieldError<'BAD_POLICY_KEY'> {}

/** The one key whose word this dock takes for the policy service's. */
export interface PinnedKey {
  readonly key: CryptoKey;
  readonly kid: string | undefined;
}

// A token or grant is about a kilobyte; nothing longer is worth parsing.
const JWS_CHARACTERS_MAX = 8 * 1024;
// The two clocks belong to two organisations. A fresh nonce binds a grant to its question,
// so this allowance costs little and keeps a dock with a slow clock working.
const SKEW_S = 30;

/** Reads a public P-256 JWK (RFC 7517). Throws AuthzenError BAD_POLICY_KEY for anything else, a private key included. */
export async function pinKey(jwk: unknown): Promise<PinnedKey> {
  if (!isFields(jwk) || jwk['kty'] !== 'EC' || jwk['crv'] !== 'P-256' || 'd' in jwk) {
    throw new AuthzenError('BAD_POLICY_KEY', 'the policy key must be a public P-256 key as a JWK', {
      retry: 'never',
    });
  }
  try {
    const key = await importJWK(jwk as JWK, 'ES256');
    if (key instanceof Uint8Array) throw new TypeError('a symmetric key');
    return { key, kid: typeof jwk['kid'] === 'string' ? jwk['kid'] : undefined };
  } catch (cause) {
    throw new AuthzenError('BAD_POLICY_KEY', 'the policy key is not a valid P-256 key', {
      retry: 'never',
      cause,
    });
  }
}

/**
 * Opens a compact JWS (RFC 7515) of exactly this `typ` under the pinned key, ES256 only. `refused` completes
 * the sentence "policy service answered with …".
 */
export async function openJws(
  jws: unknown,
  typ: string,
  pinned: PinnedKey,
): Promise<{ claims: Fields } | { refused: string }> {
  if (typeof jws !== 'string' || jws.length > JWS_CHARACTERS_MAX)
    return { refused: 'something that is not a signed statement' };
  try {
    const { payload, protectedHeader } = await compactVerify(jws, pinned.key, { algorithms: ['ES256'] });
    if (protectedHeader.typ !== typ) return { refused: 'a signed statement of another kind' };
    if (pinned.kid !== undefined && protectedHeader.kid !== pinned.kid)
      return { refused: 'a signature by an unknown key' };
    const claims: unknown = JSON.parse(text(payload));
    return isFields(claims) ? { claims } : { refused: 'a signed statement that says nothing' };
  } catch (error) {
    if (error instanceof Error && 'code' in error) {
      if (error.code === 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED')
        return { refused: 'a signature by an unknown key' };
      if (error.code === 'ERR_JOSE_ALG_NOT_ALLOWED')
        return { refused: 'a signature of a kind that is not allowed' };
    }
    return { refused: 'a malformed signed statement' };
  }
}

/**
 * Are `iat` and `exp` (RFC 7519 NumericDate, seconds) sane and does `nowUs` lie between them, give or take the
 * allowed skew? Returns what is wrong, or undefined.
 */
export function wrongTime(
  claims: Fields,
  nowUs: number,
  lifeSecondsMax: number,
): 'not yet valid' | 'expired' | 'of unbelievable age' | undefined {
  const { iat, exp } = claims;
  const nowS = nowUs / 1_000_000;
  if (typeof iat !== 'number' || typeof exp !== 'number' || !(exp > iat) || exp - iat > lifeSecondsMax)
    return 'of unbelievable age';
  if (iat > nowS + SKEW_S) return 'not yet valid';
  return exp <= nowS - SKEW_S ? 'expired' : undefined;
}
