import { createHash } from 'node:crypto';
import type { Sha256 } from '../../proto/digest.ts';
import { CHUNK_BYTES_MAX } from '../../proto/limits.ts';
import { type ChunkInfo, type Moment, signManifest } from '../../proto/manifest.ts';
import { recordingRoot } from '../../proto/merkle.ts';
import { MANIFEST_FORMAT } from '../../proto/version.ts';
import type { Keys, PlainChunk, RecordingEnd, RecordingHeader, StoredChunk } from '../ports.ts';

/** All of a header but what sealing decides. */
export type HeaderDraft = Omit<RecordingHeader, 'suite'>;

/**
 * The sealing of one recording, from plain chunks to stored ones. The header comes first and must be durable
 * before the first chunk is sealed: whatever it takes to open the chunks later stands in it, never beside them.
 */
export interface Sealing {
  readonly header: RecordingHeader;
  /** Seals the next chunk; called once for each, in order. */
  seal(plain: PlainChunk, at: Moment): StoredChunk;
}

/** Starts a recording under suite 0: chunks are stored as recorded, and their digests make them tamper-evident. */
export function openSealing(draft: HeaderDraft): Sealing {
  return { header: { ...draft, suite: 0 }, seal: storeAsRecorded };
}

/**
 * The camera's signed word about a whole recording: encoded SignedManifest over exactly these chunks. Needs no
 * secret of the sealing, so recovery can close what a power cut left open.
 * Throws ProofError BAD_MANIFEST when a value is out of its range.
 */
export function closeRecording(
  header: RecordingHeader,
  content: { readonly chunks: readonly ChunkInfo[]; readonly end: RecordingEnd },
  keys: Keys,
): Uint8Array {
  const { chunks, end } = content;
  const digests = chunks.map((chunk) => chunk.sha256);
  const manifest = {
    ...header,
    ...end,
    format: MANIFEST_FORMAT,
    chunkBytesMax: CHUNK_BYTES_MAX,
    chunks,
    root: recordingRoot(sha256, digests),
    contentBytes: chunks.reduce((sum, chunk) => sum + chunk.storedBytes, 0),
  };
  return signManifest(manifest, (message) => keys.sign(message));
}

function storeAsRecorded(plain: PlainChunk, at: Moment): StoredChunk {
  const { bytes, ...place } = plain;
  const info = { ...place, sha256: sha256(bytes), storedBytes: bytes.length, plainBytes: bytes.length };
  return { info, bytes, at };
}

const sha256: Sha256 = (bytes) => createHash('sha256').update(bytes).digest();
