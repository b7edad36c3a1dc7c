import { equal } from '../../proto/bytes.ts';
import { type Layout, layoutOf } from '../../proto/layout.ts';
import { OFFER_RETRY_MS } from '../../proto/limits.ts';
import { prefixDigest } from '../../proto/merkle.ts';
import type { Abort, Accept, Offer } from '../../proto/messages.ts';
import type { ClosedRecording } from '../ports.ts';
import { beginSending } from './sending.ts';
import type { Docked, UploadContext, UploadEvent, UploadStep, Work } from './state.ts';
import { saidSize } from './ticket.ts';
import { uploading } from './uploading.ts';
import { BACK_OFF_US } from './work.ts';

type Offering = Extract<Work, { doing: 'offering' }>;

/** Offers the oldest recording that this dock may still want; without one, looks again later. */
export function offerNext(
  state: Docked,
  { recordings, nowUs }: Extract<UploadEvent, { event: 'listed' }>,
  context: UploadContext,
): UploadStep {
  const recording = recordings.find(
    ({ recordingId }) => !state.parked.has(recordingId) && (state.resting.get(recordingId) ?? 0) <= nowUs,
  );
  if (recording === undefined) {
    // Something new may be closed later: look again now and then. What is parked waits for a new session.
    const work: Work = { doing: 'backing-off', untilUs: nowUs + BACK_OFF_US };
    return [{ ...state, work }, recordings.length === 0 ? [{ effect: 'news', news: { news: 'idle' } }] : []];
  }
  // An idle line may have been silent for long; from here on that counts.
  return offer({ ...state, heardUs: nowUs }, { recording, nowUs }, context);
}

/** Says the Offer again: it, or the Accept, may be lost, or the upload has strayed. */
export function offerAgain(
  state: Docked,
  { recording }: Pick<Offering, 'recording'>,
  { nowUs, context }: { readonly nowUs: number; readonly context: UploadContext },
): UploadStep {
  return offer(state, { recording, nowUs }, context);
}

function offer(
  state: Docked,
  { recording, nowUs }: { readonly recording: ClosedRecording; readonly nowUs: number },
  context: UploadContext,
): UploadStep {
  const { work: before, kept } = state;
  const message: Offer = {
    type: 'offer',
    sessionId: state.session.sessionId,
    recordingId: recording.recordingId,
    manifestBytes: recording.signedManifest.byteLength,
    manifestSha256: context.sha256(recording.signedManifest),
    contentBytes: recording.contentBytes,
    ...(recording.wraps === undefined ? {} : { wraps: recording.wraps }),
    ...saidSize(kept),
  };
  const sinceUs = before.doing === 'offering' ? before.sinceUs : nowUs;
  const work: Work = { doing: 'offering', recording, sinceUs, dueUs: nowUs + OFFER_RETRY_MS * 1000 };
  return [{ ...state, work }, [{ effect: 'send', message }]];
}

/** The dock takes the recording: goes on where it is, if what it holds is this recording's. */
export function accepted(state: Docked, accept: Accept, context: UploadContext): UploadStep {
  const { work, session, heardUs: nowUs } = state;
  if (work.doing !== 'offering' || accept.recordingId !== work.recording.recordingId) return [state, []];
  if (!equal(accept.sessionId, session.sessionId)) return [state, []];
  const { recording } = work;
  const layout = layoutOf(
    recording.signedManifest.byteLength,
    recording.chunks.map((chunk) => chunk.storedBytes),
  );
  if (!prefixHolds(accept, { recording, layout }, context)) {
    const abort: Abort = {
      type: 'abort',
      stream: accept.stream,
      code: 'prefix-mismatch',
      class: 'restart-stream',
      message: 'what the dock holds of this recording is not what the camera recorded',
      recordingId: recording.recordingId,
    };
    return [
      { ...state, work: { doing: 'backing-off', untilUs: nowUs + BACK_OFF_US } },
      [{ effect: 'send', message: abort }],
    ];
  }
  return uploading(state, [beginSending(accept, { recording, layout, pace: state.pace }, nowUs), []], nowUs);
}

/** Resuming is safe only when the dock's durable prefix is this recording's, unit for unit, and it holds nothing beyond its end. */
function prefixHolds(
  accept: Accept,
  { recording, layout }: { readonly recording: ClosedRecording; readonly layout: Layout },
  context: UploadContext,
): boolean {
  if (Math.max(accept.receivedTo, accept.held.at(-1)?.end ?? 0) > layout.totalBytes) return false;
  if (accept.durableTo === 0) return true;
  const unit = layout.unitAt(accept.durableTo);
  if (unit === 0 || layout.start(unit) !== accept.durableTo) return false;
  const digests = recording.chunks.slice(0, unit - 1).map((chunk) => chunk.sha256);
  return equal(
    accept.prefixDigest,
    prefixDigest(context.sha256, context.sha256(recording.signedManifest), digests),
  );
}
