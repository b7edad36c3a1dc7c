import type { HoldingKey } from '../ports.ts';
import type { Workshop } from './chunk-writer.ts';
import { asStoreError, StoreError } from './errors.ts';
import { Lanes } from './lanes.ts';
import type { Manifests } from './manifests.ts';
import type { MirrorCopies } from './mirror.ts';

/** What those who work on one store's settled holdings share. */
export interface Premises extends Workshop {
  readonly desk: Desk;
  readonly manifests: Manifests;
  readonly mirror: MirrorCopies | undefined;
}

/** Where all calls on one store come in: one lane a recording, what disk and index throw as StoreErrors, and the end. */
export class Desk {
  readonly #lanes = new Lanes();
  #closed = false;

  /** Runs `work` alone on its recording id. */
  inLane<T>(key: HoldingKey, doing: string, work: () => Promise<T>): Promise<T> {
    return this.#lanes.run(key.recordingId, () => this.guard(doing, key, work));
  }

  /** Turns what disk and index throw into StoreErrors; `doing` completes the sentence "could not …". */
  async guard<T>(doing: string, about: Partial<HoldingKey>, work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new StoreError('STORE_IO', 'the store is closed', { retry: 'later' });
    try {
      return await work();
    } catch (error) {
      const { recordingId } = about;
      throw asStoreError(error, doing, recordingId === undefined ? {} : { recordingId });
    }
  }

  /** Takes nothing more, and waits for what is under way; false when it was closed before. */
  async close(): Promise<boolean> {
    if (this.#closed) return false;
    this.#closed = true;
    await this.#lanes.idle();
    return true;
  }
}
