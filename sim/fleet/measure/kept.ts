import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Kept, SecondPoint, Steady } from '../result.ts';
import { round } from './round.ts';

const BYTES_PER_GIB = 1_024 ** 3;
const SECONDS_PER_MINUTE = 60;

/** Bytes of what a dock keeps beside footage. */
export interface Sizes {
  readonly ledgerBytes: number;
  readonly indexBytes: number;
}

export function sizesOf(dataDir: string): Sizes {
  return {
    ledgerBytes: bytesUnder(join(dataDir, 'ledger')),
    indexBytes: bytesUnder(dataDir, (name) => name.startsWith('index.db')),
  };
}

/** What the run added, for each GiB that it stands for. Null of nothing. */
export function keptBy(before: Sizes, after: Sizes, bytes: number): Kept | null {
  if (bytes === 0) return null;
  const gib = bytes / BYTES_PER_GIB;
  const per = (name: keyof Sizes): number => Math.round((after[name] - before[name]) / gib);
  return {
    ...after,
    gib: round(gib),
    ledgerBytesPerGiB: per('ledgerBytes'),
    indexBytesPerGiB: per('indexBytes'),
  };
}

/** The second minute beside the last one, by their medians: a dock that grows without end shows here. Null under three minutes. */
export function steadyOf(series: readonly SecondPoint[]): Steady | null {
  if (series.length < 3 * SECONDS_PER_MINUTE) return null;
  const second = series.slice(SECONDS_PER_MINUTE, 2 * SECONDS_PER_MINUTE);
  const last = series.slice(-SECONDS_PER_MINUTE);
  const middle = (points: readonly SecondPoint[], name: 'rssMiB' | 'fds'): number | undefined => {
    const values = points.flatMap(({ dock }) => dock?.[name] ?? []).toSorted((a, b) => a - b);
    return values[Math.floor(values.length / 2)];
  };
  const pair = (name: 'rssMiB' | 'fds'): Steady['fds'] => {
    const [first, end] = [middle(second, name), middle(last, name)];
    if (first === undefined || end === undefined) return null;
    return { second: round(first), last: round(end), ratio: round(end / first) };
  };
  return { rssMiB: pair('rssMiB'), fds: pair('fds') };
}

function bytesUnder(folder: string, isMeant: (name: string) => boolean = () => true): number {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.reduce((sum, entry) => {
    const path = join(folder, entry.name);
    if (!isMeant(entry.name)) return sum;
    if (entry.isDirectory()) return sum + bytesUnder(path);
    return sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  }, 0);
}
