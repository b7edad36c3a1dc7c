import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { equal } from '../../proto/bytes.ts';
import { ProofError } from '../../proto/errors.ts';
import { peekManifest } from '../../proto/manifest.ts';
import type { Disk } from './disk.ts';
import type { HoldingRow, Papers } from './rows.ts';
import { readWhole } from './whole.ts';

/** SHA-256 (FIPS 180-4). */
export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}

// A sweep asks for every holding again and again; most manifests are about 60 B a chunk.
const CACHE_BYTES_MAX = 8 * 1024 * 1024;

type Paper = 'manifest' | 'wraps';

/** Reads manifests and wraps back with their digests checked, those used last from memory. */
export class Manifests {
  readonly #disk: Disk;
  readonly #root: string;
  // In order of last use, oldest first.
  readonly #cache = new Map<string, Uint8Array>();
  #cachedBytes = 0;

  constructor(disk: Disk, root: string) {
    this.#disk = disk;
    this.#root = root;
  }

  /** What is there and is what was put; a paper that is missing or changed is undefined. */
  async read(holding: HoldingRow): Promise<Papers> {
    if (!holding.hasManifest) return { signedManifest: undefined, wraps: undefined };
    const { manifestSha256, wrapsSha256 } = holding;
    const hasWraps = wrapsSha256 !== undefined && holding.state !== 'destroyed';
    return {
      signedManifest: await this.#paper(holding, 'manifest', manifestSha256),
      wraps: hasWraps ? await this.#paper(holding, 'wraps', wrapsSha256) : undefined,
    };
  }

  /** The next read goes to the disk. */
  forget(holding: HoldingRow): void {
    for (const paper of ['manifest', 'wraps'] as const) {
      const name = nameOf(holding, paper);
      this.#cachedBytes -= this.#cache.get(name)?.length ?? 0;
      this.#cache.delete(name);
    }
  }

  async #paper(holding: HoldingRow, paper: Paper, digest: Uint8Array): Promise<Uint8Array | undefined> {
    const name = nameOf(holding, paper);
    const known = this.#cache.get(name);
    const bytes = known ?? (await readWhole(this.#disk, join(this.#root, holding.folder, paper)));
    if (bytes === undefined) return undefined;
    if (known === undefined && !equal(sha256(bytes), digest)) return undefined;
    this.#remember(name, bytes);
    return bytes;
  }

  #remember(name: string, paper: Uint8Array): void {
    if (!this.#cache.delete(name)) this.#cachedBytes += paper.length;
    this.#cache.set(name, paper);
    for (const [oldest, bytes] of this.#cache) {
      if (this.#cachedBytes <= CACHE_BYTES_MAX) return;
      this.#cache.delete(oldest);
      this.#cachedBytes -= bytes.length;
    }
  }
}

/**
 * Whether one of these recordings of a camera has a lower counter, as its manifest says. One whose manifest cannot be read counts as
 * lower: a damaged disk must not make a dock believe less sealing than there was.
 */
export async function anyBefore(
  manifests: Manifests,
  rows: readonly HoldingRow[],
  counter: number,
): Promise<boolean> {
  // The first sealed ones have the lowest counters and come first, so the search is long only for what is older than all.
  for (const row of rows) {
    const { signedManifest } = await manifests.read(row);
    if (signedManifest === undefined || counterOf(signedManifest) < counter) return true;
  }
  return false;
}

function counterOf(signedManifest: Uint8Array): number {
  try {
    return peekManifest(signedManifest).counter;
  } catch (error) {
    if (error instanceof ProofError) return 0;
    throw error;
  }
}

function nameOf({ id }: HoldingRow, paper: Paper): string {
  return `${id}/${paper}`;
}
