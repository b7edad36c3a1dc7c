import { join } from 'node:path';
import type { Clock } from '../ports.ts';
import { type Disk, type DiskFile, readWhole } from './disk.ts';
import { decodeLines, encodeLine } from './line.ts';
import { writeWhole } from './shelf.ts';

/** What a memory chip is given to be like; without a member it is as good as the disk below it. */
export interface ChipOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** How fast it takes what is written, KiB a second. */
  readonly writeKibs?: number;
  /** How often a block can be erased; beyond that it fails. */
  readonly cyclesMax?: number;
  /** Blocks that fail when they are first written, counted in the order in which blocks are taken into use. */
  readonly badBlocks?: readonly number[];
  /** Blocks that stand in for those that failed; then the chip can only be read. */
  readonly spares?: number;
}

/** How the chip is. */
export interface ChipHealth {
  /** Blocks that failed and were replaced or, the last one, could not be. */
  readonly retired: number;
  readonly spares: number;
  readonly isReadOnly: boolean;
}

// What a chip erases in one go.
const BLOCK_BYTES = 16 * 1024;
const SPARES_DEFAULT = 8;

interface Block {
  readonly number: number;
  cycles: number;
}

/** Which blocks a file lies in, and how much of it was written. */
interface Place {
  readonly blocks: (Block | undefined)[];
  bytes: number;
}

/**
 * A disk that wears out, as memory chips do. A write into a block that is bad or worn fails with EIO after what lies before that
 * block was written; the block is replaced while there are spares, so the same write may hold the second time. Without spares
 * everything that changes anything fails with EROFS, and what is there can still be read: a dying card loses nothing that it
 * has, and its uploads go on. How many spares are left is kept in `FOLDER/chip`, wear of blocks that still hold is not.
 */
export async function openChip(disk: Disk, folder: string, options: ChipOptions): Promise<Chip> {
  const path = join(folder, 'chip');
  const [line] = decodeLines((await readWhole(disk, path)) ?? new Uint8Array());
  const { spares = options.spares ?? SPARES_DEFAULT, retired = 0 } = healthIn(line?.record);
  const isReadOnly = spares < 0;
  const keep = (health: ChipHealth): Promise<void> =>
    writeWhole(
      disk,
      path,
      encodeLine({ retired: health.retired, spares: health.isReadOnly ? -1 : health.spares }),
    );
  return new Chip(disk, options, { health: { retired, spares: Math.max(0, spares), isReadOnly }, keep });
}

interface ChipState {
  readonly health: ChipHealth;
  readonly keep: (health: ChipHealth) => Promise<void>;
}

/** See {@link openChip}. */
export class Chip implements Disk {
  readonly #disk: Disk;
  readonly #options: ChipOptions;
  readonly #keep: ChipState['keep'];
  readonly #bad: Set<number>;
  readonly #places = new Map<string, Place>();
  /** Blocks that are not in use, the one that has rested longest first: wear spreads over all. */
  readonly #free: Block[] = [];
  #health: ChipHealth;
  #blocks = 0;
  /** A chip takes one write after the other. */
  #busy: Promise<void> = Promise.resolve();

  constructor(disk: Disk, options: ChipOptions, { health, keep }: ChipState) {
    this.#disk = disk;
    this.#options = options;
    this.#health = health;
    this.#keep = keep;
    this.#bad = new Set(options.badBlocks);
  }

  get health(): ChipHealth {
    return this.#health;
  }

