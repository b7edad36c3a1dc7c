import type { Disk, DiskFile } from '../../device/flash/disk.ts';
import type { Clock } from '../../device/ports.ts';
import type { Chance } from './chance.ts';
import { systemError } from './tree.ts';

export interface WearyDiskOptions {
  /** The machine's own: what waits for a slow disk when the power goes, waits for ever. */
  readonly clock: Pick<Clock, 'after'>;
  readonly chance: Chance;
  /** Hears of each operation that was slow, or failed. */
  readonly met: (what: 'slow' | 'worn') => void;
}

/** How tired a disk is. */
export interface Weariness {
  /** What each operation takes; 0: no time at all. */
  readonly eachMs: number;
  /** Probability that a write fails with EIO, as on a block that is worn out. Nothing of it is written. */
  readonly wornWrites: number;
}

export const FRESH: Weariness = { eachMs: 0, wornWrites: 0 };

/** A disk that takes its time, and on which some writes fail. How much so can change at any moment. */
export class WearyDisk implements Disk {
  readonly #disk: Disk;
  readonly #options: WearyDiskOptions;
  weariness: Weariness = FRESH;

  constructor(disk: Disk, options: WearyDiskOptions) {
    this.#disk = disk;
    this.#options = options;
  }

  async open(path: string, mode: 'read' | 'write'): Promise<DiskFile> {
    await this.#wait();
    return this.#weary(await this.#disk.open(path, mode), path);
  }

  async makeFolder(path: string): Promise<void> {
    await this.#wait();
    return this.#disk.makeFolder(path);
  }

  async list(folder: string): Promise<readonly string[]> {
    await this.#wait();
    return this.#disk.list(folder);
  }

  async size(path: string): Promise<number | undefined> {
    await this.#wait();
    return this.#disk.size(path);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#wait();
    return this.#disk.rename(from, to);
  }

  /** As the flash expects: no error when there is nothing. */
  async remove(path: string): Promise<void> {
    await this.#wait();
    if ((await this.#disk.size(path)) !== undefined) await this.#disk.remove(path);
  }

  async syncFolder(path: string): Promise<void> {
    await this.#wait();
    return this.#disk.syncFolder(path);
  }

  #weary(file: DiskFile, path: string): DiskFile {
    return {
      write: async (parts, position) => {
        await this.#wait();
        const { chance, met } = this.#options;
        if (this.weariness.wornWrites > 0 && chance.happens(this.weariness.wornWrites)) {
          met('worn');
          throw systemError('EIO', `a worn block of ${path}`);
        }
        return file.write(parts, position);
      },
      read: async (into, position) => {
        await this.#wait();
        return file.read(into, position);
      },
      truncate: (bytes) => file.truncate(bytes),
      sync: async () => {
        await this.#wait();
        return file.sync();
      },
      close: () => file.close(),
    };
  }

  #wait(): Promise<void> | undefined {
    const { eachMs } = this.weariness;
    if (eachMs === 0) return undefined;
    this.#options.met('slow');
    return new Promise((resolve) => this.#options.clock.after(eachMs, resolve));
  }
}
