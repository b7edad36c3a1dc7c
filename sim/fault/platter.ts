import type { Chance } from './chance.ts';

type Change = (to: Uint8Array, chance: Chance) => Uint8Array;

// Disks write a sector whole or not at all, and sectors in any order.
const SECTOR_BYTES = 512;

/** Content of one file: what programs see, and what a pulled plug leaves of it. */
export class PlatterFile {
  readonly kind = 'file';
  #bytes: Uint8Array = new Uint8Array(0);
  #synced: Uint8Array = new Uint8Array(0);
  // What was done since the last sync, in order.
  #unsynced: Change[] = [];

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  write(bytes: Uint8Array, position: number): void {
    // A copy, as the platter must not change when the caller's memory does.
    const written = bytes.slice();
    this.#bytes = overwrite(this.#bytes, written, position);
    this.#unsynced.push((to, chance) => tear(to, { written, position, chance }));
  }

  truncate(bytes: number): void {
    this.#bytes = this.#bytes.slice(0, bytes);
    this.#unsynced.push((to, chance) => (chance.happens(0.5) ? to.slice(0, bytes) : to));
  }

  sync(): void {
    this.#synced = this.#bytes.slice();
    this.#unsynced = [];
  }

  /** The plug was pulled: each change since the last sync is kept, lost or torn. */
  restore(chance: Chance): void {
    for (const change of this.#unsynced) this.#synced = change(this.#synced, chance);
    this.#unsynced = [];
    this.#bytes = this.#synced.slice();
  }

  /** Damage at rest: done to the platter itself. */
  damage(change: (bytes: Uint8Array) => Uint8Array): void {
    this.#synced = change(this.#synced.slice());
    this.#bytes = change(this.#bytes.slice());
  }
}

function tear(to: Uint8Array, write: { written: Uint8Array; position: number; chance: Chance }): Uint8Array {
  const { written, position, chance } = write;
  if (chance.happens(0.25)) return to;
  if (chance.happens(0.3)) return overwrite(to, written, position);
  let torn = to;
  for (let at = 0; at < written.length; ) {
    const end = Math.min(written.length, at + SECTOR_BYTES - ((position + at) % SECTOR_BYTES));
    if (chance.happens(0.5)) torn = overwrite(torn, written.subarray(at, end), position + at);
    at = end;
  }
  return torn;
}

function overwrite(bytes: Uint8Array, written: Uint8Array, position: number): Uint8Array {
  const grown = new Uint8Array(Math.max(bytes.length, position + written.length));
  grown.set(bytes);
  grown.set(written, position);
  return grown;
}
