import { createHash, createHmac, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hpkeOpen, hpkePair } from '../../dock/policy/custodian/hpke.ts';
import { FieldError } from '../../proto/errors.ts';
import { chunkKey } from '../../proto/chunk-key.ts';
import type { Sha256 } from '../../proto/digest.ts';
import type { Hmac } from '../../proto/hkdf.ts';
import { encodeManifestHeader, type Manifest, peekManifest } from '../../proto/manifest.ts';
import { decodeWraps, wrapInfo } from '../../proto/wraps.ts';
import { unseal } from '../../dock/package/unseal.ts';

/** A recording as a dock's folder holds it. */
export interface HeldRecording {
  readonly manifest: Manifest;
  readonly wraps: Uint8Array;
  /** As stored. */
  readonly chunks: readonly Uint8Array[];
}

/** These wraps hold no key for anybody who could be asked. */
export class HeldError extends FieldError<'NO_WRAP'> {}

/** Reads `dock/recordings/ID` of a sealed recording, past the dock. */
export function readHeld(folder: string): HeldRecording {
  const manifest = peekManifest(readFileSync(join(folder, 'manifest')));
  const stored = readFileSync(join(folder, 'chunks'));
  let start = 0;
  const chunks = manifest.chunks.map(({ storedBytes }) => stored.subarray(start, (start += storedBytes)));
  return { manifest, wraps: readFileSync(join(folder, 'wraps')), chunks };
}

/** What whoever has the custodian's key file can make of the wraps. */
export async function recordingKeyOf(
  { manifest, wraps }: HeldRecording,
  custodianKey: string,
): Promise<Uint8Array> {
  const [wrap] = decodeWraps(wraps);
  if (wrap === undefined) throw new HeldError('NO_WRAP', 'the wraps are empty', { retry: 'never' });
  const pair = await hpkePair(createPrivateKey(readFileSync(custodianKey)));
  return hpkeOpen(wrap, { pair, info: wrapInfo(encodeManifestHeader(manifest), sha256) });
}

/** The whole footage as its camera recorded it. Throws SealError when it is not what the camera sealed. */
export async function footageOf(held: HeldRecording, custodianKey: string): Promise<Uint8Array> {
  const recordingKey = await recordingKeyOf(held, custodianKey);
  const recording = held.manifest.recordingId;
  return Buffer.concat(
    held.chunks.map((stored, index) => {
      const place = { recording, index };
      return unseal(chunkKey(recordingKey, place, hmacSha256), place, stored);
    }),
  );
}

const sha256: Sha256 = (bytes) => createHash('sha256').update(bytes).digest();
const hmacSha256: Hmac = (key, message) => createHmac('sha256', key).update(message).digest();
