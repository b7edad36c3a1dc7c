import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { asFlashError, FlashError } from './error.ts';

/** An open file. */
export interface DiskFile {
  /** Writes all parts one after another from `position` on. */
  write(parts: readonly Uint8Array[], position: number): Promise<void>;
  /** Fills `into` from `position` on; the count is smaller only where the file ends. */
  read(into: Uint8Array, position: number): Promise<number>;
  truncate(bytes: number): Promise<void>;
  /** Resolves when everything written, and the length, survives a pulled battery (fdatasync). */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The few things the flash asks of a file system, so that a disk that tears, forgets and fills up can stand in.
 * A name (new file, new folder, rename, remove) survives a pulled battery only after `syncFolder` of its folder.
 */
export interface Disk {
  /** `write` makes the file if it is missing and never empties one; `read` throws ENOENT. */
  open(path: string, mode: 'read' | 'write'): Promise<DiskFile>;
  /** Makes the folder, and its parents, unless it is there. */
  makeFolder(path: string): Promise<void>;
  /** Names of all entries; none when the folder is missing. */
  list(folder: string): Promise<readonly string[]>;
  /** Length of a file; undefined when there is no such name. */
  size(path: string): Promise<number | undefined>;
  rename(from: string, to: string): Promise<void>;
  /** A file, or a folder that is empty; no error when there is neither. */
  remove(path: string): Promise<void>;
  syncFolder(path: string): Promise<void>;
}

// Footage that is not sealed must not be readable by whoever else has an account on the machine.
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** The file system of this machine. */
export const systemDisk: Disk = {
  async open(path, mode) {
    const flags = mode === 'read' ? constants.O_RDONLY : constants.O_RDWR | constants.O_CREAT;
    return new SystemFile(await open(path, flags, FILE_MODE));
  },
  async makeFolder(path) {
    await mkdir(path, { recursive: true, mode: FOLDER_MODE });
  },
  list: (folder) => unless('ENOENT', readdir(folder), () => []),
  size: async (path) => (await unless('ENOENT', stat(path), () => undefined))?.size,
  rename,
  remove: (path) => unless('ERR_FS_EISDIR', rm(path, { force: true }), () => rmdir(path)),
  async syncFolder(path) {
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
};

/**
 * The same disk, whose every error is a FlashError: FLASH_FULL when there is no room, FLASH_IO otherwise. A write that failed is
 * tried once more; a sync is not, since after one that failed nobody knows what was kept.
 */
export function flashDisk(disk: Disk): Disk {
  return {
    open: (path, mode) => tried(path, async () => flashFile(await disk.open(path, mode), path)),
    makeFolder: (path) => tried(path, () => disk.makeFolder(path)),
    list: (folder) => tried(folder, () => disk.list(folder)),
    size: (path) => tried(path, () => disk.size(path)),
    rename: (from, to) => tried(to, () => disk.rename(from, to)),
    remove: (path) => tried(path, () => disk.remove(path)),
    syncFolder: (path) => tried(path, () => disk.syncFolder(path)),
  };
}

/** Bytes `start..end` of a file, fewer where it ends. */
export async function readRange(
  disk: Disk,
  path: string,
  range: { readonly start: number; readonly end: number },
): Promise<Uint8Array> {
  const file = await disk.open(path, 'read');
  try {
    const bytes = new Uint8Array(range.end - range.start);
    return bytes.subarray(0, await file.read(bytes, range.start));
  } finally {
    await file.close();
  }
}

/** Whole content of a file, or undefined when there is none. */
export async function readWhole(disk: Disk, path: string): Promise<Uint8Array | undefined> {
  const size = await disk.size(path);
  return size === undefined ? undefined : readRange(disk, path, { start: 0, end: size });
}

/** Makes a file this long, durably. */
export async function cutFile(disk: Disk, path: string, bytes: number): Promise<void> {
  if ((await disk.size(path)) === bytes) return;
  const file = await disk.open(path, 'write');
  try {
    await file.truncate(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

class SystemFile implements DiskFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async write(parts: readonly Uint8Array[], position: number): Promise<void> {
    let at = position;
    for (const part of parts) {
      // A nearly full disk takes part of a write before it says so.
      for (let done = 0; done < part.length; ) {
        const { bytesWritten } = await this.#handle.write(part, done, part.length - done, at + done);
        done += bytesWritten;
      }
      at += part.length;
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

  truncate(bytes: number): Promise<void> {
    return this.#handle.truncate(bytes);
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

function flashFile(file: DiskFile, path: string): DiskFile {
  return {
    write: (parts, position) => writeOrAgain(file, path, { parts, position }),
    read: (into, position) => tried(path, () => file.read(into, position)),
    truncate: (bytes) => tried(path, () => file.truncate(bytes)),
    sync: () => tried(path, () => file.sync()),
    close: () => tried(path, () => file.close()),
  };
}

/** A chip gives another block for one that failed, so the same bytes at the same place may hold the second time. */
async function writeOrAgain(
  file: DiskFile,
  path: string,
  { parts, position }: { readonly parts: readonly Uint8Array[]; readonly position: number },
): Promise<void> {
  const write = (): Promise<void> => tried(path, () => file.write(parts, position));
  try {
    await write();
  } catch (error) {
    if (!(error instanceof FlashError && error.code === 'FLASH_IO')) throw error;
    await write();
  }
}

async function unless<Value, Other>(
  code: string,
  work: Promise<Value>,
  otherwise: () => Other | Promise<Other>,
): Promise<Value | Other> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === code) return otherwise();
    throw error;
  }
}

async function tried<Value>(path: string, act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (error) {
    throw asFlashError(error, path);
  }
}
