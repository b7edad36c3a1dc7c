import type { CameraId, RecordingId } from '../../proto/ids.ts';
import type { HoldingKey, HoldingState } from '../../dock/ports.ts';
import type { Change } from '../../dock/store/changes.ts';
import type { HoldingIndex } from '../../dock/store/holding-index.ts';
import type { ChunkRow, HoldingRow } from '../../dock/store/rows.ts';
import type { Mount } from './disk.ts';

/**
 * An index on a {@link FaultDisk}: a commit is one of the disk's operations, so the power can go just before or
 * just after it, and it fails when the disk is full. SQLite's own promise, that what was committed stays, is
 * taken as given: the index within outlives the power cut.
 */
export class FaultIndex implements HoldingIndex {
  readonly #index: HoldingIndex;
  readonly #mount: Mount;

  constructor(index: HoldingIndex, mount: Mount) {
    this.#index = index;
    this.#mount = mount;
  }

  holdings(state?: HoldingState): readonly HoldingRow[] {
    return this.#index.holdings(state);
  }

  find(key: HoldingKey): HoldingRow | undefined {
    return this.#index.find(key);
  }

  rivals(recordingId: RecordingId): readonly HoldingRow[] {
    return this.#index.rivals(recordingId);
  }

  chunk(holding: number, index: number): ChunkRow | undefined {
    return this.#index.chunk(holding, index);
  }

  chunks(holding: number, from: number, count: number): readonly ChunkRow[] {
    return this.#index.chunks(holding, from, count);
  }

  sealed(camera: CameraId): readonly HoldingRow[] {
    return this.#index.sealed(camera);
  }

  byTurn(): readonly HoldingRow[] {
    return this.#index.byTurn();
  }

  commit(changes: readonly Change[]): void {
    this.#mount.share(() => this.#index.commit(changes));
  }

  commitLater(changes: readonly Change[]): Promise<void> {
    return this.#mount.share(() => this.#index.commitLater(changes));
  }

  /** The index goes on, for the next life of the store. */
  close(): void {}
}
