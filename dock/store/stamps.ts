import { equal, fromHex, text, toHex, utf8 } from '../../proto/bytes.ts';
import { formatInstant, parseInstant } from '../../proto/instant.ts';
import type { Stamp } from '../ports.ts';
import type { ChunkRow } from './rows.ts';

/** One line of a stamps file. */
export interface StampLine {
  readonly chunk: number;
  readonly sha256: Uint8Array;
  readonly stamp: Stamp;
}

/**
 * The stamps file: one JSON object a line, in chunk order, always the same bytes for the same chunks, so that
 * its digest in the ledger can be reproduced with `sha256sum`.
 */
export function formatStamps(chunks: readonly ChunkRow[]): Uint8Array {
  return formatLines(chunks.map(({ index, sha256, stamp }) => ({ chunk: index, sha256, stamp })));
}

/** Inverse of {@link formatStamps} for a whole file; undefined when it is empty or not exactly as we write it. */
export function parseStamps(bytes: Uint8Array): readonly StampLine[] | undefined {
  try {
    const lines = text(bytes).split('\n').slice(0, -1).map(parseLine);
    return lines.length > 0 && equal(formatLines(lines), bytes) ? lines : undefined;
  } catch {
    return undefined;
  }
}

function formatLines(lines: readonly StampLine[]): Uint8Array {
  return utf8(lines.map((line) => `${JSON.stringify(plain(line))}\n`).join(''));
}

function plain({ chunk, sha256, stamp }: StampLine): object {
  return {
    chunk,
    sha256: toHex(sha256),
    receivedAt: formatInstant(stamp.receivedAtUs),
    uncertaintyUs: stamp.uncertaintyUs,
    basis: stamp.basis,
    ...(stamp.epoch === undefined ? {} : { epoch: stamp.epoch }),
  };
}

function parseLine(json: string, index: number): StampLine {
  const found: unknown = JSON.parse(json);
  if (typeof found !== 'object' || found === null) throw new TypeError('not an object');
  const { chunk, sha256, receivedAt, uncertaintyUs, basis, epoch } = found as Readonly<
    Record<string, unknown>
  >;
  const receivedAtUs = typeof receivedAt === 'string' ? parseInstant(receivedAt) : undefined;
  if (chunk !== index || receivedAtUs === undefined) throw new TypeError('bad order or instant');
  if (typeof sha256 !== 'string' || sha256.length !== 64) throw new TypeError('bad digest');
  if (!isCount(uncertaintyUs)) throw new TypeError('bad bound');
  if (basis !== 'local' && basis !== 'utc') throw new TypeError('bad basis');
  // Stamps of older docks have no epoch.
  if (epoch !== undefined && !isCount(epoch)) throw new TypeError('bad epoch');
  const stamp: Stamp = { receivedAtUs, uncertaintyUs, basis, ...(epoch === undefined ? {} : { epoch }) };
  return { chunk: index, sha256: fromHex(sha256), stamp };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
