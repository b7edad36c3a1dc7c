import type { HoldingKey, Mirror } from '../../dock/ports.ts';
import { noMirror } from '../../dock/store/errors.ts';
import type { RecordingId } from '../../proto/ids.ts';

/** A second disk that remembers what it was asked to keep, and can be away. */
export class MemoryMirror implements Mirror {
  /** Recordings that it has, in the order in which they first came. */
  readonly kept: RecordingId[] = [];
  #isAway = false;

  /** From now on nothing can be copied, or it can again. */
  away(isAway: boolean): void {
    this.#isAway = isAway;
  }

  copy({ recordingId }: HoldingKey): Promise<number> {
    if (this.#isAway) return Promise.reject(noMirror('it was told to be away', { recordingId }));
    if (!this.kept.includes(recordingId)) this.kept.push(recordingId);
    return Promise.resolve(2);
  }
}
