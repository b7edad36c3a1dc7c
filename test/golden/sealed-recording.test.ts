import { createECDH } from 'node:crypto';
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core';
import { describe, expect, test } from 'vitest';
import { sealChunk } from '../../device/seal/seal-chunk.ts';
import { fromHex, toBase64, toHex, utf8 } from '../../proto/bytes.ts';
import { chunkKey, chunkSecret } from '../../proto/chunk-key.ts';
import { openPlan, openSegments } from '../../proto/cobblestone.ts';
import { openHead } from '../../proto/head.ts';
import { encodeManifestHeader, openManifest, signManifest } from '../../proto/manifest.ts';
import { recordingRoot } from '../../proto/merkle.ts';
import { decodeWraps, encodeWraps, wrapInfo } from '../../proto/wraps.ts';
import { CAMERA_KEY, checker, recordingId, sha256 } from '../unit/proto/fixture.ts';
import { decrypt, hmacSha256, hmacSha512 } from '../unit/proto/seal-fixture.ts';
import { readVector } from './vector.ts';

interface SealedRecording {
  readonly recordingKey: string;
  readonly custodian: {
    readonly privateKey: string;
    readonly publicKey: string;
    readonly thumbprint: string;
  };
  readonly header: string;
  readonly wrapInfo: string;
  readonly wraps: string;
  readonly chunks: readonly { readonly plain: string; readonly salt: string; readonly stored: string }[];
  readonly signed: string;
  readonly head: string;
}

const vector = readVector('sealed-recording') as unknown as SealedRecording;
const recordingKey = fromHex(vector.recordingKey);
const signed = fromHex(vector.signed);
const manifest = openManifest(signed, CAMERA_KEY.publicKey, checker);

/** A plain ArrayBuffer, as the library takes its arguments. */
const buffer = (hex: string): ArrayBuffer => Uint8Array.from(fromHex(hex)).buffer;

// Goal: whoever writes a camera or a custodian in another language has every intermediate value of one sealed recording.
// Method: all random values are fixed; each value is made again from the one before, and opened from the other end.
describe('a sealed recording', () => {
  test('its header is the manifest before chunk 0', () => {
    expect(toHex(encodeManifestHeader(manifest))).toBe(vector.header);
    expect(toHex(wrapInfo(fromHex(vector.header), sha256))).toBe(vector.wrapInfo);
    expect(toHex(signManifest(manifest, CAMERA_KEY.sign))).toBe(vector.signed);
  });

  test('its wraps are those that the manifest names', () => {
    const encoded = fromHex(vector.wraps);
    expect(manifest.wrapsSha256).toEqual(sha256(encoded));
    expect(toHex(encodeWraps(decodeWraps(encoded)))).toBe(vector.wraps);
    expect(decodeWraps(encoded).map(({ recipient }) => toHex(recipient))).toEqual([
      vector.custodian.thumbprint,
    ]);
  });

  test('the custodian, and nobody else, opens the wrap in this recording, and in no other', async () => {
    const [wrap] = decodeWraps(fromHex(vector.wraps));
    if (wrap === undefined) throw new Error('the vector has no wrap');
    const kem = new DhkemP256HkdfSha256();
    const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Aes256Gcm() });
    const open = async (privateKey: string, info: string): Promise<string> => {
      const recipientKey = await kem.deserializePrivateKey(buffer(privateKey));
      const enc = Uint8Array.from(wrap.enc).buffer;
      const opened = await suite.open(
        { recipientKey, enc, info: buffer(info) },
        Uint8Array.from(wrap.ciphertext).buffer,
      );
      return toHex(new Uint8Array(opened));
    };
    await expect(open(vector.custodian.privateKey, vector.wrapInfo)).resolves.toBe(vector.recordingKey);
    const moved = toHex(
      wrapInfo(encodeManifestHeader({ ...manifest, counter: manifest.counter + 1 }), sha256),
    );
    await expect(open(vector.custodian.privateKey, moved)).rejects.toThrow();
    await expect(open('01'.repeat(32), vector.wrapInfo)).rejects.toThrow();
  });

  test('the thumbprint is RFC 7638 of the public key', () => {
    const ecdh = createECDH('prime256v1');
    ecdh.setPrivateKey(fromHex(vector.custodian.privateKey));
    expect(ecdh.getPublicKey('hex')).toBe(vector.custodian.publicKey);
    const point = fromHex(vector.custodian.publicKey);
    const part = (from: number): string =>
      toBase64(point.subarray(from, from + 32))
        .replaceAll('+', '-')
        .replaceAll('/', '_')
        .replaceAll('=', '');
    const jwk = { crv: 'P-256', kty: 'EC', x: part(1), y: part(33) };
    expect(toHex(sha256(utf8(JSON.stringify(jwk))))).toBe(vector.custodian.thumbprint);
  });

  test.each(vector.chunks.map((chunk, index) => [index, chunk] as const))('chunk %i', (index, chunk) => {
    const place = { recording: recordingId, index };
    const stored = fromHex(chunk.stored);
    expect(toHex(sealChunk({ ...place, recordingKey }, fromHex(chunk.plain), fromHex(chunk.salt)))).toBe(
      chunk.stored,
    );
    const key = chunkKey(recordingKey, place, hmacSha256);
    expect(toHex(openSegments(openPlan(chunkSecret(key, place), stored, hmacSha512), stored, decrypt))).toBe(
      chunk.plain,
    );
    const info = manifest.chunks[index];
    expect(info).toMatchObject({ sha256: sha256(stored), storedBytes: stored.length });
    // A chunk that is put in another's place does not open there.
    const elsewhere = { ...place, index: index + 1 };
    const otherKey = chunkKey(recordingKey, elsewhere, hmacSha256);
    expect(() => openPlan(chunkSecret(otherKey, elsewhere), stored, hmacSha512)).toThrow('commitment');
    expect(() => openPlan(chunkSecret(key, elsewhere), stored, hmacSha512)).toThrow('commitment');
  });

  test('its head is signed over the chunks so far', () => {
    const head = openHead(fromHex(vector.head), CAMERA_KEY.publicKey, checker);
    const digests = manifest.chunks.map((info) => info.sha256);
    expect(head).toMatchObject({ recordingId, root: recordingRoot(sha256, digests.slice(0, head.chunks)) });
  });
});
