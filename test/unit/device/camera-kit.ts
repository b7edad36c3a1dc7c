import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Footage } from '../../../device/capture/footage/footage.ts';
import type { Keys, RecordingHeader, StoredChunk } from '../../../device/ports.ts';
import { closeRecording } from '../../../device/seal/seal.ts';
import { GrowingRoot } from '../../../proto/growing-root.ts';
import { signHead } from '../../../proto/head.ts';
import type { CameraId, RecordingId } from '../../../proto/ids.ts';
import type { ChunkInfo, StopReason } from '../../../proto/manifest.ts';
import { Chance } from '../../../sim/fault/chance.ts';

/** Footage that is quick to make and still real. */
export const SMALL: Footage = { width: 160, height: 120, fps: 5, quantizer: 30, grain: 8 };
export const BOOT_ID = new Uint8Array(16).fill(0xb0);

/** A camera's keys in memory; `publicKey` is raw Ed25519. */
export interface TestKeys extends Keys {
  readonly publicKey: Uint8Array;
}

export function testKeys(seed = 'keys'): TestKeys {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const chance = new Chance(seed);
  return {
    cameraId: 'cam-1' as CameraId,
    publicKey: Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'),
    sign: (message) => sign(null, message, privateKey),
    dock: () => undefined,
    randomBytes: (count) => Uint8Array.from({ length: count }, () => chance.below(256)),
  };
}

export const sha256 = (bytes: Uint8Array): Uint8Array =>
  Uint8Array.from(createHash('sha256').update(bytes).digest());

export function idOf(number: number): RecordingId {
  return number.toString(16).padStart(32, '0') as RecordingId;
}

export function headerOf(counter: number, fields: Partial<RecordingHeader> = {}): RecordingHeader {
  return {
    recordingId: idOf(counter),
    cameraId: 'cam-1' as CameraId,
    counter,
    previousRoot: new Uint8Array(),
    bootId: BOOT_ID,
    officerId: '4411',
    incidentTag: '24-118842',
    mediaType: 'video/mp4; codecs="avc1.42c01f"',
    suite: 0,
    triggered: { wallUs: 5_000_000, monoUs: 5_000 },
    started: { wallUs: 4_000_000, monoUs: 4_000 },
    ...fields,
  };
}

/** Chunk `index` of a recording, of that many bytes; the first is an init segment. */
export function chunkOf(index: number, bytes: number, endOfFragment = true): StoredChunk {
  const stored = Uint8Array.from({ length: bytes }, (_, at) => (index * 31 + at * 7 + (at >> 8)) & 0xff);
  const info = {
    sha256: sha256(stored),
    storedBytes: bytes,
    plainBytes: bytes,
    mediaStartMs: Math.max(0, index - 1) * 1000,
    mediaMs: index === 0 ? 0 : 1000,
    endOfFragment,
  };
  return { info, bytes: stored, at: { wallUs: 6_000_000 + index, monoUs: 6_000 + index } };
}

export function manifestOf(
  header: RecordingHeader,
  chunks: readonly ChunkInfo[],
  options: { readonly keys?: Keys; readonly stopReason?: StopReason; readonly wraps?: Uint8Array } = {},
): Uint8Array {
  const { keys = testKeys(), stopReason = 'button', wraps } = options;
  const end = { ended: { wallUs: 9_000_000, monoUs: 9_000 }, stopReason, marks: [] } as const;
  return closeRecording(header, { chunks, end, wraps }, keys);
}

/** Those chunks as a camera signs them: a head with each that ends a fragment. */
export function withHeads(
  chunks: readonly StoredChunk[],
  keys: Keys,
  recordingId = idOf(1),
): readonly StoredChunk[] {
  const root = new GrowingRoot(sha256);
  return chunks.map((chunk) => {
    root.add(chunk.info.sha256);
    if (!chunk.info.endOfFragment) return chunk;
    const head = { recordingId, chunks: root.size, root: root.root(), at: chunk.at };
    return { ...chunk, head: signHead(head, (message) => keys.sign(message)) };
  });
}

/** A folder of the test's own, gone when it has finished. */
export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-camera-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}
