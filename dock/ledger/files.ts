import { dirname, join } from 'node:path';
import { isMissing, type LedgerDisk, type LedgerFile, systemDisk } from './disk.ts';

/** Called before every step of a write, with its name. A fault test throws or dies here; the daemon passes none. */
export type Probe = (step: string) => void;

const TEMP_FOLDER = 'tmp';

/**
 * Whole files under one folder. A reader, now or after a pulled plug, sees a file as it was or as it is, never
 * a part: bytes go to `tmp/`, are synced, then renamed; {@link syncFolders} makes the names durable.
 */
export class Files {
  readonly dir: string;
  readonly #probe: Probe;
  readonly #disk: LedgerDisk;
  /** Folders that exist durably, so that the common write makes no extra system calls. */
  readonly #known = new Set<string>();
  /** Folders with a rename that is not yet durable. */
  readonly #unsynced = new Set<string>();

  constructor(dir: string, probe: Probe, disk: LedgerDisk = systemDisk) {
    this.dir = dir;
    this.#probe = probe;
    this.#disk = disk;
  }

  /** Makes the folder itself, durably. */
  async makeRoot(): Promise<void> {
    await this.#makeFolder(this.dir);
  }

  /** Clears what an interrupted write left in `tmp/`. Only for who holds the folder's lock. */
  async prepare(): Promise<void> {
    await this.#removeAll(join(this.dir, TEMP_FOLDER));
    await this.#makeFolder(join(this.dir, TEMP_FOLDER));
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    const target = join(this.dir, path);
    const temp = join(this.dir, TEMP_FOLDER, path.replaceAll('/', '-'));
    await this.#makeFolder(dirname(target));
    this.#probe(`write ${path}`);
    await this.#use(temp, 'write', async (file) => {
      await file.truncate(0);
      await file.write([bytes], 0);
      this.#probe(`sync ${path}`);
      await file.sync();
    });
    this.#probe(`rename ${path}`);
    await this.#disk.rename(temp, target);
    this.#unsynced.add(dirname(target));
  }

  /**
   * Makes every rename so far durable. Of its two folders only the one that it leads to: an old name that is still in `tmp/` after a
   * pulled plug is cleared away by {@link prepare} before anybody writes there again.
   */
  async syncFolders(): Promise<void> {
    for (const folder of this.#unsynced) {
      this.#probe(`sync folder ${folder.slice(this.dir.length + 1)}`);
      await this.#disk.syncFolder(folder);
      this.#unsynced.delete(folder);
    }
  }

  /** The file's bytes, or undefined when there is no such file. */
  async read(path: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#use(join(this.dir, path), 'read', readAll);
    } catch (cause) {
      if (isMissing(cause)) return undefined;
      throw cause;
    }
  }

  /** Is there at least one file or folder of that name with something in it? */
  async hasFolder(path: string): Promise<boolean> {
    return (await this.#disk.list(join(this.dir, path))).length > 0;
  }

  async removeFolder(path: string): Promise<void> {
    this.#probe(`remove ${path}`);
    await this.#removeAll(join(this.dir, path));
  }

  /** Each folder is a name in its parent, and must outlive a pulled plug like any other name. */
  async #makeFolder(folder: string): Promise<void> {
    if (this.#known.has(folder)) return;
    const isNew = (await this.#disk.size(folder)) === undefined;
    // One of ours that is there may be left from a process that ended before it was durable. Those above the log are not ours.
    if (isNew || folder.startsWith(`${this.dir}/`)) {
      await this.#makeFolder(dirname(folder));
      if (isNew) await this.#disk.makeFolder(folder);
      await this.#disk.syncFolder(dirname(folder));
    }
    this.#known.add(folder);
  }

  /** A file, or a folder with all that is in it; nothing when it is not there. */
  async #removeAll(path: string): Promise<void> {
    for (const name of await this.#disk.list(path)) await this.#removeAll(join(path, name));
    try {
      await this.#disk.remove(path);
    } catch (cause) {
      if (!isMissing(cause)) throw cause;
    }
    this.#known.delete(path);
  }

  async #use<T>(path: string, mode: 'read' | 'write', work: (file: LedgerFile) => Promise<T>): Promise<T> {
    const file = await this.#disk.open(path, mode);
    try {
      return await work(file);
    } finally {
      await file.close();
    }
  }
}

async function readAll(file: LedgerFile): Promise<Uint8Array> {
  const bytes = new Uint8Array(await file.size());
  return bytes.subarray(0, await file.read(bytes, 0));
}
