import { sealedBytesOf } from '../../../../proto/cobblestone.ts';
import type { Manifest } from '../../../../proto/manifest.ts';
import { signManifest } from '../../../../proto/manifest.ts';
import { recordingRoot } from '../../../../proto/merkle.ts';
import { sample, sha256 } from '../../../contract/stores.ts';
import type { Sample } from '../../../contract/stores.ts';

/** A sample whose manifest is a real one, as the store reads it when it has lost its index. */
export function signedSample(number: number, chunkBytes: readonly number[], wraps?: Uint8Array): Sample {
  const isSealed = wraps !== undefined;
  const plain = sample(number, isSealed ? chunkBytes.map(sealedBytesOf) : chunkBytes);
  const digests = plain.chunks.map(sha256);
  const moment = { wallUs: 1_800_000_000_000_000, monoUs: 5_000_000 };
  const manifest: Manifest = {
    format: 1,
    recordingId: plain.recordingId,
    cameraId: plain.cameraId,
    counter: 1,
    previousRoot: new Uint8Array(0),
    bootId: new Uint8Array(16),
    officerId: '4411',
    incidentTag: '26-1',
    mediaType: 'video/mp4',
    suite: isSealed ? 1 : 0,
    chunkBytesMax: 262_144,
    triggered: moment,
    started: moment,
    ended: moment,
    stopReason: 'button',
    marks: [],
    chunks: plain.chunks.map((chunk, i) => ({
      sha256: digests[i] ?? new Uint8Array(32),
      storedBytes: chunk.length,
      plainBytes: chunkBytes[i] ?? 0,
      mediaStartMs: 0,
      mediaMs: 0,
      endOfFragment: true,
    })),
    root: recordingRoot(sha256, digests),
    contentBytes: plain.contentBytes,
    ...(isSealed ? { wrapsSha256: sha256(wraps) } : {}),
  };
  // Nobody here checks the signature: the ingest side did, before the store ever saw it.
  const signed = signManifest(manifest, () => new Uint8Array(64));
  const named = { manifest: signed, manifestBytes: signed.length, manifestSha256: sha256(signed) };
  return { ...plain, ...named, ...(isSealed ? { wraps } : {}) };
}
