import $protobuf from 'protobufjs/minimal.js';
import { concat, equal, utf8 } from './bytes.ts';
import { sealedBytesOf } from './cobblestone.ts';
import { decodeBody, encodeBody } from './codec.ts';
import {
  bool,
  bytes,
  bytesOrEmpty,
  bytesUpTo,
  cameraId,
  type Field,
  type Fields,
  list,
  officerId,
  optional,
  rangeError,
  record,
  recordingId,
  text,
  uint32,
  uint53,
} from './codec-field.ts';
import type { Entry } from './codec-table.ts';
import {
  cause,
  checkCourse,
  type Course,
  courseFields,
  type Mark,
  marks,
  type Moment,
  moment,
  type RecordingCause,
  type StopReason,
  stopReason,
} from './course.ts';
import type { Checker, Sign } from './digest.ts';
import { PduError, ProofError } from './errors.ts';
import { bwc } from './gen/evidence.js';
import type { CameraId, RecordingId } from './ids.ts';
import {
  CHUNK_BYTES_MAX,
  CHUNKS_MAX,
  CATEGORIES_MAX,
  INCIDENT_TAG_BYTES_MAX,
  MANIFEST_BYTES_MAX,
  MARKS_MAX,
  MUTES_MAX,
  MEDIA_TYPE_BYTES_MAX,
  STORED_CHUNK_BYTES_MAX,
  TICKET_BYTES_MAX,
  TRACK_POINTS_MAX,
} from './limits.ts';
import { recordingRoot } from './merkle.ts';
import { MANIFEST_FORMAT } from './version.ts';

export type { Mark, Moment, Mute, RecordingCause, StopReason, TrackPoint } from './course.ts';

/** One stored chunk; `sha256` (32 bytes) is of the bytes as stored and sent. */
export interface ChunkInfo {
  readonly sha256: Uint8Array;
  readonly storedBytes: number;
  readonly plainBytes: number;
  readonly mediaStartMs: number;
  readonly mediaMs: number;
  readonly endOfFragment: boolean;
}

/** 0: bytes are stored as recorded. 1: Cobblestone-256. */
export type Suite = 0 | 1;

/** The camera's signed word about one closed recording; field meanings in evidence.proto. */
export interface Manifest extends Course {
  readonly format: number;
  readonly recordingId: RecordingId;
  readonly cameraId: CameraId;
  readonly counter: number;
  /** 32 bytes, or empty for a camera's first recording. */
  readonly previousRoot: Uint8Array;
  readonly bootId: Uint8Array;
  readonly officerId: string;
  readonly incidentTag: string;
  readonly mediaType: string;
  readonly suite: Suite;
  readonly chunkBytesMax: number;
  readonly triggered: Moment;
  readonly started: Moment;
  readonly ended: Moment;
  readonly stopReason: StopReason;
  readonly marks: readonly Mark[];
  readonly chunks: readonly ChunkInfo[];
  /** RFC 6962 root; leaf data is each chunk's 32-byte SHA-256. */
  readonly root: Uint8Array;
  readonly contentBytes: number;
  /** SHA-256 of the encoded Wraps of a sealed recording. */
  readonly wrapsSha256?: Uint8Array;
  /** How many chunks a signed head had named that recovery no longer found. */
  readonly lostChunks?: number;
  /** The newest checkpoint that a dock had handed to the camera when it began to record: the recording is younger. */
  readonly ticket?: string;
  /** What made the camera record; absent where it does not say. */
  readonly cause?: RecordingCause;
}

/** What is known, and fixed, before the first chunk. The wraps of a sealed recording are bound to these bytes. */
export type ManifestHeader = Pick<
  Manifest,
  | 'format'
  | 'recordingId'
  | 'cameraId'
  | 'counter'
  | 'previousRoot'
  | 'bootId'
  | 'officerId'
  | 'incidentTag'
  | 'mediaType'
  | 'suite'
  | 'chunkBytesMax'
  | 'triggered'
  | 'started'
  | 'ticket'
  | 'cause'
>;

