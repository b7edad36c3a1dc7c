import {
  calculateJwkThumbprint,
  compactVerify,
  decodeProtectedHeader,
  importJWK,
  type CryptoKey,
  type JWK,
} from 'jose';
import { text } from '../../proto/bytes.ts';
import { FieldError } from '../../proto/errors.ts';
import { isFields, type Fields } from './shape.ts';

/** The pinned key cannot be used; the operator must mend the file before the dock can start. */
export class AuthzenError extends FieldError<'BAD_POLICY_KEY'> {}

/** The keys whose word this dock takes for the policy service's: usually one, and two while it changes from one to the next. */
export interface PinnedKeys {
  /** By `kid`. */
  readonly named: ReadonlyMap<string, CryptoKey>;
  /** The only key, of a file that does not say what it is called: it may then be called anything. */
  readonly nameless?: CryptoKey;
}

/** Opens a signed statement of exactly this `typ`, under the keys that are pinned. */
export type OpenJws = (jws: unknown, typ: string) => Promise<{ readonly claims: Fields } | Unbelieved>;

/** Why a signed statement is not believed. */
export interface Unbelieved {
  /** Completes the sentence "policy service answered with …". */
  readonly refused: string;
  /** It names a key that is not pinned here, so it may be that somebody has to bring the new one. */
  readonly isUnknownKey?: true;
}

// A token or grant is about a kilobyte; nothing longer is worth parsing.
const JWS_CHARACTERS_MAX = 8 * 1024;
// The two clocks belong to two organisations. A fresh nonce binds a grant to its question,
// so this allowance costs little and keeps a dock with a slow clock working.
const SKEW_S = 30;
// RFC 7638 with SHA-256, base64url. Nothing else is repeated to a person, since anybody can write it into a header.
const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;
const KEYS_MAX = 4;

/**
 * Reads the file that a person brought here: a public P-256 JWK, or a JWK Set (RFC 7517, section 5) of 1 to 4 of them, each named by its
 * thumbprint (RFC 7638). Throws AuthzenError BAD_POLICY_KEY for anything else, a private key included.
 */
export async function pinKeys(file: unknown): Promise<PinnedKeys> {
  if (isFields(file) && Array.isArray(file['keys'])) return { named: await pinSet(file['keys']) };
  const { key, kid } = await pinKey(file);
  return kid === undefined ? { named: new Map(), nameless: key } : { named: new Map([[kid, key]]) };
}

async function pinSet(jwks: readonly unknown[]): Promise<ReadonlyMap<string, CryptoKey>> {
  const named = new Map<string, CryptoKey>();
  if (jwks.length === 0 || jwks.length > KEYS_MAX)
    throw bad(`the policy key file holds ${jwks.length} keys, and 1 to ${KEYS_MAX} can be pinned`);
  for (const [place, jwk] of jwks.entries()) {
    const { key, kid, thumbprint } = await pinKey(jwk);
    // Of several keys the name is all that says which one signed, so a name that anybody could have chosen is none.
    if (kid !== thumbprint)
      throw bad(`key ${place + 1} of the policy key file has a kid that is not its thumbprint`);
    if (named.has(kid)) throw bad(`the policy key file holds the key ${kid} twice`);
    named.set(kid, key);
  }
  return named;
}

async function pinKey(
  jwk: unknown,
): Promise<{ readonly key: CryptoKey; readonly kid: string | undefined; readonly thumbprint: string }> {
  if (!isFields(jwk) || jwk['kty'] !== 'EC' || jwk['crv'] !== 'P-256' || 'd' in jwk)
    throw bad('the policy key must be a public P-256 key as a JWK, or a set of such keys');
  try {
    const key = await importJWK(jwk as JWK, 'ES256');
    if (key instanceof Uint8Array) throw new TypeError('a symmetric key');
    const thumbprint = await calculateJwkThumbprint(jwk);
    return { key, kid: typeof jwk['kid'] === 'string' ? jwk['kid'] : undefined, thumbprint };
  } catch (cause) {
    throw bad('the policy key is not a valid P-256 key', cause);
  }
}

function bad(problem: string, cause?: unknown): AuthzenError {
  return new AuthzenError('BAD_POLICY_KEY', problem, { retry: 'never', cause });
}

/** Opens a compact JWS (RFC 7515) of exactly this `typ`, ES256 only, under the pinned key that it names. */
export async function openJws(
  jws: unknown,
  typ: string,
  pinned: PinnedKeys,
): Promise<{ readonly claims: Fields } | Unbelieved> {
  if (typeof jws !== 'string' || jws.length > JWS_CHARACTERS_MAX)
    return { refused: 'something that is not a signed statement' };
  try {
    const { alg, kid } = decodeProtectedHeader(jws);
    if (alg !== 'ES256') return { refused: 'a signature of a kind that is not allowed' };
    const key = pinned.nameless ?? pinned.named.get(kid ?? '');
    if (key === undefined) return unknownKey(kid);
    const { payload, protectedHeader } = await compactVerify(jws, key, { algorithms: ['ES256'] });
    if (protectedHeader.typ !== typ) return { refused: 'a signed statement of another kind' };
    const claims: unknown = JSON.parse(text(payload));
    return isFields(claims) ? { claims } : { refused: 'a signed statement that says nothing' };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED')
      return { refused: 'a signature by an unknown key' };
    return { refused: 'a malformed signed statement' };
  }
}

function unknownKey(kid: unknown): Unbelieved {
  const name = typeof kid === 'string' && THUMBPRINT.test(kid) ? ` ${kid}` : '';
  const remedy =
    'if the service has a new one, bring its policy.jwk.json to this dock (--policy-key) and start the dock again';
  return { refused: `a signature by an unknown key${name}: ${remedy}`, isUnknownKey: true };
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
