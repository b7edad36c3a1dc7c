import { createHmac } from 'node:crypto';
import { equal } from '../../../proto/bytes.ts';
import { chunkKey } from '../../../proto/chunk-key.ts';
import { SEAL_KEY_BYTES } from '../../../proto/cobblestone.ts';
import { ProofError } from '../../../proto/errors.ts';
import type { Hmac } from '../../../proto/hkdf.ts';
import { keysInfo, type KeyRange } from '../../../proto/key-range.ts';
import { encodeManifestHeader, type Manifest } from '../../../proto/manifest.ts';
import { decodeWraps, wrapInfo, type Wrap } from '../../../proto/wraps.ts';
import { nodeChecker } from '../../ledger/checker.ts';
import { KeysError } from '../errors.ts';
import { thumbprintOf, type WrapKey } from './custodian-key.ts';
import { hpkeOpen, hpkeSeal, type Sealed } from './hpke.ts';

/** What is on file about the key of one recording. */
export interface WrapsOnFile {
  readonly manifest: Manifest;
  /** Encoded Wraps, as the camera made them. */
  readonly wraps: Uint8Array;
  /** Wraps made here later, of the key that a recovery key gave back; of the same recording, under the same header. */
  readonly rewraps?: readonly Wrap[];
}

/**
 * The recording's key, 32 bytes, for the caller to overwrite after use. Throws KeysError NOT_KEYED unless the wraps are those
 * that the camera signed, one of them or one made at a recovery is for one of these keys, and it opens for this very recording.
 */
export async function unwrapRecordingKey(
  keys: readonly WrapKey[],
  { manifest, wraps, rewraps = [] }: WrapsOnFile,
): Promise<Uint8Array> {
  const { sha256 } = nodeChecker;
  const { wrapsSha256 } = manifest;
  if (wrapsSha256 === undefined || !equal(sha256(wraps), wrapsSha256))
    throw notKeyed('the wraps on file are not those that its manifest names');
  const fitting = [...wrapsIn(wraps), ...rewraps].flatMap((wrap) =>
    keys.filter(({ thumbprint }) => equal(thumbprint, wrap.recipient)).map(({ pair }) => ({ wrap, pair })),
  );
  if (fitting.length === 0) throw notKeyed('it is not sealed to this custodian');
  const info = wrapInfo(encodeManifestHeader(manifest), sha256);
  let failure: unknown;
  for (const { wrap, pair } of fitting) {
    try {
      // Of 48 bytes a tag takes 16, so whatever opens has the length of a key.
      return await hpkeOpen(wrap, { pair, info });
    } catch (cause) {
      failure = cause;
    }
  }
  throw notKeyed('its wrap does not open for this recording', failure);
}

/** The recording's key, wrapped anew under the same header for an uncompressed P-256 point. */
export async function rewrapRecordingKey(
  recordingKey: Uint8Array,
  { manifest, point }: { readonly manifest: Manifest; readonly point: Uint8Array },
): Promise<Wrap> {
  const info = wrapInfo(encodeManifestHeader(manifest), nodeChecker.sha256);
  return { recipient: thumbprintOf(point), ...(await hpkeSeal(recordingKey, { point, info })) };
}

/** The keys of the range's chunks side by side, sealed to a page's P-256 point. */
export async function sealChunkKeys(
  recordingKey: Uint8Array,
  range: KeyRange,
  point: Uint8Array,
): Promise<Sealed> {
  const { recording, start, end } = range;
  const keys = new Uint8Array((end - start) * SEAL_KEY_BYTES);
  try {
    for (let index = start; index < end; index += 1) {
      const key = chunkKey(recordingKey, { recording, index }, hmacSha256);
      keys.set(key, (index - start) * SEAL_KEY_BYTES);
      key.fill(0);
    }
    return await hpkeSeal(keys, { point, info: keysInfo(range) });
  } finally {
    keys.fill(0);
  }
}

function wrapsIn(encoded: Uint8Array): readonly Wrap[] {
  try {
    return decodeWraps(encoded);
  } catch (cause) {
    if (cause instanceof ProofError) throw notKeyed(cause.message, cause);
    throw cause;
  }
}

function notKeyed(why: string, cause?: unknown): KeysError {
  return new KeysError('NOT_KEYED', `no keys for this recording: ${why}`, {
    retry: 'never',
    ...(cause === undefined ? {} : { cause }),
  });
}

const hmacSha256: Hmac = (key, message) => createHmac('sha256', key).update(message).digest();
