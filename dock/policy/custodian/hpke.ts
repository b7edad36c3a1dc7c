import type { KeyObject, webcrypto } from 'node:crypto';
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core';

type Key = webcrypto.CryptoKey;

/** A P-256 key pair as the library wants it. */
export interface KeyPair {
  readonly privateKey: Key;
  readonly publicKey: Key;
}

/** What HPKE makes of a plaintext (RFC 9180, base mode). */
export interface Sealed {
  /** Uncompressed P-256 point, 65 bytes. */
  readonly enc: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** What is used of the library. Its own types name the `CryptoKey` of a browser, which Node's types keep in a module. */
interface Suite {
  readonly kem: {
    deserializePublicKey(point: Uint8Array): Promise<Key>;
    importKey(format: 'jwk', jwk: webcrypto.JsonWebKey, isPublic: boolean): Promise<Key>;
  };
  seal(
    to: { readonly recipientPublicKey: Key; readonly info: Uint8Array },
    plain: Uint8Array,
  ): Promise<{ readonly enc: ArrayBuffer; readonly ct: ArrayBuffer }>;
  open(
    to: { readonly recipientKey: KeyPair; readonly enc: Uint8Array; readonly info: Uint8Array },
    ciphertext: Uint8Array,
  ): Promise<ArrayBuffer>;
}

/** DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. New each time: the library's suites write into their parts. */
function suite(): Suite {
  return new CipherSuite({
    kem: new DhkemP256HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Aes256Gcm(),
  });
}

/** A P-256 private key as a recipient. Rejects for any other key. */
export async function hpkePair(privateKey: KeyObject): Promise<KeyPair> {
  const { kem } = suite();
  const { d, ...publicPart } = privateKey.export({ format: 'jwk' });
  return {
    privateKey: await kem.importKey('jwk', { ...publicPart, ...(d === undefined ? {} : { d }) }, false),
    publicKey: await kem.importKey('jwk', publicPart, true),
  };
}

/** Seals to an uncompressed P-256 point. Rejects for bytes that are none. */
export async function hpkeSeal(
  plain: Uint8Array,
  to: { readonly point: Uint8Array; readonly info: Uint8Array },
): Promise<Sealed> {
  const hpke = suite();
  const recipientPublicKey = await hpke.kem.deserializePublicKey(to.point);
  const { enc, ct } = await hpke.seal({ recipientPublicKey, info: to.info }, plain);
  return { enc: new Uint8Array(enc), ciphertext: new Uint8Array(ct) };
}

/** Opens what was sealed to this pair under this info. Rejects for anything else. */
export async function hpkeOpen(
  { enc, ciphertext }: Sealed,
  to: { readonly pair: KeyPair; readonly info: Uint8Array },
): Promise<Uint8Array> {
  const plain = await suite().open({ recipientKey: to.pair, enc, info: to.info }, ciphertext);
  return new Uint8Array(plain);
}
