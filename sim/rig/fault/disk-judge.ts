import fs from 'node:fs';
import { resolve, sep } from 'node:path';
import { readControl } from './control.ts';
import { type DiskAct, type DiskMeeting, meetingsFile, readDiskControl } from './disk-control.ts';

/** What becomes of one call. */
export interface Sentence {
  readonly delayMs: number;
  /** The call ends with this. */
  readonly error?: Error;
  /** Only so many bytes of a write find room. */
  readonly room?: number;
}

const SOUND: Sentence = { delayMs: 0 };
const ERRNO = { ENOSPC: -28, EIO: -5 } as const;
const WORDS = { ENOSPC: 'no space left on device', EIO: 'i/o error' } as const;

/** Judges the calls of one process by the control file as it is at that moment. */
export class DiskJudge {
  readonly #file: string;
  // Taken before anything is troubled: the judge must not come before itself.
  readonly #read = fs.readFileSync;
  readonly #append = fs.appendFileSync;
  #filling = { id: 0, bytes: 0 };
  #isNoting = false;

  constructor(file: string) {
    this.#file = file;
  }

  /** `path` is undefined for what is not known to be a file, such as stdout: that is never troubled. `bytes` of a write. */
  judge(path: string | undefined, act: DiskAct, bytes = 0): Sentence {
    if (path === undefined || this.#isNoting) return SOUND;
    const control = readDiskControl(readControl(this.#file, this.#read));
    const whole = resolve(path);
    if (control === undefined || !isWithin(whole, control.within)) return SOUND;
    const delayMs = act === 'read' ? 0 : control.slowMs;
    if (delayMs > 0) this.#note('slowed');
    if (control.fails.some(({ pattern, on }) => on === act && new RegExp(pattern).test(whole))) {
      this.#note('eio');
      return { delayMs, error: failure('EIO', act, path) };
    }
    if (act !== 'write' || control.full === undefined || bytes === 0) return { delayMs };
    return { delayMs, ...this.#roomFor(bytes, control.full, path) };
  }

  /** Does the power go once this was written? */
  cutsAfter(path: string | undefined, written: Uint8Array): boolean {
    if (path === undefined) return false;
    const { within, cut } = readDiskControl(readControl(this.#file, this.#read)) ?? { within: [] };
    const whole = resolve(path);
    if (cut === undefined || !isWithin(whole, within) || !new RegExp(cut.pattern).test(whole)) return false;
    return Buffer.from(written).includes(cut.text);
  }

  /** So many bytes of this path are given back, and a full disk has room for as many. */
  freed(path: string, bytes: number): void {
    const control = readDiskControl(readControl(this.#file, this.#read));
    if (control?.full === undefined || !isWithin(resolve(path), control.within)) return;
    this.#left(control.full);
    this.#filling.bytes -= bytes;
  }

  /** Does the disk of this path say that it has no room? */
  isFull(path: string): boolean {
    const control = readDiskControl(readControl(this.#file, this.#read));
    if (control?.full === undefined || !isWithin(resolve(path), control.within)) return false;
    return this.#left(control.full) === 0;
  }

  #roomFor(
    bytes: number,
    full: { readonly id: number; readonly afterBytes: number },
    path: string,
  ): Omit<Sentence, 'delayMs'> {
    const left = this.#left(full);
    const taken = Math.min(left, bytes);
    this.#filling.bytes += taken;
    if (taken === bytes) return {};
    this.#note('enospc');
    return { room: taken, error: failure('ENOSPC', 'write', path) };
  }

  #left({ id, afterBytes }: { readonly id: number; readonly afterBytes: number }): number {
    if (this.#filling.id !== id) this.#filling = { id, bytes: 0 };
    return Math.max(0, afterBytes - this.#filling.bytes);
  }

  #note(meeting: DiskMeeting): void {
    // Node appends with its other functions, which are troubled by now.
    this.#isNoting = true;
    this.#append(meetingsFile(this.#file), `${meeting}\n`);
    this.#isNoting = false;
  }
}

function isWithin(path: string, folders: readonly string[]): boolean {
  return folders.length === 0 || folders.some((folder) => path === folder || path.startsWith(folder + sep));
}

/** As the system's own: the code decides what a program does about it. */
function failure(code: 'ENOSPC' | 'EIO', act: DiskAct, path: string): Error {
  const syscall = act === 'sync' ? 'fsync' : act;
  const error = new Error(`${code}: ${WORDS[code]}, ${syscall} '${path}'`);
  return Object.assign(error, { code, errno: ERRNO[code], syscall, path });
}
