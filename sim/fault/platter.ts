import type { Chance } from './chance.ts';

/** What a pulled plug took, of what was not synced. */
export interface Losses {
  /** Writes of which some sectors are there and some are not. */
  tornWrites: number;
  /** Writes, and changes of a length, of which nothing is there. */
  lostWrites: number;
  /** New, changed and removed names that are not. */
  lostNames: number;
}

type Change = (to: Uint8Array, chance: Chance, losses: Losses) => Uint8Array;

// Disks write a sector whole or not at all, and sectors in any order.
const SECTOR_BYTES = 512;
// Most files here are smaller than this, and most grow by small writes.
const ROOM_BYTES_MIN = 256;

/** Content of one file: what programs see, and what a pulled plug leaves of it. */
export class PlatterFile {
  readonly kind = 'file';
  // Neither is ever written into, so that they can share memory; what is appended goes behind all that anybody has seen of it.
  #bytes: Uint8Array = new Uint8Array(0);
  #synced: Uint8Array = new Uint8Array(0);
  #room = new Uint8Array(0);
  #roomUsed = 0;
  // What was done since the last sync, in order.
  #unsynced: Change[] = [];

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** What the platter has for certain. */
  get synced(): Uint8Array {
    return this.#synced;
  }

  write(bytes: Uint8Array, position: number): void {
    // A copy, as the platter must not change when the caller's memory does.
    const written = new Uint8Array(bytes);
    this.#bytes = this.#append(written, position) ?? overwrite(this.#bytes, written, position);
    this.#unsynced.push((to, chance, losses) => tear(to, { written, position, chance, losses }));
  }

  truncate(bytes: number): void {
    this.#bytes = this.#bytes.subarray(0, bytes);
    this.#unsynced.push((to, chance, losses) => {
      if (chance.happens(0.5)) return to.subarray(0, bytes);
      losses.lostWrites += 1;
      return to;
    });
  }

  sync(): void {
    this.#synced = this.#bytes;
    this.#unsynced = [];
  }

  /** The plug was pulled: each change since the last sync is kept, lost or torn; adds up which. */
  restore(chance: Chance, losses: Losses): void {
    for (const change of this.#unsynced) this.#synced = change(this.#synced, chance, losses);
    this.#unsynced = [];
    this.#bytes = this.#synced;
  }

  /** Damage at rest: done to the platter itself. */
  damage(change: (bytes: Uint8Array) => Uint8Array): void {
    this.#synced = change(this.#synced.slice());
    this.#bytes = change(this.#bytes.slice());
  }

  /** The content with bytes put at its very end, without copying all of it for each; undefined where that is not what is asked. */
  #append(written: Uint8Array, position: number): Uint8Array | undefined {
    const end = position + written.length;
    if (position !== this.#bytes.length) return undefined;
    // Most files are written once: room for more is made when more comes.
    if (position === 0) return written;
    const isOurs = this.#bytes.buffer === this.#room.buffer && position === this.#roomUsed;
    if (!isOurs || end > this.#room.length) {
      const grown = new Uint8Array(Math.max(ROOM_BYTES_MIN, 2 * end));
      grown.set(this.#bytes);
      this.#room = grown;
    }
    this.#room.set(written, position);
    this.#roomUsed = end;
    return this.#room.subarray(0, end);
  }
}

interface UnsyncedWrite {
  readonly written: Uint8Array;
  readonly position: number;
  readonly chance: Chance;
  readonly losses: Losses;
}

function tear(to: Uint8Array, { written, position, chance, losses }: UnsyncedWrite): Uint8Array {
  if (chance.happens(0.25)) {
    losses.lostWrites += 1;
    return to;
  }
  if (chance.happens(0.3)) return overwrite(to, written, position);
  let torn = to;
  let lostSectors = 0;
  let keptSectors = 0;
  for (let at = 0; at < written.length; ) {
    const end = Math.min(written.length, at + SECTOR_BYTES - ((position + at) % SECTOR_BYTES));
    if (chance.happens(0.5)) {
      torn = overwrite(torn, written.subarray(at, end), position + at);
      keptSectors += 1;
    } else lostSectors += 1;
    at = end;
  }
  if (lostSectors > 0 && keptSectors > 0) losses.tornWrites += 1;
  else if (lostSectors > 0) losses.lostWrites += 1;
  return torn;
}

function overwrite(bytes: Uint8Array, written: Uint8Array, position: number): Uint8Array {
  const grown = new Uint8Array(Math.max(bytes.length, position + written.length));
  grown.set(bytes);
  grown.set(written, position);
  return grown;
}
