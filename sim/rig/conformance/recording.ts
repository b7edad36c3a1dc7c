import { createHash } from 'node:crypto';
import { concat, toHex, utf8 } from '../../../proto/bytes.ts';
import { sealedBytesOf } from '../../../proto/cobblestone.ts';
import type { Sha256, Sign } from '../../../proto/digest.ts';
import type { CameraId, RecordingId } from '../../../proto/ids.ts';
import { type Layout, layoutOf } from '../../../proto/layout.ts';
import { CHUNK_BYTES_MAX } from '../../../proto/limits.ts';
import { type Manifest, signManifest } from '../../../proto/manifest.ts';
import { prefixDigest, recordingRoot } from '../../../proto/merkle.ts';
import { Chance } from '../../fault/chance.ts';
import { makeWraps } from '../../world/town.ts';

const RECORDING_ID_BYTES = 16;
const US_PER_MS = 1_000;
const MEDIA_MS = 500;
const OFFICER = 'conformance';

export const sha256: Sha256 = (bytes) => createHash('sha256').update(bytes).digest();

/** A closed recording as a camera would offer it. */
export interface PuppetRecording {
  readonly recordingId: RecordingId;
  /** Encoded SignedManifest. */
  readonly signedManifest: Uint8Array;
  readonly manifestSha256: Uint8Array;
  readonly contentBytes: number;
  /** Encoded Wraps, of a sealed one. */
  readonly wraps?: Uint8Array;
  /** The whole byte space: manifest, then every chunk. */
  readonly bytes: Uint8Array;
  readonly layout: Layout;
  /** Digest of the prefix that ends at `durableTo`, which must be the end of a unit. */
  prefixDigest(durableTo: number): Uint8Array;
}

export interface RecordingPlan {
  readonly seed: string;
  readonly cameraId: CameraId;
  readonly sign: Sign;
  /** Size of each chunk, before it is sealed. */
  readonly chunkBytes: readonly number[];
  /** Chunks as long as sealed ones, and wraps: random bytes, since no dock can open any. */
  readonly isSealed?: boolean;
  readonly counter?: number;
  /** Changes the manifest before it is signed; the content stays. */
  readonly change?: (manifest: Manifest) => Manifest;
  /** Changes what was signed. */
  readonly spoil?: (signedManifest: Uint8Array) => Uint8Array;
}

/** Seeded content under a real signature: the same seed and key give the same recording. */
export function makeRecording(plan: RecordingPlan): PuppetRecording {
  const chance = new Chance(plan.seed);
  const { isSealed = false } = plan;
  const storedBytes = plan.chunkBytes.map((count) => (isSealed ? sealedBytesOf(count) : count));
  const chunks = storedBytes.map((count, index) => fill(chance.split(`chunk ${index}`), count));
  const digests = chunks.map((chunk) => sha256(chunk));
  const wraps = isSealed ? makeWraps(chance.split('wraps')) : undefined;
  const honest = manifestOf(plan, { chunks, digests, wraps });
  const manifest = plan.change?.(honest) ?? honest;
  const signed = signManifest(manifest, plan.sign);
  const signedManifest = plan.spoil?.(signed) ?? signed;
  const manifestSha256 = sha256(signedManifest);
  const content = concat(...chunks);
  const layout = layoutOf(signedManifest.length, storedBytes);
  return {
    recordingId: manifest.recordingId,
    signedManifest,
    manifestSha256,
    contentBytes: content.length,
    ...(wraps === undefined ? {} : { wraps }),
    bytes: concat(signedManifest, content),
    layout,
    prefixDigest: (durableTo) =>
      prefixDigest(sha256, manifestSha256, digests.slice(0, Math.max(0, layout.unitAt(durableTo) - 1))),
  };
}

interface Made {
  readonly chunks: readonly Uint8Array[];
  readonly digests: readonly Uint8Array[];
  readonly wraps: Uint8Array | undefined;
}

function manifestOf(
  { seed, cameraId, chunkBytes, counter = 1 }: RecordingPlan,
  { chunks, digests, wraps }: Made,
): Manifest {
  const startUs = Date.now() * US_PER_MS;
  const at = (ms: number): Manifest['started'] => ({
    wallUs: startUs + ms * US_PER_MS,
    monoUs: (1_000 + ms) * US_PER_MS,
  });
  return {
    format: 1,
    recordingId: toHex(sha256(utf8(seed)).subarray(0, RECORDING_ID_BYTES)) as RecordingId,
    cameraId,
    counter,
    previousRoot: new Uint8Array(),
    bootId: sha256(utf8(`boot ${seed}`)).subarray(0, RECORDING_ID_BYTES),
    officerId: OFFICER,
    incidentTag: 'conformance',
    mediaType: 'video/mp4; codecs="avc1.42c01f"',
    suite: wraps === undefined ? 0 : 1,
    ...(wraps === undefined ? {} : { wrapsSha256: sha256(wraps) }),
    chunkBytesMax: CHUNK_BYTES_MAX,
    triggered: at(0),
    started: at(0),
    ended: at(MEDIA_MS * chunks.length),
    stopReason: 'button',
    marks: [],
    chunks: chunks.map((chunk, index) => ({
      sha256: digests[index] ?? sha256(chunk),
      storedBytes: chunk.length,
      plainBytes: chunkBytes[index] ?? 0,
      mediaStartMs: index * MEDIA_MS,
      mediaMs: MEDIA_MS,
      endOfFragment: true,
    })),
    root: recordingRoot(sha256, digests),
    contentBytes: chunks.reduce((sum, chunk) => sum + chunk.length, 0),
  };
}

function fill(chance: Chance, count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  for (let i = 0; i < count; i++) bytes[i] = chance.uint32();
  return bytes;
}
