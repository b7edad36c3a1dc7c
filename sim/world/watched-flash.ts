import { FlashError } from '../../device/flash/error.ts';
import type { Flash, Vault } from '../../device/ports.ts';
import type { RecordingId } from '../../proto/ids.ts';

/** What somebody beside the camera wants to know of its memory. */
export interface FlashWatcher {
  /** A recording is to begin; `opened` follows, unless the memory refuses it. */
  opening(): void;
  /** The header is durable. */
  opened(recordingId: RecordingId, triggeredWallUs: number): void;
  stored(recordingId: RecordingId, index: number, isFragmentEnd: boolean): void;
  /** A mark of that kind is durable. */
  marked(recordingId: RecordingId, kind: string): void;
  closed(recordingId: RecordingId, chunks: number): void;
  /** About to be removed, as it has no footage of its own. */
  discarded(recordingId: RecordingId): void;
  /** About to be erased: from here on nothing of it may be there any more. */
  erasing(recordingId: RecordingId): void;
  /** There was no room. */
  full(): void;
}

/** A camera's memory, and somebody who hears what it promises when it does. */
export function watchFlash(flash: Flash & Vault, watcher: FlashWatcher): Flash & Vault {
  const chunks = new Map<RecordingId, number>();
  const noticed = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (error instanceof FlashError && error.code === 'FLASH_FULL') watcher.full();
      throw error;
    }
  };
  return {
    open: async (header, wraps) => {
      watcher.opening();
      await noticed(flash.open(header, wraps));
      watcher.opened(header.recordingId, header.triggered.wallUs);
    },
    append: async (recordingId, chunk) => {
      await noticed(flash.append(recordingId, chunk));
      const index = chunks.get(recordingId) ?? 0;
      chunks.set(recordingId, index + 1);
      watcher.stored(recordingId, index, chunk.info.endOfFragment);
    },
    mark: async (recordingId, mark) => {
      await noticed(flash.mark(recordingId, mark));
      watcher.marked(recordingId, mark.kind);
    },
    close: async (recordingId, signedManifest) => {
      await noticed(flash.close(recordingId, signedManifest));
      const closed = (await flash.waiting()).find((one) => one.recordingId === recordingId);
      watcher.closed(recordingId, closed?.chunks.length ?? 0);
    },
    discard: (recordingId) => {
      watcher.discarded(recordingId);
      return flash.discard(recordingId);
    },
    setAside: (recordingId, why) => flash.setAside(recordingId, why),
    interrupted: () => flash.interrupted(),
    waiting: () => flash.waiting(),
    read: (recordingId, start, end) => flash.read(recordingId, start, end),
    erase: (recordingId, receipt) => {
      watcher.erasing(recordingId);
      return flash.erase(recordingId, receipt);
    },
    note: (...noted) => flash.note(...noted),
    next: () => flash.next(),
  };
}
