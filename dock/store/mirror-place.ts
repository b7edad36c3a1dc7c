import { join } from 'node:path';
import { text, utf8 } from '../../proto/bytes.ts';
import type { Disk } from './disk.ts';
import { noMirror } from './errors.ts';
import { readWhole, replaceFile } from './whole.ts';

/** Where a mirror is, and whose. */
export interface MirrorPlace {
  /** A folder on another disk. It must be there: a mount point is not made by who writes into it. */
  readonly dir: string;
  /** The dock's data folder, which remembers which mirror is its own. */
  readonly data: string;
  /** Origin of the dock's ledger: two docks never share a mirror. */
  readonly origin: string;
  /** The mirror's, and the dock's own. */
  readonly disk: Disk;
  readonly home: Disk;
}

const FORMAT = 'holdfast/mirror@1';
const MARKER = 'holdfast-mirror.json';
const MEMORY = 'mirror.json';
// What a fresh file system has in its root.
const NOBODYS = new Set(['lost+found']);

interface Mark {
  readonly origin: string;
  /** Rises with each disk that becomes the mirror, so that one that was taken out is not mistaken for it. */
  readonly number: number;
}

/**
 * Resolves when the folder is this dock's mirror. A disk that is not mounted leaves an empty folder behind, so the first
 * mirror is marked, here and there, and from then on the mark must be there. Throws StoreError STORE_MIRROR.
 */
export async function findMirror(place: MirrorPlace): Promise<void> {
  const { dir, data, origin, disk, home } = place;
  const expected = await readMark(home, join(data, MEMORY));
  const found = await readMark(disk, join(dir, MARKER));
  if (found !== undefined && found.origin !== origin)
    throw noMirror(`${dir} belongs to ${found.origin}`, { dir });
  if (expected === undefined) return begin(place, found);
  if (found === undefined) throw noMirror(`${dir} is not the mirror: is its disk mounted?`, { dir });
  if (found.number === expected.number) return;
  const message = `${dir} was a mirror before; if it is to be the one again, say so with holdfast dock mirror-init`;
  throw noMirror(message, { dir, found: found.number, expected: expected.number });
}

/** Makes the folder this dock's mirror, in place of an earlier one. Throws StoreError STORE_MIRROR when it is another dock's. */
export async function adoptMirror(place: MirrorPlace): Promise<void> {
  const { dir, data, origin, disk, home } = place;
  const before = await readMark(home, join(data, MEMORY));
  const found = await readMark(disk, join(dir, MARKER));
  if (found !== undefined && found.origin !== origin)
    throw noMirror(`${dir} belongs to ${found.origin}`, { dir });
  await mark(place, 1 + Math.max(before?.number ?? 0, found?.number ?? 0));
}

async function begin(place: MirrorPlace, found: Mark | undefined): Promise<void> {
  const { dir, disk } = place;
  if (found !== undefined) return remember(place, found.number);
  if ((await disk.size(dir)) === undefined) throw noMirror(`there is no folder ${dir}`, { dir });
  const others = (await disk.list(dir)).filter(
    (name) => !NOBODYS.has(name) && !name.startsWith(`${MARKER}.`),
  );
  if (others.length > 0)
    throw noMirror(`${dir} is not empty and not a mirror: give an empty folder`, { dir });
  await mark(place, 1);
}

// The mirror's own mark first: a crash in between leaves a marked mirror, which the next call remembers.
async function mark(place: MirrorPlace, number: number): Promise<void> {
  await replaceFile(place.disk, join(place.dir, MARKER), [lineOf(place, number)]);
  await remember(place, number);
}

async function remember(place: MirrorPlace, number: number): Promise<void> {
  await replaceFile(place.home, join(place.data, MEMORY), [lineOf(place, number)]);
}

function lineOf({ origin }: MirrorPlace, number: number): Uint8Array {
  return utf8(`${JSON.stringify({ format: FORMAT, origin, number })}\n`);
}

async function readMark(disk: Disk, path: string): Promise<Mark | undefined> {
  const bytes = await readWhole(disk, path);
  if (bytes === undefined) return undefined;
  const found = parse(bytes);
  if (found === undefined) throw noMirror(`${path} cannot be read: bring it back from a copy`, { path });
  return found;
}

function parse(bytes: Uint8Array): Mark | undefined {
  try {
    const { format, origin, number } = JSON.parse(text(bytes)) as Readonly<Record<string, unknown>>;
    const isMark = format === FORMAT && typeof origin === 'string' && Number.isSafeInteger(number);
    return isMark ? { origin, number: Number(number) } : undefined;
  } catch {
    return undefined;
  }
}
