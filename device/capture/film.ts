import { createHash } from 'node:crypto';
import type { ChunkInfo, Moment } from '../../proto/manifest.ts';
import type { Flash, Keys, PlainChunk, RecordingEnd } from '../ports.ts';
import { closeRecording, type HeaderDraft, openSealing, type Sealing } from '../seal/seal.ts';
import { type Film, mediaMsOf } from './recovery.ts';

/** What a recording amounts to at the end of its last whole fragment. */
interface Whole {
  readonly chunks: number;
  readonly bytes: number;
  readonly plainSha256: Uint8Array;
}

/** One recording on its way from plain chunks into the flash. Calls come one after the other. */
export class FilmInHand {
  readonly #flash: Flash;
  readonly #sealing: Sealing;
  readonly #chunks: ChunkInfo[] = [];
  readonly #hash = createHash('sha256');
  #bytes = 0;
  #whole: Whole = { chunks: 0, bytes: 0, plainSha256: new Uint8Array() };

  private constructor(flash: Flash, sealing: Sealing) {
    this.#flash = flash;
    this.#sealing = sealing;
  }

  /** Resolves when header and wraps are durable. Throws FlashError; there is no recording then. */
  static async open(flash: Flash, draft: HeaderDraft, keys: Keys): Promise<FilmInHand> {
    const sealing = await openSealing(draft, keys);
    try {
      await flash.open(sealing.header, sealing.wraps);
    } catch (error) {
      sealing.forget();
      throw error;
    }
    return new FilmInHand(flash, sealing);
  }

  /** Resolves when the chunk is durable. Throws FlashError; the chunk then does not count, and no other may follow. */
  async store(plain: PlainChunk, at: Moment): Promise<void> {
    const stored = this.#sealing.seal(plain, at);
    await this.#flash.append(this.#sealing.header.recordingId, stored);
    this.#chunks.push(stored.info);
    this.#hash.update(plain.bytes);
    this.#bytes += plain.bytes.length;
    if (!plain.endOfFragment) return;
    const plainSha256 = this.#hash.copy().digest();
    this.#whole = { chunks: this.#chunks.length, bytes: this.#bytes, plainSha256 };
  }

  /** Removes what was stored. Throws FlashError. */
  discard(): Promise<void> {
    this.forget();
    return this.#flash.discard(this.#sealing.header.recordingId);
  }

  /**
   * Signs and closes what is whole. Undefined when that is no fragment at all: there is no footage, and the
   * recording is removed as if it had never been begun. Throws FlashError.
   */
  async close(end: RecordingEnd, keys: Keys): Promise<Film | undefined> {
    this.forget();
    const { header, wraps } = this.#sealing;
    const { recordingId, counter, mediaType } = header;
    // The first chunk is the init segment.
    if (this.#whole.chunks < 2) {
      await this.#flash.discard(recordingId);
      return undefined;
    }
    const chunks = this.#chunks.slice(0, this.#whole.chunks);
    await this.#flash.close(recordingId, closeRecording(header, { chunks, end, wraps }, keys));
    const { stopReason } = end;
    return { recordingId, counter, stopReason, mediaType, mediaMs: mediaMsOf(chunks), ...this.#whole };
  }

  /** Overwrites the recording's key, whatever becomes of the rest. Nothing can be stored after this. */
  forget(): void {
    this.#sealing.forget();
  }
}
