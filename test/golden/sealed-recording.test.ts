import { createECDH, type ECDH } from 'node:crypto';
import { OpenError } from '@hpke/core';
import { describe, expect, test } from 'vitest';
import { sealChunk } from '../../device/seal/seal-chunk.ts';
import { fromHex, toHex, utf8 } from '../../proto/bytes.ts';
import { chunkKey, chunkSecret } from '../../proto/chunk-key.ts';
import { openPlan, openSegments } from '../../proto/cobblestone.ts';
import { openHead } from '../../proto/head.ts';
import { encodeManifestHeader, openManifest, signManifest } from '../../proto/manifest.ts';
import { recordingRoot } from '../../proto/merkle.ts';
import { decodeWraps, encodeWraps, wrapInfo } from '../../proto/wraps.ts';
import { type Recipient, unwrap } from '../unit/device/open-kit.ts';
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

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

/** A P-256 key pair in the members of a JWK. */
function jwkOf(ecdh: ECDH): Record<'kty' | 'crv' | 'x' | 'y' | 'd', string> {
  const point = ecdh.getPublicKey();
  return {
    kty: 'EC',
    crv: 'P-256',
    x: base64url(point.subarray(1, 33)),
    y: base64url(point.subarray(33)),
    d: base64url(ecdh.getPrivateKey()),
  };
}

const ecdh = createECDH('prime256v1');
ecdh.setPrivateKey(fromHex(vector.custodian.privateKey));
const custodian: Recipient = {
  identity: { kind: 'custodian', id: 'custodian', publicKey: fromHex(vector.custodian.publicKey) },
  privateKey: jwkOf(ecdh),
};

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
    const wraps = fromHex(vector.wraps);
    const info = fromHex(vector.wrapInfo);
    expect(toHex(await unwrap(wraps, info, custodian))).toBe(vector.recordingKey);
    const moved = wrapInfo(encodeManifestHeader({ ...manifest, counter: manifest.counter + 1 }), sha256);
    await expect(unwrap(wraps, moved, custodian)).rejects.toBeInstanceOf(OpenError);
    const stranger = createECDH('prime256v1');
    stranger.setPrivateKey(new Uint8Array(32).fill(1));
    const other = { ...custodian, privateKey: jwkOf(stranger) };
    await expect(unwrap(wraps, info, other)).rejects.toBeInstanceOf(OpenError);
  });

  test('the thumbprint is RFC 7638 of the public key', () => {
    expect(ecdh.getPublicKey('hex')).toBe(vector.custodian.publicKey);
    const { crv, kty, x, y } = custodian.privateKey;
    expect(toHex(sha256(utf8(JSON.stringify({ crv, kty, x, y }))))).toBe(vector.custodian.thumbprint);
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
