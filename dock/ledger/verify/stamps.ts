import { text, toHex } from '../../../proto/bytes.ts';
import { formatInstant, parseInstant } from '../../../proto/instant.ts';
import type { Manifest } from '../../../proto/manifest.ts';
import type { About } from './recording.ts';

// Within one epoch two readings of the dock's clock are off by at most this, bounds aside (see dock/clock).
const EPOCH_SLACK_US = 100_000;

/** One line of a stamps file: when a chunk had arrived, by the dock. */
export interface StampLine {
  readonly chunk: number;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly receivedAtUs: number;
  readonly uncertaintyUs: number;
  readonly basis: 'local' | 'utc';
  /** Of the dock's clock; files of older docks have none. */
  readonly epoch?: number;
}

/** The lines of a stamps file; undefined when it is not one. Fields that are not known are skipped. */
export function readStamps(bytes: Uint8Array): readonly StampLine[] | undefined {
  try {
    const lines = text(bytes).split('\n');
    if (lines.pop() !== '' || lines.length === 0) return undefined;
    return lines.map(readLine);
  } catch {
    return undefined;
  }
}

/**
 * Do the stamps tell one story with manifest and entry? They are those of its chunks, in the order in which time runs
 * within one epoch of the dock's clock, none is later than the entry, and none is older than its epoch.
 */
export function checkStampLines(bytes: Uint8Array, manifest: Manifest | undefined, about: About): void {
  const { entry } = about.placed;
  const file = `${about.folder}/stamps`;
  const lines = readStamps(bytes);
  if (lines === undefined) {
    about.findings.add({
      code: 'stamps-mismatch',
      file,
      index: about.placed.index,
      message: 'is no stamps file',
    });
    return;
  }
  const differs = differenceOf(lines, manifest, entry);
  if (differs !== undefined) {
    const message = `and the ${differs}`;
    about.findings.add({ code: 'stamps-mismatch', file, index: about.placed.index, message });
  }
  const wrong = contradiction(lines, about);
  if (wrong !== undefined) about.findings.add({ code: 'stamps-order', file, ...wrong });
}

function differenceOf(
  lines: readonly StampLine[],
  manifest: Manifest | undefined,
  entry: About['placed']['entry'],
): string | undefined {
  const last = lines.at(-1);
  if (lines.length !== entry.chunks) return `ledger entry name different numbers of chunks`;
  if (last === undefined || formatInstant(last.receivedAtUs) !== entry.receivedAt)
    return 'ledger entry name different times of arrival';
  if (last.uncertaintyUs !== entry.uncertaintyUs || last.basis !== entry.basis)
    return 'ledger entry name different bounds';
  const isOther = manifest?.chunks.some(({ sha256 }, index) => lines[index]?.sha256 !== toHex(sha256));
  return isOther === true ? 'manifest name different chunks' : undefined;
}

interface Contradiction {
  /** Of the chunk. */
  readonly index: number;
  readonly message: string;
}

/** The first line that cannot be true beside the others. */
function contradiction(lines: readonly StampLine[], { placed, epochs }: About): Contradiction | undefined {
  const { entry } = placed;
  const acceptedUs = parseInstant(entry.at) ?? 0;
  let before: StampLine | undefined;
  for (const [index, line] of lines.entries()) {
    const begun = line.epoch === undefined ? undefined : epochs?.get(line.epoch);
    if (
      epochs !== undefined &&
      line.epoch !== undefined &&
      (begun === undefined || begun.index > placed.index)
    )
      return { index, message: `names epoch ${line.epoch}, which the ledger had not begun` };
    if (begun !== undefined && latestUs(line) < (parseInstant(begun.entry.at) ?? 0))
      return { index, message: `had arrived before its epoch ${begun.entry.epoch} began` };
    if (before !== undefined && (line.epoch ?? 0) < (before.epoch ?? 0))
      return { index, message: `names epoch ${line.epoch ?? 'none'} after epoch ${before.epoch ?? 'none'}` };
    if (before !== undefined && isEarlier(line, before))
      return { index, message: `had arrived before chunk ${index - 1}, by the same clock` };
    if (line.epoch === entry.epoch && earliestUs(line) > acceptedUs)
      return { index, message: `had arrived after the recording was accepted` };
    before = line;
  }
  if (before?.epoch === entry.epoch) return undefined;
  return { index: lines.length - 1, message: 'and the ledger entry name different epochs' };
}

/** Beyond what the bounds and the clock leave open. */
function isEarlier(line: StampLine, before: StampLine): boolean {
  return line.epoch === before.epoch && line.receivedAtUs + line.uncertaintyUs < earliestUs(before);
}

function latestUs({ receivedAtUs, uncertaintyUs }: StampLine): number {
  return receivedAtUs + uncertaintyUs + EPOCH_SLACK_US;
}

function earliestUs({ receivedAtUs, uncertaintyUs }: StampLine): number {
  return receivedAtUs - uncertaintyUs - EPOCH_SLACK_US;
}

function readLine(json: string, index: number): StampLine {
  const found: unknown = JSON.parse(json);
  if (typeof found !== 'object' || found === null) throw new TypeError('not an object');
  const { chunk, sha256, receivedAt, uncertaintyUs, basis, epoch } = found as Readonly<
    Record<string, unknown>
  >;
  const receivedAtUs = typeof receivedAt === 'string' ? parseInstant(receivedAt) : undefined;
  if (chunk !== index || receivedAtUs === undefined) throw new TypeError('bad order or instant');
  if (typeof sha256 !== 'string') throw new TypeError('bad digest');
  if (!isCount(uncertaintyUs) || (basis !== 'local' && basis !== 'utc')) throw new TypeError('bad bound');
  if (epoch !== undefined && !isCount(epoch)) throw new TypeError('bad epoch');
  return {
    chunk: index,
    sha256,
    receivedAtUs,
    uncertaintyUs,
    basis,
    ...(epoch === undefined ? {} : { epoch }),
  };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
