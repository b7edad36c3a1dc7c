import { join } from 'node:path';
import { equal } from '../../proto/bytes.ts';
import type { Workshop } from './chunk-writer.ts';
import type { Disk, DiskFile } from './disk.ts';
import { isMissing, isUnreadable } from './errors.ts';
import { sha256 } from './manifests.ts';
import { allChunks } from './read-back.ts';
import type { ChunkRow, HoldingRow } from './rows.ts';
import { readWhole } from './whole.ts';

/** Part of a holding that is compared by itself. */
export type Piece =
  | { readonly what: 'manifest' | 'wraps' | 'stamps'; readonly expected: Uint8Array }
  | { readonly what: 'chunk'; readonly expected: Uint8Array; readonly chunk: ChunkRow };

/** A piece that a disk does not give back as it was put. */
export interface Wound {
  readonly piece: Piece;
  /** SHA-256 of what is there; empty when nothing can be read, or too little. */
  readonly found: Uint8Array;
}

/** One folder with a holding's files, on whichever disk. */
export interface Place {
  readonly disk: Disk;
  readonly folder: string;
}

/** Told after each read how many bytes it was; the next one waits for it. */
export type Pace = (bytes: number) => Promise<void>;

export const unhurried: Pace = () => Promise.resolve();

/** What must be there of a holding: the small files first, then the chunks in order. Of what was destroyed only the proof. */
export function* piecesOf(row: HoldingRow, shop: Workshop): Generator<Piece> {
  if (row.hasManifest) yield { what: 'manifest', expected: row.manifestSha256 };
  const isThere = row.state !== 'destroyed';
  if (row.hasManifest && isThere && row.wrapsSha256 !== undefined)
    yield { what: 'wraps', expected: row.wrapsSha256 };
  const isStamped = row.stamps !== undefined && row.stamps.chunks === durableChunks(row);
  if (row.stamps !== undefined && (isStamped || row.state !== 'incoming'))
    yield { what: 'stamps', expected: row.stamps.sha256 };
  if (!isThere) return;
  for (const chunk of allChunks(row, shop)) yield { what: 'chunk', expected: chunk.sha256, chunk };
}

/** Reads each piece from this place and compares it, one chunk in memory at a time, each file by a descriptor of its own. */
export async function examine(place: Place, pieces: Iterable<Piece>, pace: Pace): Promise<readonly Wound[]> {
  const content = new Content(place);
  try {
    const wounds: Wound[] = [];
    for (const piece of pieces) {
      const bytes = await readPiece(place, piece, content);
      await pace(bytes?.length ?? 0);
      const found = bytes === undefined ? new Uint8Array(0) : sha256(bytes);
      if (!equal(found, piece.expected)) wounds.push({ piece, found });
    }
    return wounds;
  } finally {
    await content.close();
  }
}

/** The bytes of a piece at this place, when they are the right ones. */
export async function goodPiece(
  place: Place,
  piece: Piece,
  content: Content,
): Promise<Uint8Array | undefined> {
  const bytes = await readPiece(place, piece, content);
  return bytes !== undefined && equal(sha256(bytes), piece.expected) ? bytes : undefined;
}

async function readPiece(place: Place, piece: Piece, content: Content): Promise<Uint8Array | undefined> {
  try {
    return piece.what === 'chunk'
      ? await content.read(piece.chunk)
      : await readWhole(place.disk, join(place.folder, piece.what));
  } catch (error) {
    // A sector that cannot be read is lost like one that lies.
    if (isUnreadable(error)) return undefined;
    throw error;
  }
}

/** The chunks file of one place, opened when it is first needed. Close it. */
export class Content {
  readonly #place: Place;
  #file: Promise<DiskFile> | undefined;
  #room = new Uint8Array(0);

  constructor(place: Place) {
    this.#place = place;
  }

  /** Good until the next read; undefined when the file is missing or too short. */
  async read({ offset, bytes }: ChunkRow): Promise<Uint8Array | undefined> {
    if (this.#room.length < bytes) this.#room = new Uint8Array(bytes);
    const into = this.#room.subarray(0, bytes);
    this.#file ??= this.#place.disk.open(join(this.#place.folder, 'chunks'), 'read');
    try {
      const file = await this.#file;
      return (await file.read(into, offset)) === bytes ? into : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    // One that never opened has told its reader already.
    await this.#file?.then((file) => file.close()).catch(() => undefined);
  }
}

function durableChunks(row: HoldingRow): number {
  return row.last === undefined ? 0 : row.last.index + 1;
}