const wire = bwc.v1;
const MANIFEST_DOMAIN = utf8('bwc.v1 manifest\n');
const sha256 = bytes(32);
/** The repeated fields by their numbers in the schema, and how many members each may have. */
const COUNTS_MAX: ReadonlyMap<number, readonly [string, number]> = new Map([
  [16, ['marks', MARKS_MAX]],
  [17, ['chunks', CHUNKS_MAX]],
  [25, ['mutes', MUTES_MAX]],
  [26, ['categories', CATEGORIES_MAX]],
  [28, ['track', TRACK_POINTS_MAX]],
]);

const suite: Field<Suite> = {
  toWire: (value) => value,
  fromWire: (value, name) => {
    const found = uint32().fromWire(value, name);
    if (found !== 0 && found !== 1) throw rangeError(name, `${found} is not known`);
    return found;
  },
};

const chunk = record<ChunkInfo>({
  sha256,
  storedBytes: uint32(1, STORED_CHUNK_BYTES_MAX),
  plainBytes: uint32(1, CHUNK_BYTES_MAX),
  mediaStartMs: uint32(),
  mediaMs: uint32(),
  endOfFragment: bool,
});

const headerFields: Fields<ManifestHeader> = {
  format: uint32(MANIFEST_FORMAT, MANIFEST_FORMAT),
  recordingId,
  cameraId,
  counter: uint53,
  previousRoot: bytesOrEmpty(32),
  bootId: bytes(16),
  officerId,
  incidentTag: text(INCIDENT_TAG_BYTES_MAX),
  mediaType: text(MEDIA_TYPE_BYTES_MAX),
  suite,
  chunkBytesMax: uint32(1, CHUNK_BYTES_MAX),
  triggered: moment,
  started: moment,
  ticket: optional(text(TICKET_BYTES_MAX)),
  cause,
};

const HEADER: Entry<ManifestHeader> = {
  wire: wire.Manifest,
  fields: record<ManifestHeader>(headerFields),
};

const MANIFEST: Entry<Manifest> = {
  wire: wire.Manifest,
  fields: record<Manifest>(
    {
      ...headerFields,
      ended: moment,
      stopReason,
      marks,
      chunks: list(chunk, CHUNKS_MAX),
      root: sha256,
      contentBytes: uint53,
      wrapsSha256: optional(sha256),
      lostChunks: optional(uint32()),
      ...courseFields,
    },
    (manifest) => {
      checkSizes(manifest);
      checkCourse(manifest);
    },
  ),
};

interface Signed {
  readonly manifest: Uint8Array;
  readonly signature: Uint8Array;
}

const SIGNED_MANIFEST: Entry<Signed> = {
  wire: wire.SignedManifest,
  fields: record<Signed>({ manifest: bytesUpTo(MANIFEST_BYTES_MAX), signature: bytes(64) }),
};

/**
 * The header of a recording: the canonical encoding of its manifest with only the fields that were known before the
 * first chunk. Throws ProofError BAD_MANIFEST for values out of range.
 */
export function encodeManifestHeader(header: ManifestHeader): Uint8Array {
  return orBad(() => encodeBody(HEADER, header));
}

/** The bytes that a camera signs, without domain. Throws ProofError BAD_MANIFEST for values out of range. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  return orBad(() => encodeBody(MANIFEST, manifest));
}

/**
 * Inverse of {@link encodeManifest}: ranges, sizes within limits, content length equal to the sum. Says nothing
 * about signature and root. Throws ProofError BAD_MANIFEST.
 */
export function decodeManifest(manifest: Uint8Array): Manifest {
  return orBad(() => {
    checkCounts(manifest);
    return decodeBody(MANIFEST, manifest);
  });
}

/** An encoded SignedManifest: what is offered, stored and named by its SHA-256. Throws ProofError BAD_MANIFEST. */
export function signManifest(manifest: Manifest, sign: Sign): Uint8Array {
  const encoded = encodeManifest(manifest);
  const signed = encodeSigned({ manifest: encoded, signature: sign(concat(MANIFEST_DOMAIN, encoded)) });
  if (signed.length > MANIFEST_BYTES_MAX) throw bad(`it is larger than ${MANIFEST_BYTES_MAX} bytes`);
  return signed;
}

