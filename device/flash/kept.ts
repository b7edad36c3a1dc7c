import type { ChunkInfo } from '../../proto/manifest.ts';
import type { ClosedRecording, RecordingHeader } from '../ports.ts';
import type { DiskFile } from './disk.ts';
import type { Shelved } from './shelf.ts';

/** A recording being written by this process. */
export interface OpenRecording {
  readonly at: 'open';
  readonly header: RecordingHeader;
  readonly wraps: Uint8Array | undefined;
  readonly chunksFile: DiskFile;
  readonly journalFile: DiskFile;
  readonly chunks: ChunkInfo[];
  contentBytes: number;
  journalBytes: number;
}

/** One recording in the memory. */
export type Kept = Shelved | OpenRecording;

/** What is to be safe first: whatever is critical, then whatever is oldest. */
export function byUrgency(a: ClosedRecording, b: ClosedRecording): number {
  return Number(b.critical ?? false) - Number(a.critical ?? false) || a.counter - b.counter;
}

/** Room that its content takes, in bytes. */
export function contentBytesOf(kept: Kept): number {
  if (kept.at === 'open') return kept.contentBytes;
  return kept.at === 'closed' ? kept.recording.contentBytes : 0;
}

/** Whether it is sealed, or was before its content went. */
export function isSealedIn(kept: Kept): boolean {
  switch (kept.at) {
    case 'open':
      return kept.header.suite === 1;
    case 'interrupted':
      return kept.recording.header.suite === 1;
    case 'closed':
      return kept.recording.wraps !== undefined;
    case 'erased':
    case 'damaged':
      return kept.isSealed;
    default:
      return kept satisfies never;
  }
}
