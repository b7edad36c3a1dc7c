import { createHmac } from 'node:crypto';
import { nodeChecker } from '../../dock/ledger/checker.ts';
import { unseal } from '../../dock/package/unseal.ts';
import { chunkKey } from '../../proto/chunk-key.ts';
import { SealError } from '../../proto/errors.ts';
import { encodeManifestHeader, type Manifest } from '../../proto/manifest.ts';
import { decodeWraps, wrapInfo } from '../../proto/wraps.ts';
import { openWrap, type WrapPair } from '../fault/hpke.ts';

export interface ChunkToOpen {
  readonly manifest: Manifest;
  readonly wraps: Uint8Array | undefined;
  readonly index: number;
}

/** Opens stored chunks with the custodian's key, as the custodian and a page do it together; undefined where one does not open. */
export function chunkOpener(
  custodian: WrapPair,
): (chunk: ChunkToOpen, stored: Uint8Array) => Uint8Array | undefined {
  // One unwrapping for all chunks of a recording.
  const keys = new Map<string, Uint8Array | undefined>();
  return ({ manifest, wraps, index }, stored) => {
    const { recordingId: recording } = manifest;
    if (!keys.has(recording)) keys.set(recording, recordingKey(custodian, manifest, wraps));
    const key = keys.get(recording);
    if (key === undefined) return undefined;
    try {
      return unseal(chunkKey(key, { recording, index }, hmacSha256), { recording, index }, stored);
    } catch (error) {
      if (error instanceof SealError) return undefined;
      throw error;
    }
  };
}

function recordingKey(
  custodian: WrapPair,
  manifest: Manifest,
  wraps: Uint8Array | undefined,
): Uint8Array | undefined {
  if (wraps === undefined) return undefined;
  const info = wrapInfo(encodeManifestHeader(manifest), nodeChecker.sha256);
  const [wrap] = decodeWraps(wraps);
  return wrap && openWrap(wrap, info, custodian);
}

function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(message).digest();
}