  async open(path: string, mode: 'read' | 'write'): Promise<DiskFile> {
    if (mode === 'write' && (await this.#disk.size(path)) === undefined) this.#checkWritable();
    const file = await this.#disk.open(path, mode);
    return {
      read: (into, position) => file.read(into, position),
      close: () => file.close(),
      write: (parts, position) => this.#write(file, path, { parts, position }),
      truncate: async (bytes) => {
        this.#checkWritable();
        await file.truncate(bytes);
        this.#shrink(path, bytes);
      },
      sync: () => file.sync(),
    };
  }

  async makeFolder(path: string): Promise<void> {
    // Whoever opens a memory asks for its folder, also when it is there.
    if ((await this.#disk.size(path)) !== undefined) return;
    this.#checkWritable();
    await this.#disk.makeFolder(path);
  }

  list(folder: string): Promise<readonly string[]> {
    return this.#disk.list(folder);
  }

  size(path: string): Promise<number | undefined> {
    return this.#disk.size(path);
  }

  async rename(from: string, to: string): Promise<void> {
    this.#checkWritable();
    await this.#disk.rename(from, to);
    this.#shrink(to, 0);
    const place = this.#places.get(from);
    if (place) this.#places.set(to, place);
    this.#places.delete(from);
  }

  async remove(path: string): Promise<void> {
    this.#checkWritable();
    await this.#disk.remove(path);
    this.#shrink(path, 0);
    this.#places.delete(path);
  }

  syncFolder(path: string): Promise<void> {
    return this.#disk.syncFolder(path);
  }

  async #write(
    file: DiskFile,
    path: string,
    { parts, position }: { readonly parts: readonly Uint8Array[]; readonly position: number },
  ): Promise<void> {
    this.#checkWritable();
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    await this.#pace(bytes);
    const failed = this.#wear(path, position, position + bytes);
    if (failed === undefined) return file.write(parts, position);
    const [first = new Uint8Array()] = parts.length === 1 ? parts : [Buffer.concat(parts)];
    await file.write([first.subarray(0, Math.max(0, failed * BLOCK_BYTES - position))], position);
    await this.#keep(this.#health).catch(() => undefined);
    throw systemError('EIO', `block ${failed} of ${path} failed`);
  }

  /** Waits until the chip has taken so many bytes more. */
  #pace(bytes: number): Promise<void> {
    const { writeKibs, clock } = this.#options;
    if (writeKibs === undefined) return Promise.resolve();
    const delayMs = (bytes * 1000) / (writeKibs * 1024);
    this.#busy = this.#busy.then(() => new Promise((resolve) => void clock.after(delayMs, resolve)));
    return this.#busy;
  }

  /** Counts a write into each block of the range; the index of the first that fails, in its file, which is then replaced. */
  #wear(path: string, start: number, end: number): number | undefined {
    const place = this.#places.get(path) ?? { blocks: [], bytes: 0 };
    this.#places.set(path, place);
    for (let index = Math.floor(start / BLOCK_BYTES); index * BLOCK_BYTES < end; index++) {
      const known = place.blocks[index];
      const block = known ?? this.#take();
      place.blocks[index] = block;
      // A new block is erased before its first write, and one that is written over again each time.
      if (known === undefined || start < place.bytes) block.cycles += 1;
      if (this.#holds(block)) continue;
      place.blocks[index] = undefined;
      this.#retire();
      return index;
    }
    place.bytes = Math.max(place.bytes, end);
    return undefined;
  }

  #holds({ number, cycles }: Block): boolean {
    return !this.#bad.has(number) && cycles <= (this.#options.cyclesMax ?? Number.POSITIVE_INFINITY);
  }

  #retire(): void {
    const { retired, spares } = this.#health;
    this.#health = { retired: retired + 1, spares: Math.max(0, spares - 1), isReadOnly: spares === 0 };
  }

  #take(): Block {
    const rested = this.#free.shift();
    if (rested) return rested;
    this.#blocks += 1;
    return { number: this.#blocks - 1, cycles: 0 };
  }

  /** Gives back the blocks behind that many bytes. */
  #shrink(path: string, bytes: number): void {
    const place = this.#places.get(path);
    if (!place) return;
    const freed = place.blocks.splice(Math.ceil(bytes / BLOCK_BYTES));
    this.#free.push(...freed.filter((block) => block !== undefined));
    place.bytes = Math.min(place.bytes, bytes);
  }

  #checkWritable(): void {
    if (this.#health.isReadOnly) throw systemError('EROFS', 'the memory is worn out and can only be read');
  }
}

function healthIn(record: Readonly<Record<string, unknown>> = {}): {
  readonly spares?: number;
  readonly retired?: number;
} {
  const { spares, retired } = record;
  return typeof spares === 'number' && typeof retired === 'number' ? { spares, retired } : {};
}

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}
