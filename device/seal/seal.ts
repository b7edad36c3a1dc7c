import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { SALT_BYTES, SEAL_KEY_BYTES } from '../../proto/cobblestone.ts';
import type { Sha256 } from '../../proto/digest.ts';
import { GrowingRoot } from '../../proto/growing-root.ts';
import { signHead } from '../../proto/head.ts';
import { CHUNK_BYTES_MAX, STORED_CHUNK_BYTES_MAX } from '../../proto/limits.ts';
import {
  type ChunkInfo,
  encodeManifestHeader,
  type ManifestHeader,
  type Moment,
  signManifest,
} from '../../proto/manifest.ts';
import { recordingRoot } from '../../proto/merkle.ts';
import { MANIFEST_FORMAT } from '../../proto/version.ts';
import { encodeWraps, wrapInfo } from '../../proto/wraps.ts';
import type { Keys, Note, PlainChunk, RecordingEnd, RecordingHeader, Sealer, StoredChunk } from '../ports.ts';
import { courseOf } from './course.ts';
import { sealChunk } from './seal-chunk.ts';

/** All of a header but what sealing decides. */
export type HeaderDraft = Omit<RecordingHeader, 'suite'>;

/**
 * The sealing of one recording, from plain chunks to stored ones. Header and wraps come first and must be durable
 * before the first chunk is stored: they are all it takes to open the chunks later, for those who hold the right key.
 */
export interface Sealing {
  readonly header: RecordingHeader;
  /** Encoded Wraps of a sealed recording. */
  readonly wraps?: Uint8Array;
  /** Seals the next chunk; called once for each, in order. Its bytes are good until the next call: store them first. */
  seal(plain: PlainChunk, at: Moment): StoredChunk;
  /** Overwrites the recording key: from here on nobody can open the recording with what this camera has. */
  forget(): void;
}

/**
 * Starts a recording. With a sealer in `keys` it is sealed (suite 1) under a new random key, which is wrapped for the sealer's
 * recipients and otherwise stays in the result. Without one it is stored as recorded (suite 0). Either way its digests
 * and signed heads make it tamper-evident. Throws ProofError BAD_MANIFEST when a value of the draft is out of its range.
 */
export async function openSealing(draft: HeaderDraft, keys: Keys): Promise<Sealing> {
  const { sealer } = keys;
  if (sealer === undefined) return new RecordingSealing({ ...draft, suite: 0 }, keys);
  const header = { ...draft, suite: 1 } as const;
  const recordingKey = keys.randomBytes(SEAL_KEY_BYTES);
  try {
    return new RecordingSealing(header, keys, {
      recordingKey,
      wraps: await wrapFor(sealer, header, recordingKey),
    });
  } catch (error) {
    recordingKey.fill(0);
    throw error;
  }
}

/** What a recording holds when it is closed. */
export interface RecordingContent {
  readonly chunks: readonly ChunkInfo[];
  readonly end: RecordingEnd;
  /** What the camera noticed meanwhile. */
  readonly notes?: readonly Note[];
  /** Encoded Wraps, exactly of a sealed recording. */
  readonly wraps?: Uint8Array | undefined;
  /** Chunks that a signed head names and that are no longer there. */
  readonly lostChunks?: number;
}

/**
 * The camera's signed word about a whole recording: encoded SignedManifest over exactly these chunks. Needs no
 * secret of the sealing, so recovery can close what a power cut left open.
 * Throws ProofError BAD_MANIFEST when a value is out of its range, or when wraps and suite do not fit.
 */
export function closeRecording(header: RecordingHeader, content: RecordingContent, keys: Keys): Uint8Array {
  const { chunks, end, wraps, lostChunks = 0, notes = [] } = content;
  const digests = chunks.map((chunk) => chunk.sha256);
  const manifest = {
    ...asManifestHeader(header),
    ...end,
    ...courseOf({ cause: header.cause, marks: end.marks, notes, ended: end.ended }),
    chunks,
    root: recordingRoot(sha256, digests),
    contentBytes: chunks.reduce((sum, chunk) => sum + chunk.storedBytes, 0),
    ...(wraps === undefined ? {} : { wrapsSha256: sha256(wraps) }),
    ...(lostChunks === 0 ? {} : { lostChunks }),
  };
  return signManifest(manifest, (message) => keys.sign(message));
}

/** The secret of one recording, and who it was wrapped for. */
interface Secret {
  readonly recordingKey: Uint8Array;
  readonly wraps: Uint8Array;
}

class RecordingSealing implements Sealing {
  readonly header: RecordingHeader;
  readonly wraps?: Uint8Array;
  readonly #keys: Keys;
  readonly #recordingKey: Uint8Array | undefined;
  /** Room for one sealed chunk: fresh memory for each would cost more than all else but the cipher. */
  readonly #room: Uint8Array | undefined;
  readonly #root = new GrowingRoot(sha256);
  #isOver = false;

  constructor(header: RecordingHeader, keys: Keys, secret?: Secret) {
    this.header = header;
    this.#keys = keys;
    this.#recordingKey = secret?.recordingKey;
    if (!secret) return;
    this.wraps = secret.wraps;
    this.#room = new Uint8Array(STORED_CHUNK_BYTES_MAX);
  }

  seal(plain: PlainChunk, at: Moment): StoredChunk {
    // A chunk sealed with the zeros that are left of a key could be opened by anybody.
    assert(!this.#isOver, 'nothing is sealed once the key is gone');
    const bytes = this.#stored(plain.bytes);
    const digest = sha256(bytes);
    this.#root.add(digest);
    const { mediaStartMs, mediaMs, endOfFragment } = plain;
    const info = {
      sha256: digest,
      storedBytes: bytes.length,
      plainBytes: plain.bytes.length,
      mediaStartMs,
      mediaMs,
      endOfFragment,
    };
    return endOfFragment ? { info, bytes, at, head: this.#head(at) } : { info, bytes, at };
  }

  forget(): void {
    this.#isOver = true;
    this.#recordingKey?.fill(0);
  }

  #stored(plain: Uint8Array): Uint8Array {
    if (this.#recordingKey === undefined) return plain;
    const { recordingId: recording } = this.header;
    const chunk = { recordingKey: this.#recordingKey, recording, index: this.#root.size };
    return sealChunk({ ...chunk, into: this.#room }, plain, this.#keys.randomBytes(SALT_BYTES));
  }

  #head(at: Moment): Uint8Array {
    const { recordingId } = this.header;
    const head = { recordingId, chunks: this.#root.size, root: this.#root.root(), at };
    return signHead(head, (message) => this.#keys.sign(message));
  }
}

async function wrapFor(
  sealer: Sealer,
  header: RecordingHeader,
  recordingKey: Uint8Array,
): Promise<Uint8Array> {
  const info = wrapInfo(encodeManifestHeader(asManifestHeader(header)), sha256);
  return encodeWraps(await sealer.wrap(recordingKey, info));
}

function asManifestHeader(header: RecordingHeader): ManifestHeader {
  return { ...header, format: MANIFEST_FORMAT, chunkBytesMax: CHUNK_BYTES_MAX };
}

const sha256: Sha256 = (bytes) => createHash('sha256').update(bytes).digest();
