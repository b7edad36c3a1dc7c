import { createHash, generateKeyPairSync, type JsonWebKey, type webcrypto } from 'node:crypto';
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core';
import { chunkKey, chunkSecret } from '../../../proto/chunk-key.ts';
import { openPlan, openSegments } from '../../../proto/cobblestone.ts';
import { concat, equal } from '../../../proto/bytes.ts';
import { type RecipientIdentity, recipientThumbprint } from '../../../proto/identity.ts';
import type { RecordingId } from '../../../proto/ids.ts';
import { encodeManifestHeader, peekManifest } from '../../../proto/manifest.ts';
import { decodeWraps, wrapInfo } from '../../../proto/wraps.ts';
import type { StoredChunk } from '../../../device/ports.ts';
import { seededSealer } from '../../../sim/fault/sealer.ts';
import { decrypt, hmacSha256, hmacSha512 } from '../proto/seal-fixture.ts';
import { sha256, type TestKeys, testKeys } from './camera-kit.ts';

/** Somebody who can open what a camera seals to the identity. */
export interface Recipient {
  readonly identity: RecipientIdentity;
  readonly privateKey: JsonWebKey;
}

export function recipientOf(kind: RecipientIdentity['kind'] = 'custodian'): Recipient {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const point = concat(Uint8Array.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url'));
  return {
    identity: { kind, id: `${kind}-1`, publicKey: point },
    privateKey: privateKey.export({ format: 'jwk' }),
  };
}

/** A camera's keys that seal to these, and every recording key that was drawn from them, as it was and as it is now. */
export interface SealingKeys extends TestKeys {
  readonly drawn: readonly { readonly was: Uint8Array; readonly is: Uint8Array }[];
}

export function sealingKeys(recipients: readonly Recipient[], seed = 'keys'): SealingKeys {
  const keys = testKeys(seed);
  const drawn: { was: Uint8Array; is: Uint8Array }[] = [];
  return {
    ...keys,
    drawn,
    sealer: seededSealer(
      recipients.map(({ identity }) => identity),
      seed,
    ),
    randomBytes: (count) => {
      const is = keys.randomBytes(count);
      if (count === 32) drawn.push({ was: is.slice(), is });
      return is;
    },
  };
}

/** A sealed chunk in memory of its own, for whoever looks at it after the next one was sealed. */
export function kept(chunk: StoredChunk): StoredChunk {
  return { ...chunk, bytes: chunk.bytes.slice() };
}

/** What is used of the library, whose own types name the keys of a browser. */
interface Suite {
  readonly kem: {
    importKey(
      format: 'jwk',
      key: Readonly<Record<string, string>>,
      isPublic: false,
    ): Promise<webcrypto.CryptoKey>;
  };
  open(
    from: {
      readonly recipientKey: webcrypto.CryptoKey;
      readonly enc: ArrayBuffer;
      readonly info: ArrayBuffer;
    },
    ciphertext: ArrayBuffer,
  ): Promise<ArrayBuffer>;
}

/** The secret inside the wrap for that recipient, opened with a second HPKE context. Rejects when it does not open under `info`. */
export async function unwrap(wraps: Uint8Array, info: Uint8Array, to: Recipient): Promise<Uint8Array> {
  const suite: Suite = new CipherSuite({
    kem: new DhkemP256HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Aes256Gcm(),
  });
  const name = recipientThumbprint(to.identity.publicKey, sha256);
  const wrap = decodeWraps(wraps).find(({ recipient }) => equal(recipient, name));
  if (!wrap) throw new TypeError('there is no wrap for this recipient');
  const { kty = '', crv = '', x = '', y = '', d = '' } = to.privateKey;
  const recipientKey = await suite.kem.importKey('jwk', { kty, crv, x, y, d }, false);
  const opening = {
    recipientKey,
    enc: Uint8Array.from(wrap.enc).buffer,
    info: Uint8Array.from(info).buffer,
  };
  return new Uint8Array(await suite.open(opening, Uint8Array.from(wrap.ciphertext).buffer));
}

/** Plain bytes of one stored chunk. Throws SealError. */
export function openChunk(
  recordingKey: Uint8Array,
  place: { readonly recording: RecordingId; readonly index: number },
  stored: Uint8Array,
): Uint8Array {
  const secret = chunkSecret(chunkKey(recordingKey, place, hmacSha256), place);
  return openSegments(openPlan(secret, stored, hmacSha512), stored, decrypt);
}

/** What a recipient can do with a sealed recording: the key from its wraps under its manifest, then all its chunks. */
export async function openFilm(
  film: { readonly signedManifest: Uint8Array; readonly wraps?: Uint8Array; readonly content: Uint8Array },
  to: Recipient,
): Promise<Uint8Array> {
  const manifest = peekManifest(film.signedManifest);
  const wraps = film.wraps ?? new Uint8Array();
  if (!equal(sha256(wraps), manifest.wrapsSha256 ?? new Uint8Array())) throw new TypeError('other wraps');
  const key = await unwrap(wraps, wrapInfo(encodeManifestHeader(manifest), sha256), to);
  let start = 0;
  const plain = manifest.chunks.map(({ storedBytes, sha256: digest }, index) => {
    const stored = film.content.subarray(start, start + storedBytes);
    if (!equal(createHash('sha256').update(stored).digest(), digest)) throw new TypeError('other bytes');
    start += storedBytes;
    return openChunk(key, { recording: manifest.recordingId, index }, stored);
  });
  return concat(...plain);
}
