import { utf8 } from '../../../proto/bytes.ts';
import { toBase64Url } from './base64url.ts';

/** The page's own key. The private half can sign but never leaves the browser, not even towards this script. */
export interface PageKey {
  readonly pair: CryptoKeyPair;
  /** Only the members that RFC 7638 hashes. */
  readonly jwk: { readonly crv: string; readonly kty: string; readonly x: string; readonly y: string };
  /** RFC 7638. */
  readonly thumbprint: string;
}

/** A key that answers are sealed to. It is made for one of them, and this script cannot read its private half either. */
export interface ReceivingKey {
  readonly pair: CryptoKeyPair;
  readonly jwk: PageKey['jwk'];
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const STORE = 'keys';
const SLOT = 'page';

/** A fresh key in place of the last one: each sign-in binds its own. */
export async function makePageKey(): Promise<PageKey> {
  const pair = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
  await withStore('readwrite', (store) => store.put(pair, SLOT));
  return describe(pair);
}

/** The key of the last sign-in in this browser, if it is still there. */
export async function loadPageKey(): Promise<PageKey | undefined> {
  const pair: unknown = await withStore('readonly', (store) => store.get(SLOT));
  return isPair(pair) ? describe(pair) : undefined;
}

export async function forgetPageKey(): Promise<void> {
  await withStore('readwrite', (store) => store.delete(SLOT));
}

/** ES256 (RFC 7518 section 3.4): the signature as r and s side by side, as WebCrypto gives it. */
export async function sign({ pair }: PageKey, text: string): Promise<string> {
  const signature = await crypto.subtle.sign(
    { name: 'ECDSA', hash: 'SHA-256' },
    pair.privateKey,
    utf8(text).slice(),
  );
  return toBase64Url(new Uint8Array(signature));
}

/** A fresh ECDH key, kept nowhere: with it goes the only way to read the answer again. */
export async function makeReceivingKey(): Promise<ReceivingKey> {
  const algorithm = { name: 'ECDH', namedCurve: 'P-256' } as const;
  const pair = await crypto.subtle.generateKey(algorithm, false, ['deriveBits']);
  return { pair, jwk: await publicJwk(pair) };
}

async function publicJwk({ publicKey }: CryptoKeyPair): Promise<PageKey['jwk']> {
  const { crv = '', kty = '', x = '', y = '' } = await crypto.subtle.exportKey('jwk', publicKey);
  return { crv, kty, x, y };
}

async function describe(pair: CryptoKeyPair): Promise<PageKey> {
  const jwk = await publicJwk(pair);
  const { crv, kty, x, y } = jwk;
  // RFC 7638: the required members in lexical order, without white space.
  const canonical = JSON.stringify({ crv, kty, x, y });
  const digest = await crypto.subtle.digest('SHA-256', utf8(canonical).slice());
  return { pair, jwk, thumbprint: toBase64Url(new Uint8Array(digest)) };
}

function isPair(value: unknown): value is CryptoKeyPair {
  return typeof value === 'object' && value !== null && 'privateKey' in value && 'publicKey' in value;
}

async function withStore<Result>(
  mode: IDBTransactionMode,
  use: (store: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result> {
  const database = await openDatabase();
  try {
    return await settled(use(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

async function openDatabase(): Promise<IDBDatabase> {
  const opening = indexedDB.open('holdfast', 1);
  opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore(STORE));
  return settled(opening);
}

function settled<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('this browser keeps no keys')));
  });
}
