import type { RecordingId } from '../../proto/ids.ts';
import type { ClosedRecording } from '../ports.ts';
import type { Docked, EndReason, UploadStep, Work } from './state.ts';

/** How long a camera waits before it looks for something to upload again. */
export const BACK_OFF_US = 2_000_000;

// A memory that was full or slow may be well again; one that is broken is not asked so often that the other recordings suffer.
const REST_US = 30_000_000;

/** The length of a recording's upload: its manifest, then all of its chunks. */
export function totalBytesOf({ signedManifest, contentBytes }: ClosedRecording): number {
  return signedManifest.byteLength + contentBytes;
}

/** The recording that the work is about. */
export function recordingOf(work: Work): ClosedRecording | undefined {
  switch (work.doing) {
    case 'offering':
    case 'finishing':
    case 'keeping':
    case 'examining':
    case 'erasing':
      return work.recording;
    case 'sending':
      return work.sending.recording;
    case 'listing':
    case 'backing-off':
      return undefined;
    default:
      return work satisfies never;
  }
}

/** The stream that the work is about, once the dock has named one. */
export function streamOf(work: Work): number | undefined {
  if (work.doing === 'sending') return work.sending.stream;
  return work.doing === 'finishing' ? work.stream : undefined;
}

/** Leaves the recording alone for the rest of the session and looks for the next. */
export function parked(state: Docked, recordingId: RecordingId): Docked {
  return { ...state, parked: new Set([...state.parked, recordingId]), work: { doing: 'listing' } };
}

/** Leaves the recording alone for a while, as the camera's memory may be in trouble that passes, and looks for the next. */
export function rested(state: Docked, recordingId: RecordingId, nowUs: number): Docked {
  const resting = new Map([...state.resting, [recordingId, nowUs + REST_US]]);
  return { ...state, resting, work: { doing: 'listing' } };
}

/** The session is over. */
export function ended(because: EndReason): UploadStep {
  return [{ at: 'ended', because }, [{ effect: 'end', because }]];
}
