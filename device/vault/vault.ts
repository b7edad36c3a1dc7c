import { equal } from '../../proto/bytes.ts';
import type { ReceiptBody } from '../../proto/messages.ts';
import type { ClosedRecording } from '../ports.ts';

/** What a receipt means for one recording on this camera. */
export type EraseVerdict =
  | { readonly verdict: 'erase' }
  /** True but about another recording: it frees nothing here, and nothing is wrong. */
  | { readonly verdict: 'stale' }
  /** About this recording, but not about what this camera holds. */
  | { readonly verdict: 'keep'; readonly why: string };

/**
 * The one rule by which footage may go: a receipt frees exactly the recording and the manifest that it names. An
 * accepted and a quarantined recording are both in the dock's custody, so both free the camera.
 *
 * The caller has checked the receipt itself: signature, ledger proof and entry (`openReceipt`).
 * `manifestSha256` is the digest of the recording's encoded SignedManifest, taken by the caller.
 */
export function mayErase(
  recording: ClosedRecording,
  manifestSha256: Uint8Array,
  receipt: ReceiptBody,
): EraseVerdict {
  if (receipt.recordingId !== recording.recordingId) return { verdict: 'stale' };
  if (!equal(receipt.manifestSha256, manifestSha256)) {
    return { verdict: 'keep', why: 'the receipt names another manifest' };
  }
  return { verdict: 'erase' };
}
