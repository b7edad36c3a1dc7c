import type { Disk, DiskFile } from './disk.ts';

interface Entry {
  readonly path: string;
  readonly opening: Promise<DiskFile>;
  users: number;
  /** Out of the cache: whoever uses it last closes it. */
  doomed: boolean;
}

/**
 * Keeps the files used last open, `openMax` at most beside those in use, so that a busy recording costs one
 * open and a dock with thousands of recordings does not run out of descriptors.
 */
export class OpenFiles {
  readonly #disk: Disk;
  readonly #openMax: number;
  // In order of last use, oldest first.
  readonly #entries = new Map<string, Entry>();

  constructor(disk: Disk, openMax: number) {
    this.#disk = disk;
    this.#openMax = openMax;
  }

  /** Lends the open file to `work`; it must not be used after that resolves. */
  async use<T>(path: string, mode: 'read' | 'write', work: (file: DiskFile) => Promise<T>): Promise<T> {
    const entry = this.#take(path, mode);
    entry.users++;
    try {
      return await work(await entry.opening);
    } catch (error) {
      // A file that failed once may keep its failure to itself the next time: start from a fresh descriptor.
      this.#drop(entry, mode);
      throw error;
    } finally {
      entry.users--;
      await this.#release(entry);
      await this.#shrink();
    }
  }

  /** Closes the file, at once or when its last user is done. Call it before the file is renamed or replaced. */
  async forget(path: string): Promise<void> {
    for (const mode of ['read', 'write'] as const) {
      const entry = this.#entries.get(key(path, mode));
      if (entry === undefined) continue;
      this.#drop(entry, mode);
      await this.#release(entry);
    }
  }

  async close(): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const entry of entries) {
      entry.doomed = true;
      await this.#release(entry);
    }
  }

  #take(path: string, mode: 'read' | 'write'): Entry {
    const name = key(path, mode);
    const entry = this.#entries.get(name) ?? {
      path,
      opening: this.#disk.open(path, mode),
      users: 0,
      doomed: false,
    };
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    return entry;
  }

  #drop(entry: Entry, mode: 'read' | 'write'): void {
    entry.doomed = true;
    if (this.#entries.get(key(entry.path, mode)) === entry) this.#entries.delete(key(entry.path, mode));
  }

  async #shrink(): Promise<void> {
    let excess = this.#entries.size - this.#openMax;
    for (const [name, entry] of this.#entries) {
      if (excess <= 0) return;
      if (entry.users > 0) continue;
      this.#entries.delete(name);
      entry.doomed = true;
      excess--;
      await this.#release(entry);
    }
  }

  async #release(entry: Entry): Promise<void> {
    if (!entry.doomed || entry.users > 0) return;
    // What was to be durable has been synced by its user, so there is nothing that closing could still lose;
    // a file that never opened has told its user already.
    await entry.opening.then((file) => file.close()).catch(() => undefined);
  }
}

function key(path: string, mode: 'read' | 'write'): string {
  return `${mode} ${path}`;
}
