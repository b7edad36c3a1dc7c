import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fromBase64 } from '../../proto/bytes.ts';
import { codeOf, KeyError } from './key-error.ts';

/** Raw Ed25519 (RFC 8032). */
const PUBLIC_KEY_BYTES = 32;
const BASE64_KEY = /^[A-Za-z0-9+/]{43}=$/;
const PEM = /-----BEGIN ([A-Z ]+)-----/;
// Nothing that holds one public key is longer; a file of footage named by mistake is not read whole.
const FILE_BYTES_MAX = 16 * 1024;

/**
 * A camera's raw public key, 32 bytes: from base64, or from a file that holds it in PEM (RFC 8410), raw or in base64. Throws
 * KeyError KEY_BAD, also for a private key, which has no business here, and for a point that is no key; KEY_MISSING.
 */
export function readPublicKey(given: string): Uint8Array {
  if (BASE64_KEY.test(given)) return checked(fromBase64(given), 'the key');
  const file = readFile(given);
  if (file.length === PUBLIC_KEY_BYTES) return checked(file, given);
  const content = file.toString('latin1').trim();
  if (BASE64_KEY.test(content)) return checked(fromBase64(content), given);
  const label = PEM.exec(content)?.[1];
  if (label === undefined)
    throw bad(
      given,
      `holds no public key: it must be PEM, ${PUBLIC_KEY_BYTES} raw bytes, or those in padded base64`,
    );
  if (label !== 'PUBLIC KEY')
    throw bad(given, `holds a ${label}; give the public key alone (openssl pkey -in KEY -pubout)`);
  return fromPem(given, content);
}

/**
 * The public half of a policy service's key: a P-256 key as a JWK in a file (`policy.jwk.json`), or while it changes a JWK Set of
 * several. Throws KeyError KEY_BAD for any other, also for a private key; KEY_MISSING.
 */
export function readPolicyKey(path: string): Readonly<Record<string, unknown>> {
  const file = readFile(path);
  let said: Fields;
  try {
    said = JSON.parse(file.toString('utf8')) as typeof said;
    const { keys = [said] } = said;
    const jwks = Array.isArray(keys) ? (keys as readonly Fields[]) : [];
    if (jwks.length === 0) throw new TypeError('no key');
    for (const jwk of jwks) checkJwk(path, jwk);
  } catch (cause) {
    if (cause instanceof KeyError) throw cause;
    throw bad(path, 'is no public key as a JWK', cause);
  }
  return said;
}

type Fields = Readonly<Record<string, unknown>>;

function checkJwk(path: string, jwk: Fields): void {
  createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
  if (jwk['kty'] !== 'EC' || jwk['crv'] !== 'P-256') throw bad(path, 'is no P-256 key');
  if ('d' in jwk) throw bad(path, 'is a private key; give the public key alone (policy.jwk.json)');
}

function readFile(path: string): Buffer {
  let file: Buffer;
  try {
    file = readFileSync(path);
  } catch (cause) {
    const problem = 'is neither a key (32 bytes in padded base64) nor a file that can be read';
    throw new KeyError('KEY_MISSING', path, { problem: `${problem} (${codeOf(cause)})`, cause });
  }
  if (file.length > FILE_BYTES_MAX) throw bad(path, 'is too large for a public key');
  return file;
}

function fromPem(path: string, pem: string): Uint8Array {
  let type: string | undefined;
  try {
    const key = createPublicKey(pem);
    type = key.asymmetricKeyType;
    const { x } = key.export({ format: 'jwk' });
    if (type === 'ed25519' && x !== undefined) return checked(Buffer.from(x, 'base64url'), path);
  } catch (cause) {
    throw bad(path, 'is no public key in PEM', cause);
  }
  throw bad(path, `is a key of type ${type ?? 'unknown'}, not Ed25519`);
}

/** Thirty-two zeros are what a camera sends whose key was never made: signatures by them can be forged. */
function checked(key: Uint8Array, path: string): Uint8Array {
  if (key.every((byte) => byte === 0)) throw bad(path, 'is all zeros');
  return Uint8Array.from(key);
}

function bad(path: string, problem: string, cause?: unknown): KeyError {
  return new KeyError('KEY_BAD', path, { problem, cause });
}
