import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rmdir, stat, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { codeOf } from './errors.ts';

/** An open file. Errors are the system's, with an errno name in `code`. */
export interface LedgerFile {
  /** Writes all parts one after another from `position` on. */
  write(parts: readonly Uint8Array[], position: number): Promise<void>;
  /** Fills `into` from `position` on; the count is smaller only where the file ends. */
  read(into: Uint8Array, position: number): Promise<number>;
  size(): Promise<number>;
  truncate(bytes: number): Promise<void>;
  /** Resolves when everything written survives a pulled plug. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The few things the log asks of a file system, so that a disk that tears, forgets and fills up can stand in.
 * A name (new file, new folder, rename, remove) survives a pulled plug only after `syncFolder` of its folder.
 */
export interface LedgerDisk {
  /** `write` makes the file if it is missing; `read` throws ENOENT. */
  open(path: string, mode: 'read' | 'write'): Promise<LedgerFile>;
  /** Makes the folder, and its parents, unless it is there. */
  makeFolder(path: string): Promise<void>;
  /** Names of all entries; none when there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  /** Undefined when there is no such name. */
  size(path: string): Promise<number | undefined>;
  rename(from: string, to: string): Promise<void>;
  /** A file, or a folder that is empty. One that is not there may throw ENOENT, or not. */
  remove(path: string): Promise<void>;
  syncFolder(path: string): Promise<void>;
}

// Make it if it is missing, never cut it: no flag word of Node says that.
const WRITE_FLAGS = constants.O_RDWR | constants.O_CREAT;

/** The file system of this machine. A log is there to be read, so files and folders get the modes that the system gives. */
export const systemDisk: LedgerDisk = {
  async open(path, mode) {
    return new SystemFile(await open(path, mode === 'read' ? 'r' : WRITE_FLAGS));
  },
  async makeFolder(path) {
    await mkdir(path, { recursive: true });
  },
  list: (folder) => unlessMissing(readdir(folder), []),
  size: (path) => unlessMissing(sizeOf(path), undefined),
  rename,
  async remove(path) {
    const isFolder = (await stat(path)).isDirectory();
    await (isFolder ? rmdir(path) : unlink(path));
  },
  async syncFolder(path) {
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
};

class SystemFile implements LedgerFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async write(parts: readonly Uint8Array[], position: number): Promise<void> {
    let at = position;
    for (const part of parts) {
      for (let done = 0; done < part.length; ) {
        const { bytesWritten } = await this.#handle.write(part, done, part.length - done, at);
        done += bytesWritten;
        at += bytesWritten;
      }
    }
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    let filled = 0;
    while (filled < into.length) {
      const { bytesRead } = await this.#handle.read(into, filled, into.length - filled, position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled;
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  truncate(bytes: number): Promise<void> {
    return this.#handle.truncate(bytes);
  }

  sync(): Promise<void> {
    return this.#handle.sync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path)).size;
}

async function unlessMissing<T, Missing>(work: Promise<T>, missing: Missing): Promise<T | Missing> {
  try {
    return await work;
  } catch (cause) {
    if (isMissing(cause)) return missing;
    throw cause;
  }
}

/** There is no such name, or not where a folder would have to be. */
export function isMissing(cause: unknown): boolean {
  return codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR';
}
