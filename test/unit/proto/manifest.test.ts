import { describe, expect, test } from 'vitest';
import { concat } from '../../../proto/bytes.ts';
import { bwc } from '../../../proto/gen/evidence.js';
import {
  decodeManifest,
  encodeManifest,
  type Manifest,
  openManifest,
  peekManifest,
  signManifest,
} from '../../../proto/manifest.ts';
import { recordingRoot } from '../../../proto/merkle.ts';
import { CAMERA_KEY, checker, DOCK_KEY, fill, manifestOf } from './fixture.ts';

const manifest = manifestOf();
const signed = signManifest(manifest, CAMERA_KEY.sign);
const bad: unknown = expect.objectContaining({ code: 'BAD_MANIFEST' });

/** A manifest signed by the camera whatever it says: what a faulty or hostile camera could send. */
function signedAnyway(change: Partial<bwc.v1.Manifest.$Properties>): Uint8Array {
  const wire = Object.assign(bwc.v1.Manifest.decode(encodeManifest(manifest)), change);
  const encoded = bwc.v1.Manifest.encode(wire).finish();
  const signature = CAMERA_KEY.sign(concat(new TextEncoder().encode('bwc.v1 manifest\n'), encoded));
  return bwc.v1.SignedManifest.encode({ manifest: encoded, signature }).finish();
}

describe('a manifest', () => {
  // Camera signs, dock opens, nothing is lost.
  test('round trips', () => {
    expect(openManifest(signed, CAMERA_KEY.publicKey, checker)).toEqual(manifest);
    expect(peekManifest(signed)).toEqual(manifest);
    expect(decodeManifest(encodeManifest(manifest))).toEqual(manifest);
  });

  // The helper that makes hostile manifests must make good ones too, or the refusals below would prove nothing.
  test('opens when rebuilt without a change', () => {
    expect(openManifest(signedAnyway({}), CAMERA_KEY.publicKey, checker)).toEqual(manifest);
  });

  // Any flipped bit, anywhere: signature, manifest, or the wrapping around them.
  test('fails when any byte changes', () => {
    for (let i = 0; i < signed.length; i++) {
      const changed = signed.slice();
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(() => openManifest(changed, CAMERA_KEY.publicKey, checker)).toThrow(bad);
    }
  });

  test('fails under another key', () => {
    expect(() => openManifest(signed, DOCK_KEY.publicKey, checker)).toThrow(bad);
  });

  // A signature over the same bytes in another role (here: without the domain) must not count.
  test('fails without the signing domain', () => {
    const encoded = encodeManifest(manifest);
    const plain = bwc.v1.SignedManifest.encode({
      manifest: encoded,
      signature: CAMERA_KEY.sign(encoded),
    }).finish();
    expect(() => openManifest(plain, CAMERA_KEY.publicKey, checker)).toThrow(bad);
  });

  // It is named by the digest of its bytes, so a second encoding of the same thing is refused.
  test('has one encoding', () => {
    const padded = concat(signed, Uint8Array.of(0x18, 0x01));
    expect(() => openManifest(padded, CAMERA_KEY.publicKey, checker)).toThrow(bad);
    expect(() => peekManifest(padded)).toThrow(bad);
  });

  const [first] = manifest.chunks;
  if (first === undefined) throw new Error('the sample has no chunks');
  // The root and the sum fit these chunks, so that nothing but the one thing named is wrong.
  const withChunks = (chunks: Manifest['chunks']): Partial<bwc.v1.Manifest.$Properties> => ({
    chunks: [...chunks],
    root: recordingRoot(
      checker.sha256,
      chunks.map((info) => info.sha256),
    ),
    contentBytes: chunks.reduce((sum, info) => sum + info.storedBytes, 0),
  });
  const wrong: readonly (readonly [string, Partial<bwc.v1.Manifest.$Properties>])[] = [
    ['another format', { format: 2 }],
    ['no chunks', withChunks([])],
    ['a wrong sum', { contentBytes: manifest.contentBytes + 1 }],
    ['a root of other chunks', { root: fill(32, 9) }],
    ['chunks out of order', { chunks: [...manifest.chunks].toReversed() }],
    ['an oversize chunk', withChunks([{ ...first, storedBytes: 263_169 }])],
    ['an empty chunk', withChunks([...manifest.chunks, { ...first, storedBytes: 0, plainBytes: 0 }])],
    ['plain bytes beyond its own limit', { chunkBytesMax: 250 }],
    ['an unknown suite', { suite: 2 }],
    ['a sealed length without a seal', withChunks([{ ...first, plainBytes: 99 }])],
    ['no recording id', { recordingId: new Uint8Array() }],
    ['a camera id that is a path', { cameraId: '../../etc' }],
    ['an unknown stop reason', { stopReason: 0 }],
    ['no start', { started: null }],
    ['too many marks', { marks: Array.from({ length: 1001 }, () => ({ at: manifest.started, kind: '' })) }],
    ['a long tag', { incidentTag: 'x'.repeat(129) }],
  ];
  test.each(wrong)('signed, but with %s', (_name, change) => {
    expect(() => openManifest(signedAnyway(change), CAMERA_KEY.publicKey, checker)).toThrow(bad);
  });

  // Refused before the chunks are built: 3 bytes each on the wire, but a hundred in memory.
  test('with a million empty chunks', () => {
    const many = new Uint8Array(3_000_000);
    for (let i = 0; i < many.length; i += 3) many.set([0x8a, 0x01, 0x00], i);
    expect(() => decodeManifest(many)).toThrow(/1000000 members/);
  });

  // Our own mistakes are caught before a key signs them.
  test.each<[string, Partial<Manifest>]>([
    ['a wrong sum', { contentBytes: 1 }],
    ['a short root', { root: fill(31, 0) }],
    ['half a surrogate pair', { incidentTag: 'x\ud83c' }],
    ['an officer that is no id', { officerId: 'Officer 4411' }],
  ])('is not signed with %s', (_name, change) => {
    expect(() => signManifest({ ...manifest, ...change }, CAMERA_KEY.sign)).toThrow(bad);
  });

  test.each([new Uint8Array(), Uint8Array.of(0xff), fill(4 * 1024 * 1024 + 1, 0)])(
    'refuses what is none',
    (bytes) => {
      expect(() => peekManifest(bytes)).toThrow(bad);
    },
  );
});
