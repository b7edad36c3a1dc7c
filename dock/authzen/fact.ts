import { createHash } from 'node:crypto';
import { toBase64 } from '../../proto/bytes.ts';
import { formatInstant } from '../../proto/instant.ts';
import type { RegisteredRecording } from '../ports.ts';
import type { Answer } from './call.ts';
import { isCount, isFields } from './shape.ts';

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

/**
 * Does the service say that a fact is on file, and at which index? A 200 alone may come from whatever stands between, such as the
 * portal of a network that wants somebody to sign in; taken for the service's word, nobody would tell it of the fact again.
 */
export function isPosted(answer: Answer): boolean {
  if ('failed' in answer || (answer.status !== 201 && answer.status !== 200)) return false;
  return isFields(answer.body) && isCount(answer.body['index']) && answer.body['index'] > 0;
}
