import { createHash, randomBytes } from 'node:crypto';
import { toHex } from '../../../proto/bytes.ts';
import { crc32c } from '../../../proto/crc32c.ts';
import type { Sha256, Sign } from '../../../proto/digest.ts';
import { type CameraId, isRecordingId, type RecordingId } from '../../../proto/ids.ts';
import { type Layout, layoutOf } from '../../../proto/layout.ts';
import { CHUNK_BYTES_MAX } from '../../../proto/limits.ts';
import { signManifest } from '../../../proto/manifest.ts';
import { prefixDigest, recordingRoot } from '../../../proto/merkle.ts';

const ID_BYTES = 16;
const MEDIA_MS = 500;
const STARTED = { wallUs: 1_800_000_000_000_000, monoUs: 1_000_000 } as const;

export const sha256: Sha256 = (bytes) => createHash('sha256').update(bytes).digest();

/** Random bytes with what has to be known of them, worked out before the clock starts. */
export interface FilmChunk {
  readonly bytes: Uint8Array;
  readonly sha256: Uint8Array;
  readonly crc: number;
}

/** A closed recording as a test camera would offer it. */
export interface LoadRecording {
  readonly recordingId: RecordingId;
  readonly signedManifest: Uint8Array;
  readonly manifestSha256: Uint8Array;
  readonly manifestCrc: number;
  readonly contentBytes: number;
  /** Of the tree over its chunks: the next recording of this camera names it. */
  readonly root: Uint8Array;
  readonly chunks: readonly FilmChunk[];
  readonly layout: Layout;
  prefixDigest(durableTo: number): Uint8Array;
}

/**
 * Chunks that the recordings of a whole fleet are made of. They are used again and again: memory bounds how many different
 * ones there can be. A dock that stores equal bytes once would look faster than it is; ours stores each.
 */
export function makeFilm(count: number, chunkBytes: number): readonly FilmChunk[] {
  return Array.from({ length: count }, () => {
    const bytes = randomBytes(chunkBytes);
    return { bytes, sha256: sha256(bytes), crc: crc32c(bytes) };
  });
}

export interface RecordingPlan {
  readonly cameraId: CameraId;
  readonly sign: Sign;
  /** From 1. */
  readonly counter: number;
  /** Root of the recording before it; empty for the first. */
  readonly previousRoot: Uint8Array;
  readonly chunks: readonly FilmChunk[];
}

/** A recording with a real id, hash tree and signature, not sealed. */
export function makeRecording(plan: RecordingPlan): LoadRecording {
  const { cameraId, sign, counter, previousRoot, chunks } = plan;
  const recordingId = toHex(randomBytes(ID_BYTES));
  if (!isRecordingId(recordingId)) throw new TypeError(`${recordingId} is no recording id`);
  const digests = chunks.map((chunk) => chunk.sha256);
  const root = recordingRoot(sha256, digests);
  const sizes = chunks.map(({ bytes }) => bytes.length);
  const contentBytes = sizes.reduce((sum, size) => sum + size, 0);
  const lasted = MEDIA_MS * chunks.length * 1_000;
  const signedManifest = signManifest(
    {
      ...{ format: 1, recordingId, cameraId, counter, previousRoot },
      ...{ bootId: randomBytes(ID_BYTES), officerId: 'load', incidentTag: 'load' },
      ...{ mediaType: 'video/mp4; codecs="avc1.42c01f"', suite: 0, chunkBytesMax: CHUNK_BYTES_MAX },
      ...{ triggered: STARTED, started: STARTED, stopReason: 'button', marks: [] },
      ended: { wallUs: STARTED.wallUs + lasted, monoUs: STARTED.monoUs + lasted },
      chunks: chunks.map((chunk, index) => ({
        ...{ sha256: chunk.sha256, storedBytes: chunk.bytes.length, plainBytes: chunk.bytes.length },
        ...{ mediaStartMs: index * MEDIA_MS, mediaMs: MEDIA_MS, endOfFragment: true },
      })),
      root,
      contentBytes,
    },
    sign,
  );
  const manifestSha256 = sha256(signedManifest);
  const layout = layoutOf(signedManifest.length, sizes);
  return {
    ...{ recordingId, signedManifest, manifestSha256, contentBytes, root, chunks, layout },
    manifestCrc: crc32c(signedManifest),
    prefixDigest: (durableTo) =>
      prefixDigest(sha256, manifestSha256, digests.slice(0, Math.max(0, layout.unitAt(durableTo) - 1))),
  };
}
