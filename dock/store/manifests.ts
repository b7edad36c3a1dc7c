import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { equal } from '../../proto/bytes.ts';
import type { Disk } from './disk.ts';
import type { HoldingRow } from './rows.ts';
import { readWhole } from './whole.ts';

/** SHA-256 (FIPS 180-4). */
export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}

// A sweep asks for every holding again and again; most manifests are about 60 B a chunk.
const CACHE_BYTES_MAX = 16 * 1024 * 1024;

/** Reads manifests back with their digest checked, the ones used last from memory. */
export class Manifests {
  readonly #disk: Disk;
  readonly #root: string;
  // In order of last use, oldest first.
  readonly #cache = new Map<number, Uint8Array>();
  #cachedBytes = 0;

  constructor(disk: Disk, root: string) {
    this.#disk = disk;
    this.#root = root;
  }

  /** Undefined when the file is missing or not what was put. */
  async read(holding: HoldingRow): Promise<Uint8Array | undefined> {
    const known = this.#cache.get(holding.id);
    const manifest = known ?? (await readWhole(this.#disk, join(this.#root, holding.folder, 'manifest')));
    if (manifest === undefined) return undefined;
    if (known === undefined && !equal(sha256(manifest), holding.manifestSha256)) return undefined;
    this.#remember(holding.id, manifest);
    return manifest;
  }

  /** The next read goes to the disk. */
  forget(holding: HoldingRow): void {
    this.#cachedBytes -= this.#cache.get(holding.id)?.length ?? 0;
    this.#cache.delete(holding.id);
  }

  #remember(id: number, manifest: Uint8Array): void {
    if (!this.#cache.delete(id)) this.#cachedBytes += manifest.length;
    this.#cache.set(id, manifest);
    for (const [oldest, bytes] of this.#cache) {
      if (this.#cachedBytes <= CACHE_BYTES_MAX) return;
      this.#cache.delete(oldest);
      this.#cachedBytes -= bytes.length;
    }
  }
}
