import { byUrgency } from '../../device/flash/kept.ts';
import type { ClosedRecording, Vault } from '../../device/ports.ts';
import type { RecordingId } from '../../proto/ids.ts';

/** One closed recording with its content in memory. */
export interface KeptRecording {
  readonly recording: ClosedRecording;
  readonly content: Uint8Array;
}

/** Stand-in for a flash full of closed recordings. Remembers the receipt of each one it erased. */
export class MemoryVault implements Vault {
  readonly receipts = new Map<RecordingId, Uint8Array>();
  readonly #kept = new Map<RecordingId, KeptRecording>();
  readonly #erasing: (recordingId: RecordingId) => void;

  /** `erasing` hears of an erasure before it happens: the place for a check. */
  constructor(kept: readonly KeptRecording[], erasing: (recordingId: RecordingId) => void = () => undefined) {
    for (const one of kept) this.#kept.set(one.recording.recordingId, one);
    this.#erasing = erasing;
  }

  waiting(): Promise<readonly ClosedRecording[]> {
    const all = [...this.#kept.values()].map(({ recording }) => recording);
    return Promise.resolve(all.toSorted(byUrgency));
  }

  read(recordingId: RecordingId, start: number, end: number): Promise<Uint8Array> {
    const kept = this.#kept.get(recordingId);
    return kept === undefined
      ? Promise.reject(new RangeError(`no content of ${recordingId}`))
      : Promise.resolve(kept.content.slice(start, end));
  }

  erase(recordingId: RecordingId, receipt: Uint8Array): Promise<void> {
    this.#erasing(recordingId);
    this.receipts.set(recordingId, receipt);
    this.#kept.delete(recordingId);
    return Promise.resolve();
  }

  next(): Promise<{ readonly counter: number; readonly previousRoot: Uint8Array }> {
    return Promise.resolve({ counter: 1, previousRoot: new Uint8Array() });
  }
}
