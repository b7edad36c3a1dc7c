import type { RecordingId } from '../../proto/ids.ts';
import type { Check } from './check.ts';

/** A camera frees a recording only after a dock settled it, showed a checkpoint that covers that entry, and the camera has its receipt. */
export function noEraseBeforeReceipt(): Check {
  const settled = new Map<RecordingId, { readonly dock: string; readonly entryIndex: number }[]>();
  const receipts = new Map<RecordingId, Set<string>>();
  const shown = new Map<string, number>();
  return {
    name: 'no-erase-before-receipt',
    promise: 2,
    see: (event) => {
      if (event.what === 'settled') {
        const { recordingId, dock, entryIndex } = event;
        settled.set(recordingId, [...(settled.get(recordingId) ?? []), { dock, entryIndex }]);
      }
      if (event.what === 'checkpoint')
        shown.set(event.dock, Math.max(event.size, shown.get(event.dock) ?? 0));
      if (event.what === 'receipt')
        receipts.set(event.recordingId, (receipts.get(event.recordingId) ?? new Set()).add(event.dock));
      if (event.what !== 'erased') return undefined;
      const { recordingId, camera } = event;
      const from = receipts.get(recordingId);
      if (from === undefined) return `${camera} erased ${recordingId} without a receipt`;
      const proven = settled
        .get(recordingId)
        ?.some(({ dock, entryIndex }) => from.has(dock) && (shown.get(dock) ?? 0) > entryIndex);
      if (proven === true) return undefined;
      return `${camera} erased ${recordingId} for a receipt that no checkpoint covers`;
    },
  };
}
