import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { concat } from '../../proto/bytes.ts';
import { alignedMemory, isRefused } from './aligned.ts';
import type { Span } from './disk.ts';

// A read past the system's cache starts and ends at blocks.
const BLOCK_BYTES = 4_096;
const ROOM_BYTES = 1_024 * 1_024;
// One for all: a call fills and empties it before the next begins.
const ROOM = new Uint8Array(alignedMemory(ROOM_BYTES));

/**
 * SHA-256 of each span of a file, 32 bytes after another; of a span in which the file ends there are none, nor of those after it.
 * Reads past the system's cache where the file system can, so that what is read is what the disk has and not what was just written.
 * Keeps the calling thread busy meanwhile.
 */
export function digestsOf(path: string, spans: readonly Span[]): Uint8Array {
  const { O_DIRECT, O_RDONLY } = constants;
  try {
    // Only Linux has it.
    return digestsBy(path, spans, O_DIRECT === undefined ? O_RDONLY : O_RDONLY | O_DIRECT);
  } catch (error) {
    if (isRefused(error)) return digestsBy(path, spans, O_RDONLY);
    throw error;
  }
}

function digestsBy(path: string, spans: readonly Span[], flags: number): Uint8Array {
  const file = openSync(path, flags);
  try {
    const reader = new BlockReader(file);
    const digests: Uint8Array[] = [];
    for (const span of spans) {
      const digest = reader.digest(span);
      if (digest === undefined) break;
      digests.push(digest);
    }
    return concat(...digests);
  } finally {
    closeSync(file);
  }
}

/** Reads forward, a room at a time, whatever the spans are. */
class BlockReader {
  readonly #file: number;
  /** Where in the file the room's bytes are from, and how many of them there are. */
  #start = 0;
  #filled = 0;

  constructor(file: number) {
    this.#file = file;
  }

  digest({ offset, bytes }: Span): Uint8Array | undefined {
    const hash = createHash('sha256');
    for (let at = offset; at < offset + bytes; ) {
      const some = this.#at(at, offset + bytes - at);
      if (some.length === 0) return undefined;
      hash.update(some);
      at += some.length;
    }
    return hash.digest();
  }

  /** Some of the bytes from `at` on; none at the end of the file. */
  #at(at: number, most: number): Uint8Array {
    if (at < this.#start || at >= this.#start + this.#filled) this.#load(at);
    const from = at - this.#start;
    return ROOM.subarray(from, Math.max(from, Math.min(this.#filled, from + most)));
  }

  #load(at: number): void {
    this.#start = at - (at % BLOCK_BYTES);
    this.#filled = readSync(this.#file, ROOM, 0, ROOM_BYTES, this.#start);
  }
}
