import { concat, equal } from '../../proto/bytes.ts';
import { ProofError } from '../../proto/errors.ts';
import type { RecordingId } from '../../proto/ids.ts';
import { blockLayout, layoutOf } from '../../proto/layout.ts';
import { CHUNK_BYTES_MAX } from '../../proto/limits.ts';
import { type Manifest, openManifest, peekManifest } from '../../proto/manifest.ts';
import type { Abort, Offer } from '../../proto/messages.ts';
import type { IngestContext, IngestEffect, Session, Upload } from './state.ts';

const DIGEST_BYTES = 32;

/** An upload that goes on, or one that ends here; `suspect` is a chunk that did not match the manifest. */
export type Changed =
  | readonly [Upload, readonly IngestEffect[]]
  | { readonly abandon: readonly IngestEffect[]; readonly suspect?: readonly [RecordingId, number] };

/** What judging needs besides the upload. */
export interface Judge {
  readonly session: Session;
  readonly context: IngestContext;
}

/** Every byte of the manifest is here: it must be the one that was offered, and then it is believed or condemned. */
export function manifestComplete(upload: Upload, bytes: Uint8Array, judge: Judge): Changed {
  const isOffered = equal(judge.context.sha256(bytes), upload.offer.manifestSha256);
  const judged = isOffered ? judgeManifest(upload, bytes, judge) : undefined;
  if (judged === undefined) return notOffered(upload);
  return [judged, [{ effect: 'store-manifest', key: upload.key, stream: upload.stream, bytes }]];
}

/** The offer is not about this manifest, so nothing of it is taken. */
export function notOffered({ stream, key }: Pick<Upload, 'stream' | 'key'>): Changed {
  const abort: Abort = {
    type: 'abort',
    stream,
    code: 'bad-manifest',
    class: 'never',
    message: 'the manifest is not the one offered',
    recordingId: key.recordingId,
  };
  return { abandon: [{ effect: 'send', message: abort }] };
}

/** Every byte of a chunk is here: only what the manifest promises is stored, or what can only be quarantined. */
export function chunkComplete(
  upload: Upload,
  { index, bytes }: { index: number; bytes: Uint8Array },
  context: IngestContext,
): Changed {
  const sha256 = context.sha256(bytes);
  const promised = upload.digests?.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);
  const isWrong = promised !== undefined && !equal(sha256, promised);
  // Once may be the camera's memory on a bad day, so it is asked for the recording again; the same again is what
  // it holds, and that is kept aside instead of being asked for for ever.
  if (isWrong && upload.suspectChunk !== index) {
    const abort: Abort = {
      type: 'abort',
      stream: upload.stream,
      code: 'bad-chunk',
      class: 'restart-stream',
      message: `chunk ${index} is not what the manifest promises`,
      recordingId: upload.key.recordingId,
    };
    return { abandon: [{ effect: 'send', message: abort }], suspect: [upload.key.recordingId, index] };
  }
  const condemned = isWrong
    ? (upload.condemned ?? `chunk-mismatch: chunk ${index} is not what the manifest promises`)
    : upload.condemned;
  const { key, stream } = upload;
  return [{ ...upload, condemned }, [{ effect: 'store-chunk', key, stream, index, sha256, bytes }]];
}

/**
 * Believes a manifest only when the camera's enrolled key signed it for this very recording; else condemns the recording.
 * Undefined when it promises another length than the offer: that one nobody signed, and whoever made it shorter would
 * have a receipt for what never came.
 */
export function judgeManifest(
  upload: Upload,
  signed: Uint8Array,
  { session, context }: Judge,
): Upload | undefined {
  const condemn = (why: string): Upload => ({
    ...upload,
    digests: undefined,
    layout: blockLayout(upload.offer.manifestBytes, upload.offer.contentBytes, CHUNK_BYTES_MAX),
    condemned: upload.condemned ?? why,
  });
  try {
    const manifest = openManifest(signed, session.publicKey, context);
    if (manifest.contentBytes !== upload.offer.contentBytes) return undefined;
    const mismatch = manifestMismatch(manifest, upload.offer, session);
    if (mismatch !== undefined) return condemn(`bad-manifest: ${mismatch}`);
    const layout = layoutOf(
      upload.offer.manifestBytes,
      manifest.chunks.map((chunk) => chunk.storedBytes),
    );
    return { ...upload, digests: concat(...manifest.chunks.map((chunk) => chunk.sha256)), layout };
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    if ((lengthSaidBy(signed) ?? upload.offer.contentBytes) !== upload.offer.contentBytes) return undefined;
    return condemn(`bad-manifest: ${error.message}`);
  }
}

function manifestMismatch(manifest: Manifest, offer: Offer, { cameraId }: Session): string | undefined {
  if (manifest.recordingId !== offer.recordingId) return 'it is about another recording';
  if (manifest.cameraId !== cameraId) return 'it is about another camera';
  return undefined;
}

/** What a manifest that is not believed says of its length, bytes; undefined when it says nothing at all. */
function lengthSaidBy(signed: Uint8Array): number | undefined {
  try {
    return peekManifest(signed).contentBytes;
  } catch (error) {
    if (error instanceof ProofError) return undefined;
    throw error;
  }
}
