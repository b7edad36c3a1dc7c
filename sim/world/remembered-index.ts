import type { HoldingKey, HoldingState } from '../../dock/ports.ts';
import type { Change } from '../../dock/store/changes.ts';
import type { HoldingIndex } from '../../dock/store/holding-index.ts';
import type { ChunkRow, HoldingRow } from '../../dock/store/rows.ts';
import { toHex } from '../../proto/bytes.ts';
import type { CameraId, RecordingId } from '../../proto/ids.ts';

/** What the index said about one recording since it last changed. */
interface Said {
  rivals?: readonly HoldingRow[];
  readonly found: Map<string, HoldingRow | undefined>;
}

/**
 * The product's index, asked once about each recording between two changes of it: the checks of a world look at every chunk's row as
 * it is acknowledged, and the dock asks for the same rows again and again.
 */
export class RememberedIndex implements HoldingIndex {
  readonly #index: HoldingIndex;
  readonly #said = new Map<RecordingId, Said>();
  /** Which recording a holding is of, of all that was said. */
  readonly #recordings = new Map<number, RecordingId>();

  constructor(index: HoldingIndex) {
    this.#index = index;
  }

  holdings(state?: HoldingState): readonly HoldingRow[] {
    return this.#index.holdings(state);
  }

  find(key: HoldingKey): HoldingRow | undefined {
    const { found } = this.#about(key.recordingId);
    const manifest = toHex(key.manifestSha256);
    if (found.has(manifest)) return found.get(manifest);
    const row = this.#index.find(key);
    found.set(manifest, row);
    if (row !== undefined) this.#recordings.set(row.id, key.recordingId);
    return row;
  }

  rivals(recordingId: RecordingId): readonly HoldingRow[] {
    const about = this.#about(recordingId);
    if (about.rivals !== undefined) return about.rivals;
    const rivals = this.#index.rivals(recordingId);
    about.rivals = rivals;
    for (const { id } of rivals) this.#recordings.set(id, recordingId);
    return rivals;
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
    for (const change of changes) this.#forget(change);
    this.#index.commit(changes);
  }

  commitLater(changes: readonly Change[]): Promise<void> {
    for (const change of changes) this.#forget(change);
    return this.#index.commitLater(changes);
  }

  close(): void {
    this.#index.close();
  }

  #about(recordingId: RecordingId): Said {
    const known = this.#said.get(recordingId);
    if (known !== undefined) return known;
    const about: Said = { found: new Map() };
    this.#said.set(recordingId, about);
    return about;
  }

  #forget(change: Change): void {
    if (change.change === 'scrubbed') return;
    const { holding } = change;
    const recordingId = typeof holding === 'number' ? this.#recordings.get(holding) : holding.recordingId;
    if (recordingId !== undefined) this.#said.delete(recordingId);
  }
}
