import { open, type FileHandle } from 'node:fs/promises';
import { FieldError } from '../../../proto/errors.ts';
import {
  type CaptureHeader,
  type CaptureRecord,
  headerLine,
  parseHeader,
  parseRecord,
  recordLine,
} from './record.ts';

/** A capture file that cannot be made, written or read; the message names it. */
export class CaptureError extends FieldError<'CAPTURE_IO' | 'CAPTURE_FORMAT' | 'CAPTURE_FULL'> {}

// What waits for the disk; beyond it the disk is too slow for the line, and a capture with holes would lie.
const WAITING_BYTES_MAX = 64 * 1024 * 1024;
// Above the longest PDU in hexadecimal and all that is beside it. A file that is no capture may be one line of any length.
const LINE_CHARS_MAX = 1024 * 1024;

/**
 * Writes a capture, one line a record. Lines are handed to the system as they come, a batch at a time, so a capture
 * that is killed keeps all but its last moments, and is whole up to its last line feed.
 */
export class Tape {
  readonly #file: FileHandle;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #failed: CaptureError | undefined;
  records = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Rejects with CaptureError CAPTURE_IO, also when the file is there already: a capture is evidence of its own. */
  static async create(path: string, header: CaptureHeader): Promise<Tape> {
    let file: FileHandle;
    try {
      // It may hold footage, so nobody else may read it.
      file = await open(path, 'wx', 0o600);
    } catch (cause) {
      throw io(path, cause);
    }
    const tape = new Tape(file);
    tape.#put(headerLine(header));
    return tape;
  }

  /** Throws CaptureError CAPTURE_FULL when the disk cannot keep up, CAPTURE_IO when it failed earlier. */
  add(record: CaptureRecord): void {
    this.records += 1;
    this.#put(recordLine(record));
  }

  /** Resolves when everything is on the disk. */
  async close(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
    try {
      if (this.#failed !== undefined) throw this.#failed;
      await this.#file.sync();
    } finally {
      await this.#file.close();
    }
  }

  #put(line: string): void {
    if (this.#failed !== undefined) throw this.#failed;
    if (this.#waitingBytes > WAITING_BYTES_MAX) {
      throw new CaptureError('CAPTURE_FULL', 'the disk is too slow for this link', { retry: 'later' });
    }
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0 && this.#failed === undefined) {
      const batch = `${this.#waiting.join('\n')}\n`;
      this.#waiting = [];
      this.#waitingBytes = 0;
      try {
        await this.#file.appendFile(batch);
      } catch (cause) {
        this.#failed = io('the capture', cause);
      }
    }
    this.#writing = undefined;
  }
}

/** A line of a capture that is not what it should be; the others are good all the same. */
export interface Damage {
  readonly line: number;
  readonly problem: string;
}

/** A line of a capture: what it records, or what is wrong with it. */
export type TapeLine = { readonly line: number; readonly record: CaptureRecord } | Damage;

export interface OpenedTape {
  readonly header: CaptureHeader;
  /** In the order of the file, one at a time, so that its size does not matter. May be iterated once. */
  readonly lines: AsyncGenerator<TapeLine, void, void>;
}

/** Rejects with CaptureError CAPTURE_IO or CAPTURE_FORMAT. */
export async function openTape(path: string): Promise<OpenedTape> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (cause) {
    throw io(path, cause);
  }
  const lines = linesOf(file, path);
  const first = await lines.next();
  const header = first.done === true ? 'it is empty' : parseHeader(first.value ?? '');
  if (typeof header === 'string') {
    await lines.return();
    throw new CaptureError('CAPTURE_FORMAT', `${path}: ${header}`, { retry: 'never', facts: { path } });
  }
  return { header, lines: recordsOf(lines) };
}

type Lines = AsyncGenerator<string | undefined, void, void>;

async function* recordsOf(lines: Lines): AsyncGenerator<TapeLine, void, void> {
  let line = 1;
  for await (const text of lines) {
    line += 1;
    const record = text === undefined ? 'is longer than any record' : parseRecord(text);
    yield typeof record === 'string' ? { line, problem: record } : { line, record };
  }
}

/** The lines of a file, undefined for one that is too long; closes the file. Node's own reader collects a line of any length. */
async function* linesOf(file: FileHandle, path: string): Lines {
  let line = '';
  let isTooLong = false;
  try {
    for await (const piece of file.createReadStream({ encoding: 'utf8' })) {
      for (const [index, part] of String(piece).split('\n').entries()) {
        if (index > 0) {
          if (!isTooLong) yield line;
          line = '';
          isTooLong = false;
        }
        if (isTooLong) continue;
        line += part;
        isTooLong = line.length > LINE_CHARS_MAX;
        if (isTooLong) yield undefined;
      }
    }
    if (!isTooLong && line !== '') yield line;
  } catch (cause) {
    throw io(path, cause);
  }
}

function io(path: string, cause: unknown): CaptureError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new CaptureError('CAPTURE_IO', `${path}: ${why}`, { retry: 'later', facts: { path }, cause });
}
