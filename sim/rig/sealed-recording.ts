import { checker } from '../../device/keys/checker.ts';
import type { Keys, PlainChunk } from '../../device/ports.ts';
import { closeRecording, openSealing } from '../../device/seal/seal.ts';
import { toHex } from '../../proto/bytes.ts';
import { isRecordingId } from '../../proto/ids.ts';
import { recordingRoot } from '../../proto/merkle.ts';
import type { KeptRecording } from '../fault/memory-vault.ts';

const BOOT_ID_BYTES = 16;
const SECOND_MS = 1_000;
const SECOND_US = 1_000_000;
const INIT_BYTES = 1_024;

/** Who recorded what, and after which recording of the same camera. */
export interface SealedPlan {
  readonly keys: Keys;
  readonly officer: string;
  readonly incidentTag: string;
  /** Microseconds since 1970. */
  readonly wallUs: number;
  /** Of one second each. */
  readonly fragments: number;
  readonly fragmentBytes: number;
  /** 1 for the first one. */
  readonly counter: number;
  /** Its root; empty before the first one. */
  readonly previousRoot: Uint8Array;
}

/** A recording as a camera's flash holds it, sealed for whomever its keys name. Its bytes mean nothing: only who can open them is of interest. */
export async function sealedRecording(plan: SealedPlan): Promise<KeptRecording> {
  const { keys, counter, previousRoot, fragments, fragmentBytes } = plan;
  const recordingId = toHex(keys.randomBytes(16));
  if (!isRecordingId(recordingId)) throw new TypeError(`${recordingId} is no recording id`);
  const started = { wallUs: plan.wallUs, monoUs: SECOND_US };
  const draft = {
    ...{ recordingId, cameraId: keys.cameraId, counter, previousRoot },
    ...{ bootId: keys.randomBytes(BOOT_ID_BYTES), officerId: plan.officer, incidentTag: plan.incidentTag },
    ...{ mediaType: 'video/mp4; codecs="avc1.42c01f"', triggered: started, started },
  };
  const sealing = await openSealing(draft, keys);
  const plains = [chunk(keys, INIT_BYTES, { mediaStartMs: 0, mediaMs: 0 })];
  for (let at = 0; at < fragments; at++)
    plains.push(chunk(keys, fragmentBytes, { mediaStartMs: at * SECOND_MS, mediaMs: SECOND_MS }));
  const stored = plains.map((plain) => {
    const { info, bytes } = sealing.seal(plain, started);
    return { info, bytes: bytes.slice() };
  });
  sealing.forget();
  const chunks = stored.map(({ info }) => info);
  const ended = {
    wallUs: started.wallUs + fragments * SECOND_US,
    monoUs: started.monoUs + fragments * SECOND_US,
  };
  const { header, wraps } = sealing;
  const content = { chunks, end: { ended, stopReason: 'button', marks: [] }, wraps } as const;
  const signedManifest = closeRecording(header, content, keys);
  const root = recordingRoot(
    checker.sha256,
    chunks.map(({ sha256 }) => sha256),
  );
  const contentBytes = chunks.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
  const closed = { recordingId, counter, signedManifest, chunks, root, contentBytes };
  return {
    recording: wraps === undefined ? closed : { ...closed, wraps },
    content: Buffer.concat(stored.map(({ bytes }) => bytes)),
  };
}

function chunk(
  keys: Keys,
  bytes: number,
  media: { readonly mediaStartMs: number; readonly mediaMs: number },
): PlainChunk {
  return { bytes: keys.randomBytes(bytes), ...media, endOfFragment: true };
}
