import { createDecipheriv, createECDH, type webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Aes128Gcm, Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256, OpenError } from '@hpke/core';
import { describe, expect, test } from 'vitest';
import { concat, fromHex, toHex, utf8 } from '../../proto/bytes.ts';
import { hkdfExpand } from '../../proto/hkdf.ts';
import { hmacSha256 } from '../unit/proto/seal-fixture.ts';

// Goal: a wrap made with our HPKE library is one of RFC 9180, under the RFC's own suite and under ours, which differs in the
// cipher and has no published vector. Method: the vector both ways with the library; a second opening written here from the
// RFC's text is held against the same vector, then against what the library seals under our suite.

interface Vector {
  readonly info: string;
  readonly pkRm: string;
  readonly skRm: string;
  readonly ikmR: string;
  readonly ikmE: string;
  readonly enc: string;
  readonly encryptions: readonly { readonly pt: string; readonly aad: string; readonly ct: string }[];
}

const path = new URL('./vectors/hpke-rfc9180-p256.json', import.meta.url);
const vector = JSON.parse(readFileSync(path, 'utf8')) as Vector;

type Key = webcrypto.CryptoKey;
type KeyPair = webcrypto.CryptoKeyPair;

/** What is used of the library. Its own types name the `CryptoKey` of a browser, which Node's types keep in a module. */
interface Suite {
  readonly kem: {
    importKey(format: 'raw', key: ArrayBuffer, isPublic: boolean): Promise<Key>;
    deserializePublicKey(key: ArrayBuffer): Promise<Key>;
    serializePublicKey(key: Key): Promise<ArrayBuffer>;
    deriveKeyPair(ikm: Uint8Array): Promise<KeyPair>;
  };
  createSenderContext(params: ToSender & { readonly ekm?: KeyPair }): Promise<Sender>;
  createRecipientContext(params: ToRecipient): Promise<Recipient>;
  seal(params: ToSender, plain: Uint8Array): Promise<{ readonly enc: ArrayBuffer; readonly ct: ArrayBuffer }>;
  open(params: ToRecipient, ciphertext: Uint8Array): Promise<ArrayBuffer>;
}

interface ToSender {
  readonly recipientPublicKey: Key;
  readonly info: Uint8Array;
}

interface ToRecipient {
  readonly recipientKey: Key;
  readonly enc: Uint8Array;
  readonly info: Uint8Array;
}

interface Sender {
  readonly enc: ArrayBuffer;
  seal(plain: Uint8Array, aad: Uint8Array): Promise<ArrayBuffer>;
}

interface Recipient {
  open(ciphertext: Uint8Array, aad: Uint8Array): Promise<ArrayBuffer>;
}

// A suite writes its id into its parts, so each needs parts of its own: with a shared HkdfSha256 the older suite would derive
// the keys of the younger one.
const suiteWith = (aead: Aes128Gcm | Aes256Gcm): Suite =>
  new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead });
const theirs = suiteWith(new Aes128Gcm());
const ours = suiteWith(new Aes256Gcm());
const AES_128 = { id: 1, keyBytes: 16, name: 'aes-128-gcm' } as const;
const AES_256 = { id: 2, keyBytes: 32, name: 'aes-256-gcm' } as const;

const info = concat(utf8('bwc.v1 wrap\n'), new Uint8Array(32).fill(0x5a));
const recordingKey = Uint8Array.from({ length: 32 }, (_, i) => i);

const bytes = (buffer: ArrayBuffer): Uint8Array => new Uint8Array(buffer);
/** A key in an array of its own, as WebCrypto wants it. */
const raw = (hex: string): ArrayBuffer => Uint8Array.from(fromHex(hex)).buffer;
const importSecret = (): Promise<Key> => theirs.kem.importKey('raw', raw(vector.skRm), false);

async function wrap(): Promise<{ readonly enc: Uint8Array; readonly ciphertext: Uint8Array }> {
  const recipientPublicKey = await ours.kem.deserializePublicKey(raw(vector.pkRm));
  const { enc, ct } = await ours.seal({ recipientPublicKey, info }, recordingKey);
  return { enc: bytes(enc), ciphertext: bytes(ct) };
}

const unwrap = async (
  { enc, ciphertext }: { readonly enc: Uint8Array; readonly ciphertext: Uint8Array },
  underInfo: Uint8Array,
): Promise<Uint8Array> =>
  bytes(await ours.open({ recipientKey: await importSecret(), enc, info: underInfo }, ciphertext));

