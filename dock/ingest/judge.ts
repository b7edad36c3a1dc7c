import { concat, equal } from '../../proto/bytes.ts';
import { ProofError } from '../../proto/errors.ts';
import { isPersonId, type RecordingId } from '../../proto/ids.ts';
import { blockLayout, layoutOf } from '../../proto/layout.ts';
import { CHUNK_BYTES_MAX } from '../../proto/limits.ts';
import { type Manifest, openManifest, peekManifest } from '../../proto/manifest.ts';
import type { Abort, Offer } from '../../proto/messages.ts';
import { decodeWraps } from '../../proto/wraps.ts';
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

/** A manifest after it was judged, with the wraps that belong to it, from the disk or from the offer. */
export interface Judged {
  readonly upload: Upload;
  readonly wraps: Uint8Array | undefined;
}

/** Every byte of the manifest is here: it must be the one that was offered, and then it is believed or condemned. */
export function manifestComplete(upload: Upload, bytes: Uint8Array, judge: Judge): Changed {
  const isOffered = equal(judge.context.sha256(bytes), upload.offer.manifestSha256);
  if (!isOffered) return notOffered(upload, 'the manifest is not the one offered');
  const judged = judgeManifest(upload, { signed: bytes }, judge);
  if ('unlike' in judged) return notOffered(upload, judged.unlike);
  const { key, stream } = upload;
  return [judged.upload, [{ effect: 'store-manifest', key, stream, bytes, wraps: judged.wraps }]];
}

/** The offer is not about this manifest, so nothing of it is taken. Nobody signed the offer: the next one may be right. */
export function notOffered({ stream, key }: Pick<Upload, 'stream' | 'key'>, why: string): Changed {
  const abort: Abort = {
    type: 'abort',
    stream,
    code: 'bad-manifest',
    class: 'never',
    message: why,
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
 * `unlike` when it promises another length, or other wraps, than the offer: that one nobody signed, and whoever changed it
 * would have a receipt for what never came, or for what nobody can open.
 */
export function judgeManifest(
  upload: Upload,
  papers: { readonly signed: Uint8Array; readonly wraps?: Uint8Array | undefined },
  { session, context }: Judge,
): Judged | { readonly unlike: string } {
  const { signed } = papers;
  const { offer } = upload;
  const wrapsOf = (manifest: Manifest | undefined): Uint8Array | undefined =>
    [papers.wraps, offer.wraps].find((wraps) => areWrapsOf(manifest, wraps, context));
  const condemn = (why: string, manifest: Manifest | undefined): Judged => ({
    upload: {
      ...upload,
      digests: undefined,
      layout: blockLayout(offer.manifestBytes, offer.contentBytes, CHUNK_BYTES_MAX),
      condemned: upload.condemned ?? why,
    },
    wraps: wrapsOf(manifest),
  });
  try {
    const manifest = openManifest(signed, session.publicKey, context);
    if (manifest.contentBytes !== offer.contentBytes) return UNLIKE_LENGTH;
    const mismatch = manifestMismatch(manifest, offer, session);
    if (mismatch !== undefined) return condemn(`bad-manifest: ${mismatch}`, manifest);
    const wraps = wrapsOf(manifest);
    if (manifest.suite === 1 && wraps === undefined) return UNLIKE_WRAPS;
    return { upload: { ...upload, ...tableOf(manifest, offer) }, wraps };
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    const manifest = peeked(signed);
    if (manifest !== undefined && manifest.contentBytes !== offer.contentBytes) return UNLIKE_LENGTH;
    return condemn(`bad-manifest: ${error.message}`, manifest);
  }
}

const UNLIKE_LENGTH = { unlike: 'the manifest promises another length than the offer' } as const;
const UNLIKE_WRAPS = { unlike: 'the wraps of this sealed recording are not those of its manifest' } as const;

function tableOf(
  manifest: Manifest,
  { manifestBytes }: Offer,
): Pick<Upload, 'digests' | 'layout' | 'officer'> {
  const layout = layoutOf(
    manifestBytes,
    manifest.chunks.map((chunk) => chunk.storedBytes),
  );
  const officer = isPersonId(manifest.officerId) ? manifest.officerId : undefined;
  return { digests: concat(...manifest.chunks.map((chunk) => chunk.sha256)), layout, officer };
}

function areWrapsOf(
  manifest: Manifest | undefined,
  wraps: Uint8Array | undefined,
  { sha256 }: IngestContext,
): boolean {
  if (manifest?.wrapsSha256 === undefined || wraps === undefined) return false;
  return equal(sha256(wraps), manifest.wrapsSha256) && isWraps(wraps);
}

function isWraps(bytes: Uint8Array): boolean {
  try {
    decodeWraps(bytes);
    return true;
  } catch (error) {
    if (error instanceof ProofError) return false;
    throw error;
  }
}

function manifestMismatch(manifest: Manifest, offer: Offer, { cameraId }: Session): string | undefined {
  if (manifest.recordingId !== offer.recordingId) return 'it is about another recording';
  if (manifest.cameraId !== cameraId) return 'it is about another camera';
  return undefined;
}

/** What a manifest that is not believed says of itself; undefined when it says nothing at all. */
function peeked(signed: Uint8Array): Manifest | undefined {
  try {
    return peekManifest(signed);
  } catch (error) {
    if (error instanceof ProofError) return undefined;
    throw error;
  }
}
