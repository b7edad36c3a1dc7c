import { generateKeyPairSync, type KeyObject, randomUUID, sign, type webcrypto } from 'node:crypto';
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core';

type Key = webcrypto.CryptoKey;

/** A P-256 key of one viewing, as a page makes it; never leaves memory. */
export interface ViewerKey {
  readonly jwk: Readonly<Record<string, unknown>>;
  /** A compact JWS (ES256) of this `typ` with the key in its header; adds a nonce and `iat`, seconds since 1970. */
  sign(typ: string, claims: Readonly<Record<string, unknown>>, nowS: number): string;
}

/** A P-256 key to which somebody seals something once (HPKE, RFC 9180: the suite of the wraps). */
export interface ReceivingKey {
  readonly jwk: Readonly<Record<string, unknown>>;
  /** Rejects for what was not sealed to this key under this info. */
  open(
    sealed: { readonly enc: Uint8Array; readonly ciphertext: Uint8Array },
    info: Uint8Array,
  ): Promise<Uint8Array>;
}

export function newViewerKey(): ViewerKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = jwkOf(publicKey);
  return {
    jwk,
    sign(typ, claims, nowS) {
      const payload = { nonce: randomUUID(), ...claims, iat: Math.floor(nowS) };
      const signed = `${encoded({ alg: 'ES256', typ, jwk })}.${encoded(payload)}`;
      const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return `${signed}.${signature.toString('base64url')}`;
    },
  };
}

export function newReceivingKey(): ReceivingKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    jwk: jwkOf(publicKey),
    async open({ enc, ciphertext }, info) {
      const hpke = suite();
      const recipientKey = {
        privateKey: await hpke.kem.importKey('jwk', jwkOf(privateKey), false),
        publicKey: await hpke.kem.importKey('jwk', jwkOf(publicKey), true),
      };
      return new Uint8Array(await hpke.open({ recipientKey, enc, info }, ciphertext));
    },
  };
}

/** What is used of the library. Its own types name the `CryptoKey` of a browser, which Node's types keep in a module. */
interface Suite {
  readonly kem: { importKey(format: 'jwk', jwk: webcrypto.JsonWebKey, isPublic: boolean): Promise<Key> };
  open(
    to: {
      readonly recipientKey: { readonly privateKey: Key; readonly publicKey: Key };
      readonly enc: Uint8Array;
      readonly info: Uint8Array;
    },
    ciphertext: Uint8Array,
  ): Promise<ArrayBuffer>;
}

/** New each time: the library's suites write into their parts. */
function suite(): Suite {
  return new CipherSuite({
    kem: new DhkemP256HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Aes256Gcm(),
  });
}

const jwkOf = (key: KeyObject): Record<string, unknown> => ({ ...key.export({ format: 'jwk' }) });
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
