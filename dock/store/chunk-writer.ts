import assert from 'node:assert/strict';
import { join } from 'node:path';
import { equal } from '../../proto/bytes.ts';
import type { Stamp } from '../ports.ts';
import type { Commits } from './commits.ts';
import type { Disk } from './disk.ts';
import { asStoreError, conflict, stale } from './errors.ts';
import type { HoldingIndex } from './holding-index.ts';
import type { OpenFiles } from './open-files.ts';
import type { ChunkRow, HoldingRow } from './rows.ts';
import { ensureFolder } from './whole.ts';

/** What every writer of one store shares. */
export interface Workshop {
  readonly root: string;
  readonly disk: Disk;
  readonly files: OpenFiles;
  readonly index: HoldingIndex;
  readonly commits: Commits;
}

export interface ArrivedChunk {
  readonly index: number;
  readonly sha256: Uint8Array;
  readonly stored: Uint8Array;
  readonly stamp: Stamp;
}

interface Waiting {
  readonly chunk: ArrivedChunk;
  readonly done: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

// 4 MiB: where a bigger write no longer makes the disk faster.
const BATCH_CHUNKS_MAX = 16;

/**
 * Appends the chunks of one incoming holding: bytes, fdatasync, index row, and only then is a chunk done.
 * Chunks that wait together share one write and one sync. After a failure everything that waits fails with it,
 * and the next chunk is again the first one that is not durable.
 */
export class ChunkWriter {
  leaseEpoch: number;
  readonly #holding: HoldingRow;
  readonly #shop: Workshop;
  readonly #path: string;
  #durableChunks: number;
  #durableBytes: number;
  // The first one is chunk `#durableChunks`, and there are no gaps.
  readonly #queue: Waiting[] = [];
  #draining: Promise<void> | undefined;
  #fileReady = false;
  #stopped = false;

  constructor(holding: HoldingRow, shop: Workshop) {
    this.leaseEpoch = holding.leaseEpoch;
    this.#holding = holding;
    this.#shop = shop;
    this.#path = join(shop.root, holding.folder, 'chunks');
    this.#durableChunks = holding.last === undefined ? 0 : holding.last.index + 1;
    this.#durableBytes = holding.last === undefined ? 0 : holding.last.offset + holding.last.bytes;
  }

  /** `chunk.stored` must not change before this resolves: it is written from where it lies. */
  async put(chunk: ArrivedChunk): Promise<void> {
    assert(Number.isSafeInteger(chunk.stamp.uncertaintyUs) && chunk.stamp.uncertaintyUs >= 0);
    if (this.#stopped) throw stale('the recording is being settled');
    if (chunk.index < this.#durableChunks) return this.#again(chunk, this.#durableDigest(chunk.index));
    const waiting = this.#queue[chunk.index - this.#durableChunks];
    if (waiting !== undefined) {
      this.#again(chunk, waiting.chunk.sha256);
      return waiting.done;
    }
    const next = this.#durableChunks + this.#queue.length;
    if (chunk.index !== next)
      throw stale(`chunk ${chunk.index} is not the next one`, { chunk: chunk.index, next });
    return this.#enqueue(chunk);
  }

  /** Takes no more chunks, for good. */
  stop(): void {
    this.#stopped = true;
  }

  /** Resolves when nothing is being written. */
  idle(): Promise<void> {
    return this.#draining ?? Promise.resolve();
  }

  #again(chunk: ArrivedChunk, known: Uint8Array): void {
    if (equal(chunk.sha256, known)) return;
    throw conflict(`chunk ${chunk.index} is there already with other bytes`, { chunk: chunk.index });
  }

  #durableDigest(index: number): Uint8Array {
    const row = this.#shop.index.chunk(this.#holding.id, index);
    assert(row !== undefined, 'a durable chunk has an index row');
    return row.sha256;
  }

  #enqueue(chunk: ArrivedChunk): Promise<void> {
    const waiting = pending(chunk);
    this.#queue.push(waiting);
    this.#draining ??= this.#drain();
    return waiting.done;
  }

  async #drain(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const batch = this.#queue.slice(0, BATCH_CHUNKS_MAX);
        const rows = this.#rows(batch);
        await this.#write(batch);
        await this.#shop.commits.add(
          ...rows.map((chunk) => ({ change: 'add-chunk', holding: this.#holding.id, chunk }) as const),
        );
        this.#queue.splice(0, batch.length);
        this.#durableChunks += batch.length;
        for (const row of rows) this.#durableBytes += row.bytes;
        for (const waiting of batch) waiting.resolve();
      }
    } catch (error) {
      const facts = { recording: this.#holding.recordingId, chunk: this.#durableChunks };
      const failure = asStoreError(error, 'write a chunk', facts);
      for (const waiting of this.#queue.splice(0)) waiting.reject(failure);
    } finally {
      this.#draining = undefined;
    }
  }

  #rows(batch: readonly Waiting[]): readonly ChunkRow[] {
    let offset = this.#durableBytes;
    return batch.map(({ chunk: { index, sha256, stored, stamp } }) => {
      const row = { index, offset, bytes: stored.length, sha256, stamp };
      offset += stored.length;
      return row;
    });
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    try {
      if (!this.#fileReady) await this.#makeFile();
      const parts = batch.map((waiting) => waiting.chunk.stored);
      await this.#shop.files.use(this.#path, 'write', (file) => file.append(parts, this.#durableBytes));
    } catch (error) {
      await this.#cutTail();
      throw error;
    }
  }

  async #makeFile(): Promise<void> {
    const folder = join(this.#shop.root, this.#holding.folder);
    await ensureFolder(this.#shop.disk, folder);
    await this.#shop.files.use(this.#path, 'write', () => Promise.resolve());
    await this.#shop.disk.syncFolder(folder);
    this.#fileReady = true;
  }

  // Gives a full disk its room back. Not after a failed commit, which may yet come to life in a crash and
  // then must find its bytes. When this fails too nothing is lost: bytes past the last durable chunk count
  // for nothing, the next try overwrites them and the next start cuts them.
  async #cutTail(): Promise<void> {
    // Behind what comes again lies what was accepted once, and may still be good.
    if (this.#holding.healing !== undefined) return;
    const cut = this.#shop.files.use(this.#path, 'write', (file) => file.truncate(this.#durableBytes));
    await cut.catch(() => undefined);
  }
}

function pending(chunk: ArrivedChunk): Waiting {
  let ends: Pick<Waiting, 'resolve' | 'reject'> = { resolve: () => undefined, reject: () => undefined };
  const done = new Promise<void>((resolve, reject) => {
    ends = { resolve, reject };
  });
  return { chunk, done, ...ends };
}
