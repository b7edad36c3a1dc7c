import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rmdir, stat, unlink } from 'node:fs/promises';
import { isMissing } from './errors.ts';
import { SystemFile } from './system-file.ts';

/** Bytes of a file. */
export interface Span {
  readonly offset: number;
  readonly bytes: number;
}

/** An open file. Errors are the system's, with an errno name in `code`. */
export interface DiskFile {
  /** Writes all parts one after another from `position` on; they must not change before it resolves. */
  write(parts: readonly Uint8Array[], position: number): Promise<void>;
  /** The same at the end of what is there, and resolves when it survives a pulled plug, with the length. */
  append(parts: readonly Uint8Array[], position: number): Promise<void>;
  /** Fills `into` from `position` on; the count is smaller only where the file ends. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** SHA-256 of each span, in order, as the disk has it now; undefined where the file ends within. */
  digests(spans: readonly Span[]): Promise<readonly (Uint8Array | undefined)[]>;
  size(): Promise<number>;
  truncate(bytes: number): Promise<void>;
  /** Resolves when everything written, and the length, survives a pulled plug (fdatasync). */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The few things the store asks of a file system, so that a disk that tears, forgets and fills up can stand in.
 * A name (new file, new folder, rename, remove) survives a pulled plug only after `syncFolder` of its folder.
 */
export interface Disk {
  /** `write` makes the file if it is missing and can read too; `read` throws ENOENT. */
  open(path: string, mode: 'read' | 'write'): Promise<DiskFile>;
  /** Makes the folder, and its parents, unless it is there. */
  makeFolder(path: string): Promise<void>;
  /** Names of all entries; none when the folder is missing. */
  list(folder: string): Promise<readonly string[]>;
  /** Length of a file or of nothing in particular for a folder; undefined when there is no such name. */
  size(path: string): Promise<number | undefined>;
  rename(from: string, to: string): Promise<void>;
  /** A file, or a folder that is empty. Throws ENOENT. */
  remove(path: string): Promise<void>;
  syncFolder(path: string): Promise<void>;
}

// Unsealed footage must not be readable by whoever else has an account on the machine.
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
// Make it if it is missing, never cut it: no flag word of Node says that.
const WRITE_FLAGS = constants.O_RDWR | constants.O_CREAT;

/** The file system of this machine. */
export const systemDisk: Disk = {
  async open(path, mode) {
    return new SystemFile(path, await open(path, mode === 'read' ? 'r' : WRITE_FLAGS, FILE_MODE));
  },
  async makeFolder(path) {
    await mkdir(path, { recursive: true, mode: FOLDER_MODE });
  },
  list: (folder) => unlessMissing(readdir(folder), []),
  async size(path) {
    return (await unlessMissing(stat(path), undefined))?.size;
  },
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

async function unlessMissing<T, Missing>(work: Promise<T>, missing: Missing): Promise<T | Missing> {
  try {
    return await work;
  } catch (error) {
    if (isMissing(error)) return missing;
    throw error;
  }
}
