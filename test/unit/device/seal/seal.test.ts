import { describe, expect, it } from 'vitest';
import { checker } from '../../../../device/keys/checker.ts';
import { closeRecording, openSealing } from '../../../../device/seal/seal.ts';
import { openManifest } from '../../../../proto/manifest.ts';
import { recordingRoot } from '../../../../proto/merkle.ts';
import { chunkOf, headerOf, sha256, testKeys } from '../camera-kit.ts';

describe('sealing under suite 0', () => {
  // Goal: bytes stay as they are, and what is said of them is true. Method: one chunk.
  it('stores a chunk as it was recorded', () => {
    const sealing = openSealing(headerOf(1));
    expect(sealing.header).toEqual(headerOf(1));
    const bytes = Uint8Array.of(1, 2, 3);
    const at = { wallUs: 5, monoUs: 6 };
    const stored = sealing.seal({ bytes, mediaStartMs: 10, mediaMs: 20, endOfFragment: true }, at);
    expect(stored).toEqual({
      info: {
        sha256: Buffer.from(sha256(bytes)),
        storedBytes: 3,
        plainBytes: 3,
        mediaStartMs: 10,
        mediaMs: 20,
        endOfFragment: true,
      },
      bytes,
      at,
    });
  });
});

describe('closing', () => {
  // Goal: the manifest says all of header, chunks and end, with the right root and sum, and the camera's signature
  // holds over it and over nothing else. Method: open it with the right key and with another.
  it('signs the whole recording', () => {
    const keys = testKeys();
    const header = headerOf(7, { previousRoot: new Uint8Array(32).fill(3) });
    const chunks = [chunkOf(0, 100), chunkOf(1, 300)].map(({ info }) => info);
    const marks = [{ at: { wallUs: 8, monoUs: 9 }, kind: 'weapon' }];
    const end = { ended: { wallUs: 10, monoUs: 11 }, stopReason: 'docked', marks } as const;
    const signed = closeRecording(header, { chunks, end }, keys);
    const manifest = openManifest(signed, keys.publicKey, checker);
    const root = recordingRoot(
      sha256,
      chunks.map((chunk) => chunk.sha256),
    );
    expect(manifest).toEqual({
      ...header,
      ...end,
      format: 1,
      chunkBytesMax: 262_144,
      chunks,
      contentBytes: 400,
      root,
    });
    expect(() => openManifest(signed, testKeys().publicKey, checker)).toThrow(/signature/);
  });
});
