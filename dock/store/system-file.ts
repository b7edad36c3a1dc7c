import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { isRefused } from './aligned.ts';
import { digestThread } from './digest-thread.ts';
import { type DirectWriter, openDirectWriter } from './direct-writer.ts';
import type { DiskFile, Span } from './disk.ts';

// Below this the second way of writing costs more than the cache that it spares.
const DIRECT_BYTES_MIN = 32 * 1_024;

/** A file of this machine's file system. */
export class SystemFile implements DiskFile {
  readonly #path: string;
  #handle: FileHandle;
  #direct: Promise<DirectWriter | undefined> | undefined;
  #synced: Promise<void> | undefined;

  constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  write(parts: readonly Uint8Array[], position: number): Promise<void> {
    return writeAll(this.#handle, parts, position);
  }

  async append(parts: readonly Uint8Array[], position: number): Promise<void> {
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    if (bytes >= DIRECT_BYTES_MIN && (await this.#appendDirect(parts, position))) return;
    const { O_DSYNC, O_RDWR } = constants;
    if (O_DSYNC === undefined) {
      await this.write(parts, position);
      return this.sync();
    }
    this.#synced ??= this.#reopen(O_RDWR | O_DSYNC);
    await this.#synced;
    await writeAll(this.#handle, parts, position);
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

  digests(spans: readonly Span[]): Promise<readonly (Uint8Array | undefined)[]> {
    return digestThread.digests(this.#path, spans);
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  truncate(bytes: number): Promise<void> {
    return this.#handle.truncate(bytes);
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  async close(): Promise<void> {
    // One that never opened has told its user already.
    await this.#synced?.catch(() => undefined);
    await this.#direct?.then((opened) => opened?.close()).catch(() => undefined);
    await this.#handle.close();
  }

  /** In place of the handle there is: a dock has thousands of these, and descriptors are counted. */
  async #reopen(flags: number): Promise<void> {
    const before = this.#handle;
    this.#handle = await open(this.#path, flags);
    // Whatever still reads through it comes to its end first.
    await before.close();
  }

  /** False, and nothing that counts written, where the file system has no way past the cache. */
  async #appendDirect(parts: readonly Uint8Array[], position: number): Promise<boolean> {
    const direct = await this.#openDirect();
    if (direct === undefined) return false;
    try {
      await direct.append(parts, position);
      return true;
    } catch (error) {
      if (!isRefused(error)) throw error;
      this.#direct = Promise.resolve(undefined);
      await direct.close();
      return false;
    }
  }

  #openDirect(): Promise<DirectWriter | undefined> {
    this.#direct ??= openDirectWriter(this.#path, this);
    return this.#direct;
  }
}

async function writeAll(handle: FileHandle, parts: readonly Uint8Array[], position: number): Promise<void> {
  let left = parts;
  let at = position;
  while (left.length > 0) {
    const { bytesWritten } = await handle.writev(left, at);
    at += bytesWritten;
    left = after(left, bytesWritten);
  }
}

/** What is still to be written once the first `written` bytes of `parts` are. */
function after(parts: readonly Uint8Array[], written: number): readonly Uint8Array[] {
  let skip = written;
  let first = 0;
  for (const part of parts) {
    if (part.length > skip) break;
    skip -= part.length;
    first++;
  }
  const rest = parts.slice(first);
  const [head, ...tail] = rest;
  return head === undefined || skip === 0 ? rest : [head.subarray(skip), ...tail];
}
