import { equal } from '../../proto/bytes.ts';
import { HASH_BYTES, leafHash } from '../../proto/merkle.ts';
import { TILE_WIDTH } from '../../proto/tile.ts';
import { nodeChecker } from './checker.ts';
import { Edge } from './edge.ts';
import { LedgerError } from './errors.ts';
import type { Files } from './files.ts';
import type { Intended, JournalEntry, LedgerJournal } from './journal.ts';
import {
  damaged,
  type LogIdentity,
  type Published,
  readBundle,
  readCheckpoint,
  readTile,
  signCheckpoint,
  writeCheckpoint,
} from './published.ts';

/** The log as it stands on disk. */
export interface Standing {
  /** Of the intended tree, with the tiles it grew since the published one. */
  readonly edge: Edge;
  readonly published: Published;
  /** What must be published before anything is appended; the published tree itself when no batch was cut short. */
  readonly intended: Intended;
}

export interface Recoverable {
  readonly files: Files;
  readonly journal: LedgerJournal;
  readonly log: LogIdentity;
  /** The append key of an entry; needed when the database is gone and the keys are read off the entries. */
  readonly keyOf: (entry: Uint8Array, index: number) => string;
}

const { sha256 } = nodeChecker;

/**
 * Brings files and database together after any end of the process: a batch that was intended is read back to be
 * published exactly as intended, a database that is gone is rebuilt from the tiles, and anything else that does not fit
 * throws LedgerError, because appending on top of it would sign a second history.
 */
export async function recover(from: Recoverable): Promise<Standing> {
  const found = await readCheckpoint(from.files, from.log);
  const intended = from.journal.intended() ?? (await rebuildJournal(from, found));
  if (found !== undefined) refuseContradiction(found, intended);
  const published = found ?? (await publishNothing(from));
  const edge = await readEdge(from.files, published.size);
  if (!equal(edge.root(), published.root))
    throw damaged('tile', 'does not hold the tree that the checkpoint signs');
  const tail = from.journal.tail(0);
  await checkTail(from.files, published.size, tail);
  grow(edge, intended, tail);
  return { edge, published, intended };
}

/** First index of the bundle that holds the end of a log of this size: everything before it is in full bundles. */
export function bundleStart(size: number): number {
  return Math.floor(size / TILE_WIDTH) * TILE_WIDTH;
}

function refuseContradiction(published: Published, intended: Intended): void {
  const facts = { checkpointSize: published.size, databaseSize: intended.size };
  if (published.size > intended.size) {
    const message = `ledger: the checkpoint has ${published.size} entries, log.db only ${intended.size}: an old log.db was put back; move it aside to have it rebuilt from the tiles`;
    throw new LedgerError('LEDGER_AHEAD', message, { retry: 'never', facts });
  }
  if (published.size === intended.size && !equal(published.root, intended.root)) {
    const message = `ledger: log.db and the checkpoint name different trees of size ${published.size}; keep the folder as evidence and start with an empty one`;
    throw new LedgerError('LEDGER_DISAGREES', message, { retry: 'never', facts });
  }
}

/** A new log's first checkpoint. It says of no entry that it is there, so it waits for no witness. */
async function publishNothing({ files, log }: Recoverable): Promise<Published> {
  const nothing = signCheckpoint(log, { size: 0, root: new Edge(sha256).root() });
  await writeCheckpoint(files, nothing);
  return nothing;
}

/** Puts the entries of a batch that was cut short back on the edge. */
function grow(edge: Edge, intended: Intended, tail: ReadonlyMap<number, Uint8Array>): void {
  for (let index = edge.size; index < intended.size; index++) {
    const entry = tail.get(index);
    if (entry === undefined) {
      throw damaged(
        'checkpoint',
        `is older than log.db, which no longer keeps entry ${index}; bring the newest back`,
      );
    }
    edge.append(entry);
  }
  if (equal(edge.root(), intended.root)) return;
  const message = `ledger: the entries in log.db do not make the tree of size ${intended.size} that it intended`;
  throw new LedgerError('LEDGER_DISAGREES', message, { retry: 'never', facts: { size: intended.size } });
}

/** Do the files on the right edge of a published tree make its root? Throws LedgerError LEDGER_DAMAGED. Not while they are being written. */
export async function checkEdge(files: Files, { size, root }: Published): Promise<void> {
  const edge = await readEdge(files, size);
  if (!equal(edge.root(), root))
    throw damaged('tile', `does not make the tree of ${size} entries that is signed`);
}

/** Reads the right edge of a published tree of this size; its hashes are as good as the root they make. */
async function readEdge(files: Files, size: number): Promise<Edge> {
  const levels: (readonly Uint8Array[])[] = [];
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / TILE_WIDTH)) {
    const width = count % TILE_WIDTH;
    const index = Math.floor(count / TILE_WIDTH);
    levels.push(width === 0 ? [] : hashesOf(await readTile(files, { level, index, width })));
  }
  const width = size % TILE_WIDTH;
  const bundle = width === 0 ? [] : await readBundle(files, Math.floor(size / TILE_WIDTH), width);
  bundle.forEach((entry, at) => {
    const hash = levels[0]?.[at];
    if (hash === undefined || !equal(leafHash(sha256, entry), hash)) {
      throw damaged('tile/entries', `does not hold entry ${bundleStart(size) + at} of the tree`);
    }
  });
  return new Edge(sha256, { size, levels, bundle });
}

function hashesOf(tile: Uint8Array): readonly Uint8Array[] {
  const count = tile.length / HASH_BYTES;
  return Array.from({ length: count }, (_, at) => tile.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES));
}

/** Entries that the database still has must be the published ones. */
async function checkTail(files: Files, size: number, tail: ReadonlyMap<number, Uint8Array>): Promise<void> {
  const first = Math.min(...tail.keys(), size);
  for (let start = bundleStart(first); start < size; start += TILE_WIDTH) {
    const bundle = await readBundle(files, start / TILE_WIDTH, Math.min(TILE_WIDTH, size - start));
    bundle.forEach((entry, at) => {
      const kept = tail.get(start + at);
      if (kept === undefined || equal(kept, entry)) return;
      const message = `ledger: log.db and tile/entries differ in entry ${start + at}`;
      throw new LedgerError('LEDGER_DISAGREES', message, { retry: 'never', facts: { index: start + at } });
    });
  }
}

/** A new log, or one whose database is gone: the tiles up to the checkpoint are the log. */
async function rebuildJournal(from: Recoverable, published: Published | undefined): Promise<Intended> {
  if (published === undefined && (await from.files.hasFolder('tile'))) {
    throw damaged('checkpoint', 'is gone though there are tiles; bring it back from a copy');
  }
  const intended = published ?? { size: 0, root: new Edge(sha256).root() };
  await from.journal.rebuild(publishedEntries(from, intended), intended, bundleStart(intended.size));
  return { size: intended.size, root: intended.root };
}

/** All entries with their keys. Throws at the end unless they make the published tree. */
async function* publishedEntries(
  from: Recoverable,
  tree: Intended,
): AsyncGenerator<JournalEntry, void, void> {
  const edge = new Edge(sha256);
  for (let start = 0; start < tree.size; start += TILE_WIDTH) {
    const width = Math.min(TILE_WIDTH, tree.size - start);
    for (const entry of await readBundle(from.files, start / TILE_WIDTH, width)) {
      yield { key: from.keyOf(entry, edge.size), entry };
      edge.append(entry);
    }
    edge.takeFiles();
  }
  if (!equal(edge.root(), tree.root))
    throw damaged('tile/entries', 'do not make the tree that the checkpoint signs');
}
