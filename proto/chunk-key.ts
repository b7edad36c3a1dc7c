import { concat, fromHex, utf8 } from './bytes.ts';
import { SEAL_KEY_BYTES, type SealSecret } from './cobblestone.ts';
import { hkdfExpand, type Hmac } from './hkdf.ts';
import type { RecordingId } from './ids.ts';

const KEY_DOMAIN = utf8('bwc.v1 chunk key\n');
const CONTEXT_DOMAIN = utf8('bwc.v1 chunk\n');
const INDEX_BYTES = 4;
const INDEX_MAX = 0xffff_ffff;
const SHA256_BYTES = 32;

/** Where a chunk stands. */
export interface ChunkPlace {
  readonly recording: RecordingId;
  readonly index: number;
}

/**
 * The key of one chunk, 32 bytes, made from its recording's key. Neither that key nor any other chunk's follows from it,
 * so a custodian can give out a range of a recording. Throws a RangeError for an index beyond 32 bits.
 */
export function chunkKey(recordingKey: Uint8Array, place: ChunkPlace, hmacSha256: Hmac): Uint8Array {
  return keyAt(recordingKey, placeBytes(place), hmacSha256);
}

/** What opening a chunk under suite 1 starts from: its key, and the context that ties it to its place. */
export function chunkSecret(key: Uint8Array, place: ChunkPlace): SealSecret {
  return { key, context: concat(CONTEXT_DOMAIN, placeBytes(place)) };
}

/** What sealing a chunk starts from: {@link chunkSecret} of its {@link chunkKey}. */
export function sealingSecret(recordingKey: Uint8Array, place: ChunkPlace, hmacSha256: Hmac): SealSecret {
  const at = placeBytes(place);
  return { key: keyAt(recordingKey, at, hmacSha256), context: concat(CONTEXT_DOMAIN, at) };
}

function keyAt(recordingKey: Uint8Array, place: Uint8Array, hmacSha256: Hmac): Uint8Array {
  if (recordingKey.length !== SEAL_KEY_BYTES) {
    throw new RangeError(`recording key has ${recordingKey.length} B instead of ${SEAL_KEY_BYTES}`);
  }
  const info = concat(KEY_DOMAIN, place);
  const expansion = { key: recordingKey, info, bytes: SEAL_KEY_BYTES, hashBytes: SHA256_BYTES };
  return hkdfExpand(hmacSha256, expansion);
}

/** Recording id (16 bytes), then the index, big-endian. */
function placeBytes({ recording, index }: ChunkPlace): Uint8Array {
  if (!Number.isInteger(index) || index < 0 || index > INDEX_MAX)
    throw new RangeError(`chunk index is ${index}`);
  const number = new Uint8Array(INDEX_BYTES);
  new DataView(number.buffer).setUint32(0, index);
  return concat(fromHex(recording), number);
}
