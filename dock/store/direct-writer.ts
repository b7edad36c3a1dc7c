import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { isRefused } from './aligned.ts';
import type { DiskFile } from './disk.ts';
import { Slabs } from './slabs.ts';

// Every disk's block divides it.
const BLOCK_BYTES = 4_096;
const SLAB_BYTES = 1_024 * 1_024;
const SLABS_MAX = 16;

const slabs = new Slabs(SLAB_BYTES, SLABS_MAX);

/**
 * Appends past the system's cache (O_DIRECT), durable with each write (O_DSYNC). Footage is written once and read back from the disk
 * itself, so a copy in the cache would only cost: making one takes several times as long as the writing does.
 *
 * Only whole blocks can be written so. What is left of the last one goes through the cache, and once more with what follows it.
 */
export class DirectWriter {
  readonly #direct: FileHandle;
  readonly #file: Pick<DiskFile, 'append' | 'read'>;
  /** The bytes of the block that the last append ended in. */
  #tail: { readonly start: number; readonly bytes: Uint8Array } = { start: 0, bytes: new Uint8Array() };

  constructor(direct: FileHandle, file: Pick<DiskFile, 'append' | 'read'>) {
    this.#direct = direct;
    this.#file = file;
  }

  async append(parts: readonly Uint8Array[], position: number): Promise<void> {
    const head = await this.#before(position);
    const all = [head, ...parts];
    const start = position - head.length;
    const bytes = all.reduce((sum, part) => sum + part.length, 0);
    const whole = bytes - (bytes % BLOCK_BYTES);
    for (let at = 0; at < whole; at += SLAB_BYTES) {
      const end = Math.min(whole, at + SLAB_BYTES);
      await this.#write(all, { at, end }, start + at);
    }
    const tail = cut(all, whole, bytes);
    this.#tail = { start: start + whole, bytes: tail };
    if (tail.length === 0) return;
    await this.#file.append([tail], start + whole);
  }

  close(): Promise<void> {
    return this.#direct.close();
  }

  /** What is before `position` in its block. */
  async #before(position: number): Promise<Uint8Array> {
    const start = position - (position % BLOCK_BYTES);
    const { start: known, bytes } = this.#tail;
    if (known === start && known + bytes.length === position) return bytes;
    const head = new Uint8Array(position - start);
    const count = await this.#file.read(head, start);
    if (count < head.length)
      throw Object.assign(new Error('the file is shorter than it was'), { code: 'EIO' });
    return head;
  }

  async #write(
    all: readonly Uint8Array[],
    { at, end }: { readonly at: number; readonly end: number },
    position: number,
  ): Promise<void> {
    const slab = await slabs.take();
    try {
      copy(all, at, slab.subarray(0, end - at));
      for (let done = 0; done < end - at; ) {
        const { bytesWritten } = await this.#direct.write(slab, done, end - at - done, position + done);
        done += bytesWritten;
      }
    } finally {
      slabs.give(slab);
    }
  }
}

/** Undefined where the file system has no such way. */
export async function openDirectWriter(
  path: string,
  file: Pick<DiskFile, 'append' | 'read'>,
): Promise<DirectWriter | undefined> {
  // Only Linux has both.
  const { O_DIRECT, O_DSYNC, O_RDWR } = constants;
  if (O_DIRECT === undefined || O_DSYNC === undefined) return undefined;
  try {
    return new DirectWriter(await open(path, O_RDWR | O_DIRECT | O_DSYNC), file);
  } catch (error) {
    if (isRefused(error)) return undefined;
    throw error;
  }
}

/** Fills `into` with the bytes from `from` on of all parts, one after another. */
function copy(parts: readonly Uint8Array[], from: number, into: Uint8Array): void {
  let skip = from;
  let filled = 0;
  for (const part of parts) {
    if (filled === into.length) return;
    const some = part.subarray(Math.min(skip, part.length), skip + into.length - filled);
    skip = Math.max(0, skip - part.length);
    into.set(some, filled);
    filled += some.length;
  }
}

function cut(parts: readonly Uint8Array[], from: number, to: number): Uint8Array {
  const bytes = new Uint8Array(to - from);
  copy(parts, from, bytes);
  return bytes;
}
