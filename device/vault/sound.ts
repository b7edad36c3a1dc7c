import { equal } from '../../proto/bytes.ts';
import type { Sha256 } from '../../proto/digest.ts';
import { ProofError } from '../../proto/errors.ts';
import { type Manifest, peekManifest, signManifest } from '../../proto/manifest.ts';
import { recordingRoot } from '../../proto/merkle.ts';
import type { ClosedRecording, Keys, Vault } from '../ports.ts';

/**
 * Whether a closed recording is, byte for byte, what this camera signed: its manifest by this camera's key, its root,
 * and every chunk as the flash gives it back now. Rejects with the flash's error when it cannot be read.
 */
export async function isSoundCopy(
  recording: ClosedRecording,
  vault: Pick<Vault, 'read'>,
  { keys, sha256 }: { readonly keys: Pick<Keys, 'cameraId' | 'sign'>; readonly sha256: Sha256 },
): Promise<boolean> {
  const manifest = ownManifest(recording.signedManifest, keys);
  if (manifest === undefined || manifest.recordingId !== recording.recordingId) return false;
  const digests = manifest.chunks.map((chunk) => chunk.sha256);
  if (!equal(recordingRoot(sha256, digests), manifest.root)) return false;
  let start = 0;
  for (const { storedBytes, sha256: digest } of manifest.chunks) {
    const bytes = await vault.read(recording.recordingId, start, start + storedBytes);
    if (!equal(sha256(bytes), digest)) return false;
    start += storedBytes;
  }
  return true;
}

/** Ed25519 signatures are deterministic (RFC 8032): what this camera signed, it signs again to the same bytes. */
function ownManifest(signed: Uint8Array, keys: Pick<Keys, 'cameraId' | 'sign'>): Manifest | undefined {
  try {
    const manifest = peekManifest(signed);
    const isOurs =
      manifest.cameraId === keys.cameraId &&
      equal(
        signManifest(manifest, (message) => keys.sign(message)),
        signed,
      );
    return isOurs ? manifest : undefined;
  } catch (error) {
    if (error instanceof ProofError) return undefined;
    throw error;
  }
}
