import { text, utf8 } from '../../proto/bytes.ts';
import { crc32c } from '../../proto/crc32c.ts';

/** One record of a file that only grows: JSON, a space, its CRC-32C in hex, a line feed. People can read it. */
export function encodeLine(record: object): Uint8Array {
  const json = JSON.stringify(record);
  return utf8(`${json} ${checkOf(utf8(json))}\n`);
}

/** A record read back, and the offset of the byte after its line. */
export interface Line {
  readonly record: Readonly<Record<string, unknown>>;
  readonly end: number;
}

/** The records up to the first line that is torn, changed or not whole: what comes after it was never promised. */
export function decodeLines(bytes: Uint8Array): readonly Line[] {
  const lines: Line[] = [];
  for (let start = 0; start < bytes.length; ) {
    const stop = bytes.indexOf(0x0a, start);
    const record = stop < 0 ? undefined : decodeLine(bytes.subarray(start, stop));
    if (!record) break;
    lines.push({ record, end: stop + 1 });
    start = stop + 1;
  }
  return lines;
}

/** A record whose line holds, and whether it starts where another such line ends. */
export interface SalvagedLine extends Line {
  readonly isJoined: boolean;
}

/** Every record whose line holds, also behind lines that do not: for what carries a signature of its own. */
export function salvageLines(bytes: Uint8Array): readonly SalvagedLine[] {
  const lines: SalvagedLine[] = [];
  for (let start = 0; start < bytes.length; ) {
    const stop = bytes.indexOf(0x0a, start);
    const record = stop < 0 ? undefined : decodeLine(bytes.subarray(start, stop));
    if (record) lines.push({ record, end: stop + 1, isJoined: lines.at(-1)?.end === start });
    start = stop < 0 ? bytes.length : stop + 1;
  }
  return lines;
}

function decodeLine(line: Uint8Array): Line['record'] | undefined {
  const space = line.lastIndexOf(0x20);
  if (space < 0) return undefined;
  const json = line.subarray(0, space);
  try {
    if (text(line.subarray(space + 1)) !== checkOf(json)) return undefined;
    const record: unknown = JSON.parse(text(json));
    return typeof record === 'object' && record !== null
      ? Object.fromEntries(Object.entries(record))
      : undefined;
  } catch {
    return undefined;
  }
}

function checkOf(json: Uint8Array): string {
  return crc32c(json).toString(16).padStart(8, '0');
}
