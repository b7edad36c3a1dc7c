import { createHash } from 'node:crypto';
import type { ChunkInfo, Moment } from '../../proto/manifest.ts';
import { TRACK_POINTS_MAX } from '../../proto/limits.ts';
import type { Flash, Keys, Note, PlainChunk, RecordingEnd, Sensors } from '../ports.ts';
import { closeRecording, type HeaderDraft, openSealing, type Sealing } from '../seal/seal.ts';
import { type Film, mediaMsOf } from './recovery.ts';

// A point every five seconds makes a track that fits the manifest of the longest recording.
const POINT_GAP_US = 5_000_000;

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
  readonly #notes: Note[] = [];
  #sensors: Sensors = {};
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

  /** From here on what these say is kept beside the footage: at once, and as fragments end. Throws FlashError. */
  async carry(sensors: Sensors): Promise<void> {
    this.#sensors = sensors;
    await this.#look(this.#sealing.header.triggered);
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
    await this.#look(at);
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
    const notes = [...this.#notes, ...this.#batteryNote(end.ended)];
    await this.#flash.close(recordingId, closeRecording(header, { chunks, end, notes, wraps }, keys));
    const { stopReason } = end;
    return { recordingId, counter, stopReason, mediaType, mediaMs: mediaMsOf(chunks), ...this.#whole };
  }

  /** Overwrites the recording's key, whatever becomes of the rest. Nothing can be stored after this. */
  forget(): void {
    this.#sealing.forget();
  }

  async #look(at: Moment): Promise<void> {
    for (const note of [...this.#batteryNote(at), ...this.#placeNote(at)]) {
      await this.#flash.note(this.#sealing.header.recordingId, note);
      this.#notes.push(note);
    }
  }

  #batteryNote(at: Moment): readonly Note[] {
    const percent = this.#sensors.batteryPercent?.();
    const last = this.#notes.findLast((one) => one.note === 'battery');
    return percent === undefined || percent === last?.percent ? [] : [{ note: 'battery', at, percent }];
  }

  #placeNote(at: Moment): readonly Note[] {
    const places = this.#notes.filter((one) => one.note === 'place');
    const sinceUs = at.monoUs - (places.at(-1)?.at.monoUs ?? Number.NEGATIVE_INFINITY);
    if (places.length === TRACK_POINTS_MAX || sinceUs < POINT_GAP_US) return [];
    const position = this.#sensors.position?.();
    return position === undefined ? [] : [{ note: 'place', at, ...position }];
  }
}
