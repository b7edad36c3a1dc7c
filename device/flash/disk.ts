import { constants } from 'node:fs';
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  statfs,
} from 'node:fs/promises';
import { asFlashError } from './error.ts';

/** An open file. What is written is durable only after `sync`. */
export interface DiskFile {
  write(offset: number, bytes: Uint8Array): Promise<void>;
  truncate(length: number): Promise<void>;
  /** Resolves when content and length survive a pulled battery. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The few things the flash asks of a file system, so that a test can stand in for one that loses its power.
 * Names are durable only after `syncFolder`. All throw FlashError.
 */
export interface Disk {
  /** Opens for writing; makes an empty file when there is none, and never empties one. */
  open(path: string): Promise<DiskFile>;
  /** Whole content, or undefined when there is no such file. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Bytes `start..end`, fewer when the file is shorter. */
  readRange(path: string, start: number, end: number): Promise<Uint8Array>;
  size(path: string): Promise<number | undefined>;
  /** Names in a folder; none when there is no such folder. */
  list(path: string): Promise<readonly string[]>;
  makeFolder(path: string): Promise<void>;
  removeFolder(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** No error when there is no such file. */
  remove(path: string): Promise<void>;
  syncFolder(path: string): Promise<void>;
  freeBytes(path: string): Promise<number>;
}

/** This machine's file system. Footage is for the camera alone: folders are 0700, files 0600. */
export const nodeDisk: Disk = {
  open: (path) =>
    tried(
      path,
      async () => new NodeFile(await open(path, constants.O_CREAT | constants.O_RDWR, 0o600), path),
    ),
  read: (path) => tried(path, () => ifThere(readFile(path))),
  readRange: (path, start, end) => tried(path, () => readPart(path, start, end)),
  size: (path) => tried(path, async () => (await ifThere(stat(path)))?.size),
  list: (path) => tried(path, async () => (await ifThere(readdir(path))) ?? []),
  makeFolder: (path) =>
    tried(path, async () => {
      await mkdir(path, { recursive: true, mode: 0o700 });
    }),
  removeFolder: (path) => tried(path, () => rmdir(path)),
  rename: (from, to) => tried(to, () => rename(from, to)),
  remove: (path) => tried(path, () => rm(path, { force: true })),
  syncFolder: (path) =>
    tried(path, async () => {
      const folder = await open(path, 'r');
      try {
        await folder.sync();
      } finally {
        await folder.close();
      }
    }),
  freeBytes: (path) =>
    tried(path, async () => {
      const { bavail, bsize } = await statfs(path);
      return bavail * bsize;
    }),
};

class NodeFile implements DiskFile {
  readonly #handle: FileHandle;
  readonly #path: string;

  constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.#path = path;
  }

  write(offset: number, bytes: Uint8Array): Promise<void> {
    return tried(this.#path, async () => {
      // A nearly full disk takes part of a write before it says so.
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, offset + done);
        done += bytesWritten;
      }
    });
  }

  truncate(length: number): Promise<void> {
    return tried(this.#path, () => this.#handle.truncate(length));
  }

  sync(): Promise<void> {
    return tried(this.#path, () => this.#handle.datasync());
  }

  close(): Promise<void> {
    return tried(this.#path, () => this.#handle.close());
  }
}

async function readPart(path: string, start: number, end: number): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const bytes = new Uint8Array(end - start);
    let done = 0;
    for (;;) {
      const { bytesRead } = await file.read(bytes, done, bytes.length - done, start + done);
      done += bytesRead;
      if (bytesRead === 0 || done === bytes.length) return bytes.subarray(0, done);
    }
  } finally {
    await file.close();
  }
}

async function ifThere<Value>(result: Promise<Value>): Promise<Value | undefined> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
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
