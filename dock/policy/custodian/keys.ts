import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { calculateJwkThumbprint } from 'jose';
import { TrustError } from '../errors.ts';
import { writeDurably } from './file.ts';

/** What a dock is given, by hand, to know this service by (RFC 7517). */
export interface PublicJwk {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly y: string;
  readonly kid: string;
  readonly use: 'sig';
  readonly alg: 'ES256';
}

/** A P-256 key that the service signs with, signed with, or is going to. */
export interface SigningHalf {
  readonly publicKey: KeyObject;
  readonly jwk: PublicJwk;
}

/** What the service signs with, and the public halves that it is known by meanwhile. */
export interface SigningKey extends SigningHalf {
  readonly privateKey: KeyObject;
  /** This key first; beside it the one that is announced, or the one before until it is retired. */
  readonly known: readonly SigningHalf[];
}

/** Where the private keys lie: in use, announced, and in use before. */
export const SIGNING_FILES = {
  signing: 'policy.key.pem',
  next: 'policy-next.key.pem',
  previous: 'policy-previous.key.pem',
} as const;
/** What docks pin. */
export const JWK_FILE = 'policy.jwk.json';

/**
 * Reads the key in `directory`, or makes it on first start: `policy.key.pem` (PKCS#8, mode 0600, encrypted when a
 * passphrase is given) and `policy.jwk.json`, which is public: a JWK, or while the key changes a JWK Set (RFC 7517, section 5). Throws
 * TrustError BAD_KEY for anything but P-256.
 */
export async function openSigningKey(directory: string, passphrase: string | undefined): Promise<SigningKey> {
  const privateKey = openP256Key(join(directory, SIGNING_FILES.signing), passphrase);
  const own = await halfOf(privateKey);
  const known = [own];
  for (const name of [SIGNING_FILES.next, SIGNING_FILES.previous]) {
    const path = join(directory, name);
    const half = existsSync(path) ? await halfOf(openP256Key(path, passphrase)) : own;
    // A change that was cut short leaves one key in two places.
    if (half.jwk.kid !== own.jwk.kid) known.push(half);
  }
  const jwks = known.map(({ jwk }) => jwk);
  const pinned = jwks.length === 1 ? own.jwk : { keys: jwks };
  publish(join(directory, JWK_FILE), `${JSON.stringify(pinned, null, 2)}\n`);
  return { privateKey, ...own, known };
}

/** The public half that a header names as `kid`. Throws TrustError BAD_KEY for one that the service is not known by. */
export function keyNamed({ known }: SigningKey, kid: string | undefined): KeyObject {
  const found = known.find(({ jwk }) => jwk.kid === kid);
  if (found !== undefined) return found.publicKey;
  throw new TrustError('BAD_KEY', 'it names a key that this service does not have', { retry: 'never' });
}

/** Reads a P-256 key (PKCS#8, mode 0600, encrypted when a passphrase is given), or makes it. Throws TrustError BAD_KEY. */
export function openP256Key(path: string, passphrase: string | undefined): KeyObject {
  if (!existsSync(path)) writeDurably(path, newKey(passphrase), 0o600);
  return readKey(path, passphrase);
}

/** Puts a public file beside a key, and leaves it alone when it says the same already. */
export function publish(path: string, content: string): void {
  if (!existsSync(path) || readFileSync(path, 'utf8') !== content) writeDurably(path, content, 0o644);
}

/** 128 random bits as base64url: ids of grants, and tokens that stand in forms. */
export function randomId(): string {
  return randomBytes(16).toString('base64url');
}

/** 256 random bits as base64url: a bearer token. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url');
}

/** A new P-256 private key in PKCS#8 PEM, encrypted when a passphrase is given. */
export function newKey(passphrase: string | undefined): string {
  return pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, passphrase);
}

/** PKCS#8 PEM, encrypted (PBES2, AES-256-CBC) when a passphrase is given. */
export function pemOf(privateKey: KeyObject, passphrase: string | undefined): string {
  const sealed = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  return privateKey.export({ type: 'pkcs8', format: 'pem', ...sealed }).toString();
}

function readKey(path: string, passphrase: string | undefined): KeyObject {
  const key = parseKey(path, passphrase);
  if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
  throw new TrustError('BAD_KEY', `${path} is not a P-256 key`, { retry: 'never' });
}

/** Any private key in a PEM file. Throws TrustError BAD_KEY. */
export function parseKey(path: string, passphrase: string | undefined): KeyObject {
  try {
    const key = readFileSync(path);
    return createPrivateKey({ key, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (cause) {
    throw new TrustError('BAD_KEY', `${path} cannot be read as a private key; is its passphrase right?`, {
      retry: 'never',
      cause,
    });
  }
}

/** The public half of a P-256 key, named by its thumbprint (RFC 7638). */
export async function halfOf(privateKey: KeyObject): Promise<SigningHalf> {
  const publicKey = createPublicKey(privateKey);
  const { kty = '', crv = '', x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const kid = await calculateJwkThumbprint({ kty, crv, x, y });
  return { publicKey, jwk: { kty, crv, x, y, kid, use: 'sig', alg: 'ES256' } };
}

/** 256 random bits that hide, in a commitment, what could be guessed. */
export function newSalt(): Buffer {
  return randomBytes(32);
}
