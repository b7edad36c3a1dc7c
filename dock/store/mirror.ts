import { join } from 'node:path';
import type { Workshop } from './chunk-writer.ts';
import { destroyFiles } from './destroy.ts';
import type { DiskFile } from './disk.ts';
import { asMirrorError, asStoreError, noMirror, rot, StoreError } from './errors.ts';
import {
  Content,
  examine,
  goodPiece,
  type Pace,
  type Piece,
  piecesOf,
  type Place,
  type Wound,
} from './examine.ts';
import { findMirror, type MirrorPlace } from './mirror-place.ts';
import type { HoldingRow } from './rows.ts';
import { ensureFolder, moveFolder } from './whole.ts';

/** What a mirror has to say, once each time it changes. */
export type MirrorNews =
  | { readonly news: 'mirror-missing'; readonly why: string }
  | { readonly news: 'mirror-back' };

export interface MirrorOptions extends MirrorPlace {
  /** Must not throw. */
  readonly tell: (news: MirrorNews) => void;
}

/**
 * The second copy of every accepted recording, on another disk:
 *
 *     <mirror>/holdfast-mirror.json
 *     <mirror>/recordings/<recording>/{manifest,wraps,chunks,stamps}
 *     <mirror>/arriving/…                                             copies that are not whole yet
 *
 * Every method throws StoreError STORE_MIRROR while the mirror is away, full or faulty.
 */
export class MirrorCopies {
  readonly #options: MirrorOptions;
  readonly #shop: Workshop;
  #isAway = false;

  constructor(options: MirrorOptions, shop: Workshop) {
    this.#options = options;
    this.#shop = shop;
  }

  /**
   * Resolves once the mirror has the whole recording, durable, and has given every byte of it back. What it has already is
   * only read back. Throws StoreError STORE_ROT when it is the store that has lost something.
   */
  copy(row: HoldingRow, pace: Pace): Promise<void> {
    return this.#there('copy a recording', async () => {
      if ((await this.#wounds(row, pace)).length === 0) return;
      await this.#write(row, pace);
      const [wound] = await this.#wounds(row, pace);
      if (wound === undefined) return;
      const facts = { recordingId: row.recordingId, dir: this.#options.dir };
      throw noMirror(`it does not give back the ${wound.piece.what} that was written`, facts);
    });
  }

  /** What the mirror does not give back of a recording. */
  examine(row: HoldingRow, pace: Pace): Promise<readonly Wound[]> {
    return this.#there('read a recording', () => this.#wounds(row, pace));
  }

  /** Is the mirror there to be read? */
  async isThere(): Promise<boolean> {
    try {
      await this.#there('look at the mirror', () => Promise.resolve());
      return true;
    } catch (error) {
      if (error instanceof StoreError && error.code === 'STORE_MIRROR') return false;
      throw error;
    }
  }

  /** Where a recording's copy is, for reading pieces that are then compared. */
  place({ recordingId }: HoldingRow): Place {
    return { disk: this.#options.disk, folder: join(this.#options.dir, 'recordings', recordingId) };
  }

  /** Resolves when wraps and content are gone. Idempotent. */
  destroy(row: HoldingRow): Promise<void> {
    return this.#there('destroy a recording', async () => {
      await destroyFiles(this.place(row));
      await destroyFiles(this.#arriving(row));
    });
  }

  #wounds(row: HoldingRow, pace: Pace): Promise<readonly Wound[]> {
    return examine(this.place(row), piecesOf(row, this.#shop), pace);
  }

  #arriving({ recordingId }: HoldingRow): Place {
    return { disk: this.#options.disk, folder: join(this.#options.dir, 'arriving', recordingId) };
  }

  async #write(row: HoldingRow, pace: Pace): Promise<void> {
    const { disk, dir } = this.#options;
    for (const folder of ['recordings', 'arriving']) await ensureFolder(disk, join(dir, folder));
    const arriving = this.#arriving(row);
    await this.#clear(arriving);
    await ensureFolder(disk, arriving.folder);
    const from = { disk: this.#shop.disk, folder: join(this.#shop.root, row.folder) };
    await this.#copyPieces({ from, to: arriving }, piecesOf(row, this.#shop), pace);
    await disk.syncFolder(arriving.folder);
    // A copy that is not whole gives way; the store was just read and has everything.
    await this.#clear(this.place(row));
    await moveFolder(disk, arriving.folder, this.place(row).folder);
  }

  async #copyPieces(
    { from, to }: { readonly from: Place; readonly to: Place },
    pieces: Iterable<Piece>,
    pace: Pace,
  ): Promise<void> {
    const content = new Content(from);
    const written = new Map<string, DiskFile>();
    try {
      for (const piece of pieces) {
        const bytes = await this.#ofStore(from, piece, content);
        const [name, at] = piece.what === 'chunk' ? ['chunks', piece.chunk.offset] : [piece.what, 0];
        const file = written.get(name) ?? (await to.disk.open(join(to.folder, name), 'write'));
        written.set(name, file);
        await file.write([bytes], at);
        await pace(bytes.length);
      }
      for (const file of written.values()) await file.sync();
    } finally {
      await content.close();
      for (const file of written.values()) await file.close();
    }
  }

  /** A piece as the store has it. What the store's disk throws is not the mirror's fault. */
  async #ofStore(from: Place, piece: Piece, content: Content): Promise<Uint8Array> {
    let bytes: Uint8Array | undefined;
    try {
      bytes = await goodPiece(from, piece, content);
    } catch (error) {
      throw asStoreError(error, 'read what is to be copied', { folder: from.folder });
    }
    if (bytes !== undefined) return bytes;
    const facts = piece.what === 'chunk' ? { chunk: piece.chunk.index } : {};
    throw rot(`the ${piece.what} that is to be copied is not what was written`, facts);
  }

  async #clear({ disk, folder }: Place): Promise<void> {
    if ((await disk.size(folder)) === undefined) return;
    for (const name of await disk.list(folder)) await disk.remove(join(folder, name));
    await disk.remove(folder);
  }

  async #there<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      await findMirror(this.#options);
      const result = await work();
      this.#say(undefined);
      return result;
    } catch (error) {
      const problem = asMirrorError(error, doing, this.#options.dir);
      if (problem instanceof StoreError && problem.code === 'STORE_MIRROR') this.#say(problem.message);
      throw problem;
    }
  }

  #say(why: string | undefined): void {
    const isAway = why !== undefined;
    if (isAway === this.#isAway) return;
    this.#isAway = isAway;
    this.#options.tell(isAway ? { news: 'mirror-missing', why } : { news: 'mirror-back' });
  }
}