/**
 * A manifest that `cameraKey` signed and that agrees with itself: format, ranges, sum of sizes, and the root
 * over its own chunk table. Throws ProofError BAD_MANIFEST.
 */
export function openManifest(signed: Uint8Array, cameraKey: Uint8Array, checker: Checker): Manifest {
  const { manifest: encoded, signature } = decodeSigned(signed);
  // The signature first: only an enrolled camera gets to make us build a table of forty thousand chunks.
  if (!checker.verify(cameraKey, concat(MANIFEST_DOMAIN, encoded), signature))
    throw bad('its signature does not hold');
  const manifest = decodeManifest(encoded);
  const digests = manifest.chunks.map((info) => info.sha256);
  if (!equal(recordingRoot(checker.sha256, digests), manifest.root))
    throw bad('its root is not that of its chunks');
  return manifest;
}

/** Reads a manifest WITHOUT checking who signed it. For showing, never for deciding. Throws ProofError BAD_MANIFEST. */
export function peekManifest(signed: Uint8Array): Manifest {
  return decodeManifest(decodeSigned(signed).manifest);
}

/**
 * What the camera signed, byte for byte, and its signature (Ed25519): for tools that know nothing of this format. Whether
 * the signature holds is not checked. Throws ProofError BAD_MANIFEST.
 */
export function signedPartsOf(signed: Uint8Array): {
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
} {
  const { manifest, signature } = decodeSigned(signed);
  return { message: concat(MANIFEST_DOMAIN, manifest), signature };
}

function encodeSigned(signed: Signed): Uint8Array {
  return orBad(() => encodeBody(SIGNED_MANIFEST, signed));
}

function decodeSigned(bytes: Uint8Array): Signed {
  if (bytes.length > MANIFEST_BYTES_MAX) throw bad(`it is larger than ${MANIFEST_BYTES_MAX} bytes`);
  const signed = orBad(() => decodeBody(SIGNED_MANIFEST, bytes));
  // A manifest is named by the digest of these bytes, so there must be one way to write them.
  if (!equal(encodeSigned(signed), bytes)) throw bad('it is not encoded in the one canonical way');
  return signed;
}

/** Three bytes make an empty chunk, which costs a hundred in memory: counts before it builds anything. */
function checkCounts(encoded: Uint8Array): void {
  const counts = new Map<number, number>();
  try {
    const reader = $protobuf.Reader.create(encoded);
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      counts.set(tag >>> 3, (counts.get(tag >>> 3) ?? 0) + 1);
      reader.skipType(tag & 7);
    }
  } catch (cause) {
    throw new PduError('PDU_MALFORMED', 'manifest is not valid protobuf', { retry: 'never', cause });
  }
  for (const [field, [name, max]] of COUNTS_MAX) {
    const count = counts.get(field) ?? 0;
    if (count > max) throw rangeError(name, `has ${count} members`);
  }
}

function checkSizes(manifest: Manifest): void {
  if (manifest.chunks.length === 0) throw rangeError('chunks', 'is empty');
  if ((manifest.suite === 1) !== (manifest.wrapsSha256 !== undefined))
    throw rangeError('wrapsSha256', 'must be there exactly when the recording is sealed');
  let sum = 0;
  for (const { storedBytes, plainBytes } of manifest.chunks) {
    sum += storedBytes;
    if (plainBytes > manifest.chunkBytesMax) throw rangeError('plainBytes', 'is more than chunkBytesMax');
    if (storedBytes !== (manifest.suite === 0 ? plainBytes : sealedBytesOf(plainBytes)))
      throw rangeError('storedBytes', 'is not what the suite makes of plainBytes');
  }
  if (sum !== manifest.contentBytes)
    throw rangeError('contentBytes', `is ${manifest.contentBytes}, the chunks sum to ${sum}`);
}

function orBad<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof PduError) throw bad(cause.message, cause);
    throw cause;
  }
}

function bad(problem: string, cause?: unknown): ProofError {
  return new ProofError('BAD_MANIFEST', `manifest does not hold: ${problem}`, { retry: 'never', cause });
}
