import { createHash } from 'node:crypto';
import { toBase64 } from '../../proto/bytes.ts';
import { formatInstant } from '../../proto/instant.ts';
import type { RegisteredRecording } from '../ports.ts';

/**
 * The `recording.registered` fact. It depends on the recording alone, so that registering again sends the same
 * bytes and the service answers "already known": its `at` is when the recording ended by the camera's clock.
 */
export function registeredFact({
  recordingId,
  manifest,
  signedManifest,
  wraps,
}: RegisteredRecording): Readonly<Record<string, unknown>> {
  return {
    id: `registered/${recordingId}`,
    type: 'recording.registered',
    at: formatInstant(manifest.ended.wallUs),
    recording: recordingId,
    camera: manifest.cameraId,
    officer: manifest.officerId,
    startedAt: formatInstant(manifest.started.wallUs),
    endedAt: formatInstant(manifest.ended.wallUs),
    manifestHash: createHash('sha256').update(signedManifest).digest('hex'),
    ...(wraps === undefined ? {} : { wraps: toBase64(wraps) }),
    manifest: toBase64(signedManifest),
  };
}
