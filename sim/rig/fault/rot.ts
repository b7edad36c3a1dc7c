import { closeSync, fstatSync, futimesSync, openSync, readSync, writeSync } from 'node:fs';
import type { Chance } from '../../fault/chance.ts';

/** Where a file rotted. */
export interface Rot {
  readonly atByte: number;
  /** 0 is the lowest. */
  readonly bit: number;
}

/** Turns one bit of a file at rest, by chance or `at` this byte; size and times stay, so that nothing tells of it but the bytes. Throws RangeError for an empty file. */
export function rotFile(path: string, chance: Chance, at?: number): Rot {
  const file = openSync(path, 'r+');
  try {
    const { size, atime, mtime } = fstatSync(file);
    if (size === 0 || (at !== undefined && at >= size))
      throw new RangeError(`${path} has no byte ${at ?? 0}: it is ${size} bytes long`);
    const rot = { atByte: at ?? chance.below(size), bit: chance.below(8) };
    const byte = new Uint8Array(1);
    readSync(file, byte, 0, 1, rot.atByte);
    writeSync(file, Uint8Array.of((byte[0] ?? 0) ^ (1 << rot.bit)), 0, 1, rot.atByte);
    futimesSync(file, atime, mtime);
    return rot;
  } finally {
    closeSync(file);
  }
}
