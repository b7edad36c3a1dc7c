import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from './errors.ts';

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
  /** Folders that exist durably, so that the common write makes no extra system calls. */
  readonly #known = new Set<string>();
  /** Folders with a rename that is not yet durable. */
  readonly #unsynced = new Set<string>();

  constructor(dir: string, probe: Probe) {
    this.dir = dir;
    this.#probe = probe;
  }

  /** Makes the folder itself, durably. */
  async makeRoot(): Promise<void> {
    await this.#makeFolder(this.dir);
  }

  /** Clears what an interrupted write left in `tmp/`. Only for who holds the folder's lock. */
  async prepare(): Promise<void> {
    await rm(join(this.dir, TEMP_FOLDER), { recursive: true, force: true });
    await this.#makeFolder(join(this.dir, TEMP_FOLDER));
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    const target = join(this.dir, path);
    const temp = join(this.dir, TEMP_FOLDER, path.replaceAll('/', '-'));
    await this.#makeFolder(dirname(target));
    this.#probe(`write ${path}`);
    const handle = await open(temp, 'w');
    try {
      await handle.writeFile(bytes);
      this.#probe(`sync ${path}`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    this.#probe(`rename ${path}`);
    await rename(temp, target);
    this.#unsynced.add(dirname(target));
  }

  /** Makes every rename so far durable. */
  async syncFolders(): Promise<void> {
    for (const folder of this.#unsynced) {
      this.#probe(`sync folder ${folder.slice(this.dir.length + 1)}`);
      await syncFolder(folder);
      this.#unsynced.delete(folder);
    }
  }

  /** The file's bytes, or undefined when there is no such file. */
  async read(path: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(join(this.dir, path));
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return undefined;
      throw cause;
    }
  }

  /** Is there at least one file or folder of that name with something in it? */
  async hasFolder(path: string): Promise<boolean> {
    try {
      return (await readdir(join(this.dir, path))).length > 0;
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') return false;
      throw cause;
    }
  }

  async removeFolder(path: string): Promise<void> {
    this.#probe(`remove ${path}`);
    await rm(join(this.dir, path), { recursive: true, force: true });
    this.#known.delete(join(this.dir, path));
  }

  async #makeFolder(folder: string): Promise<void> {
    if (this.#known.has(folder)) return;
    const first = await mkdir(folder, { recursive: true });
    // Each new folder is a name in its parent, and must outlive a pulled plug like any other name.
    if (first !== undefined) {
      for (let made = folder; made.length >= first.length; made = dirname(made)) {
        await syncFolder(dirname(made));
      }
    }
    this.#known.add(folder);
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