describe('the vector of RFC 9180', () => {
  test('opens, in order', async () => {
    const opening = {
      recipientKey: await importSecret(),
      enc: fromHex(vector.enc),
      info: fromHex(vector.info),
    };
    const context = await theirs.createRecipientContext(opening);
    for (const { pt, aad, ct } of vector.encryptions) {
      expect(toHex(bytes(await context.open(fromHex(ct), fromHex(aad))))).toBe(pt);
    }
    expect(vector.encryptions).toHaveLength(2);
  });

  // With the RFC's ephemeral key in place of a random one.
  test('is what sealing gives', async () => {
    const ekm = await theirs.kem.deriveKeyPair(fromHex(vector.ikmE));
    const recipientPublicKey = await theirs.kem.deserializePublicKey(raw(vector.pkRm));
    const context = await theirs.createSenderContext({ recipientPublicKey, info: fromHex(vector.info), ekm });
    expect(toHex(bytes(context.enc))).toBe(vector.enc);
    for (const { pt, aad, ct } of vector.encryptions) {
      expect(toHex(bytes(await context.seal(fromHex(pt), fromHex(aad))))).toBe(ct);
    }
  });

  test('gives the recipient its key pair', async () => {
    const { publicKey } = await theirs.kem.deriveKeyPair(fromHex(vector.ikmR));
    expect(toHex(bytes(await theirs.kem.serializePublicKey(publicKey)))).toBe(vector.pkRm);
  });

  test('opens by hand', () => {
    const [first] = vector.encryptions;
    if (first === undefined) throw new Error('the vector is empty');
    const sealed = { enc: fromHex(vector.enc), ciphertext: fromHex(first.ct), aad: fromHex(first.aad) };
    expect(toHex(openByHand(AES_128, fromHex(vector.info), sealed))).toBe(first.pt);
  });
});

describe('our suite, with AES-256-GCM', () => {
  test('wraps a recording key in the sizes of a Wrap, and opens it', async () => {
    const wrapped = await wrap();
    expect([wrapped.enc.length, wrapped.ciphertext.length]).toEqual([65, 48]);
    expect(await unwrap(wrapped, info)).toEqual(recordingKey);
    expect((await wrap()).enc).not.toEqual(wrapped.enc);
  });

  test('is opened by hand', async () => {
    expect(openByHand(AES_256, info, await wrap())).toEqual(recordingKey);
  });

  // The info holds the hash of the header: a wrap that was moved to another recording must not open.
  test('does not open under another info, nor when a bit is flipped', async () => {
    const wrapped = await wrap();
    const moved = info.slice();
    moved[moved.length - 1] = 0;
    await expect(unwrap(wrapped, moved)).rejects.toThrow(OpenError);
    const ciphertext = wrapped.ciphertext.slice();
    ciphertext[0] = (ciphertext[0] ?? 0) ^ 1;
    await expect(unwrap({ ...wrapped, ciphertext }, info)).rejects.toThrow(OpenError);
  });

  // Under the RFC's suite id the schedule is another one: the suite is part of what is agreed, not only the key's length.
  test('is not the suite of the vector', async () => {
    const { enc, ciphertext } = await wrap();
    await expect(theirs.open({ recipientKey: await importSecret(), enc, info }, ciphertext)).rejects.toThrow(
      OpenError,
    );
  });
});

interface Cipher {
  readonly id: number;
  readonly keyBytes: number;
  readonly name: 'aes-128-gcm' | 'aes-256-gcm';
}

interface Sealed {
  readonly enc: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly aad?: Uint8Array;
}

/** RFC 9180 sections 4.1 and 5.1 for the first message of a base-mode context, with the vector's recipient. */
function openByHand(cipher: Cipher, underInfo: Uint8Array, { enc, ciphertext, aad }: Sealed): Uint8Array {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(fromHex(vector.skRm));
  const kemSuite = Uint8Array.of(...utf8('KEM'), 0, 0x10);
  const suite = Uint8Array.of(...utf8('HPKE'), 0, 0x10, 0, 1, 0, cipher.id);
  const none = new Uint8Array();
  const eaePrk = extract(kemSuite, none, ['eae_prk', ecdh.computeSecret(enc)]);
  const kemContext = concat(enc, fromHex(vector.pkRm));
  const shared = expand(kemSuite, eaePrk, { label: 'shared_secret', info: kemContext, bytes: 32 });
  const context = concat(
    Uint8Array.of(0),
    extract(suite, none, ['psk_id_hash', none]),
    extract(suite, none, ['info_hash', underInfo]),
  );
  const secret = extract(suite, shared, ['secret', none]);
  const key = expand(suite, secret, { label: 'key', info: context, bytes: cipher.keyBytes });
  const nonce = expand(suite, secret, { label: 'base_nonce', info: context, bytes: 12 });
  const decipher = createDecipheriv(cipher.name, key, nonce, { authTagLength: 16 });
  decipher.setAuthTag(ciphertext.subarray(-16));
  decipher.setAAD(aad ?? none);
  return concat(decipher.update(ciphertext.subarray(0, -16)), decipher.final());
}

const VERSION = utf8('HPKE-v1');

/** LabeledExtract; HKDF-Extract is HMAC with the salt as its key. */
function extract(
  suite: Uint8Array,
  salt: Uint8Array,
  [label, input]: readonly [string, Uint8Array],
): Uint8Array {
  return hmacSha256(salt, concat(VERSION, suite, utf8(label), input));
}

/** LabeledExpand, with our own HKDF-Expand: one more peer that it has to agree with. */
function expand(
  suite: Uint8Array,
  key: Uint8Array,
  what: { readonly label: string; readonly info: Uint8Array; readonly bytes: number },
): Uint8Array {
  const info = concat(Uint8Array.of(0, what.bytes), VERSION, suite, utf8(what.label), what.info);
  return hkdfExpand(hmacSha256, { key, info, bytes: what.bytes, hashBytes: 32 });
}
