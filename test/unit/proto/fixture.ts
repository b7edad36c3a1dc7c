import { createPrivateKey, createPublicKey, hash, sign, verify } from 'node:crypto';
import { concat, fromHex } from '../../../proto/bytes.ts';
import { type CustodyEntry, encodeEntry } from '../../../proto/custody-entry.ts';
import type { Checker, Sign } from '../../../proto/digest.ts';
import { type CameraId, isCameraId, isDockId, isRecordingId, type RecordingId } from '../../../proto/ids.ts';
import type { ChunkInfo, Manifest, Moment } from '../../../proto/manifest.ts';
import { inclusionProof, leafHash, recordingRoot, rootOf } from '../../../proto/merkle.ts';
import { formatCheckpoint } from '../../../proto/checkpoint.ts';
import { formatVkey, signNote } from '../../../proto/note.ts';
import { formatTlogProof } from '../../../proto/tlog-proof.ts';

// DER in front of a raw Ed25519 key (RFC 8410), which is how node:crypto takes one.
const PKCS8 = fromHex('302e020100300506032b657004220420');
const SPKI = fromHex('302a300506032b6570032100');

export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(hash('sha256', bytes, 'buffer'));

export const checker: Checker = {
  sha256,
  verify: (publicKey, message, signature) => {
    if (publicKey.length !== 32) return false;
    const key = createPublicKey({ key: Buffer.from(concat(SPKI, publicKey)), format: 'der', type: 'spki' });
    return verify(null, message, key, signature);
  },
};

/** An Ed25519 key made from one repeated byte: fixed, so that signatures are the same in every run. */
export interface TestKey {
  readonly publicKey: Uint8Array;
  readonly sign: Sign;
}

export function testKey(seed: number): TestKey {
  const der = Buffer.from(concat(PKCS8, new Uint8Array(32).fill(seed)));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    publicKey: new Uint8Array(spki.subarray(-32)),
    sign: (message) => new Uint8Array(sign(null, message, key)),
  };
}

export const CAMERA_KEY = testKey(1);
export const DOCK_KEY = testKey(2);
export const LEDGER_KEY = testKey(3);
export const ORIGIN = 'holdfast.local/dock-1';
export const LEDGER_VKEY = formatVkey(ORIGIN, LEDGER_KEY.publicKey, sha256);

export const recordingId = checked('00112233445566778899aabbccddeeff', isRecordingId);
export const cameraId = checked('cam-1', isCameraId);
export const dockId = checked('dock-1', isDockId);

/** A string that a guard has let through. */
export function checked<T extends string>(text: string, guard: (text: string) => text is T): T {
  if (!guard(text)) throw new Error(`${text} is no id`);
  return text;
}

export const fill = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);

/** A small recording: an initialisation segment and a fragment of two chunks. */
export const CHUNKS: readonly Uint8Array[] = [fill(100, 1), fill(300, 2), fill(200, 3)];

export function manifestOf(chunks: readonly Uint8Array[] = CHUNKS): Manifest {
  const infos: readonly ChunkInfo[] = chunks.map((bytes, i) => ({
    sha256: sha256(bytes),
    storedBytes: bytes.length,
    plainBytes: bytes.length,
    mediaStartMs: i < 2 ? 0 : 500,
    mediaMs: i === 0 ? 0 : 500,
    endOfFragment: i !== 1,
  }));
  const root = recordingRoot(
    sha256,
    infos.map((info) => info.sha256),
  );
  return {
    format: 1,
    recordingId,
    cameraId,
    counter: 1,
    previousRoot: new Uint8Array(),
    bootId: fill(16, 0xb0),
    officerId: '4411',
    incidentTag: '24-118842',
    mediaType: 'video/mp4; codecs="avc1.42c01f"',
    suite: 0,
    chunkBytesMax: 262_144,
    triggered: { wallUs: 1_793_275_230_000_000, monoUs: 90_000_000 },
    started: { wallUs: 1_793_275_200_000_000, monoUs: 60_000_000 },
    ended: { wallUs: 1_793_275_231_000_000, monoUs: 91_000_000 },
    stopReason: 'button',
    marks: [{ at: { wallUs: 1_793_275_230_500_000, monoUs: 90_500_000 }, kind: 'button' }],
    chunks: infos,
    root,
    contentBytes: infos.reduce((sum, info) => sum + info.storedBytes, 0),
  };
}

/** The same recording by a camera that says all it can of its course. */
export function courseManifestOf(): Manifest {
  const at = (ms: number): Moment => ({
    wallUs: 1_793_275_230_000_000 + ms * 1000,
    monoUs: 90_000_000 + ms * 1000,
  });
  return {
    ...manifestOf(),
    stopReason: 'battery',
    cause: 'taser',
    critical: true,
    mutes: [
      { from: at(100), to: at(250) },
      { from: at(300), to: at(1000) },
    ],
    categories: ['use-of-force', 'arrest'],
    battery: { startPercent: 6, endPercent: 5 },
    track: [
      { at: at(0), latitudeE7: 455_122_250, longitudeE7: -1_226_587_440, accuracyDm: 45 },
      { at: at(800), latitudeE7: -338_567_844, longitudeE7: 1_512_152_961, accuracyDm: 0 },
    ],
  };
}

export function refusedEntry(recording: RecordingId, camera: CameraId, manifest: string): CustodyEntry {
  const at = '2026-10-29T12:00:05.000000Z';
  return { type: 'refused', at, recording, camera, manifest, reason: 'bad-manifest', bytes: 600 };
}

/** A log of these entries, signed by the ledger's key: its checkpoint, and a proof of any entry. */
export function logOf(entries: readonly CustodyEntry[]): {
  readonly checkpoint: string;
  readonly prove: (index: number) => string;
  readonly bytes: (index: number) => Uint8Array;
} {
  const encoded = entries.map(encodeEntry);
  const leaves = encoded.map((entry) => leafHash(sha256, entry));
  const text = formatCheckpoint({ origin: ORIGIN, size: leaves.length, root: rootOf(sha256, leaves) });
  const checkpoint = signNote(text, { ...LEDGER_KEY, name: ORIGIN, sha256 });
  return {
    checkpoint,
    prove: (index) => formatTlogProof({ index, hashes: inclusionProof(sha256, leaves, index), checkpoint }),
    bytes: (index) => encoded[index] ?? new Uint8Array(),
  };
}
