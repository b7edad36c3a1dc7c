import { equal, text, utf8 } from '../../proto/bytes.ts';
import { formatCheckpoint, openCheckpoint } from '../../proto/checkpoint.ts';
import type { Sign } from '../../proto/digest.ts';
import { formatVkey, signNote } from '../../proto/note.ts';
import { HASH_BYTES } from '../../proto/merkle.ts';
import { decodeBundle, entriesPath, type Tile, tilePath } from '../../proto/tile.ts';
import { nodeChecker } from './checker.ts';
import { LedgerError } from './errors.ts';
import type { Files } from './files.ts';

/** Whose log it is. */
export interface LogIdentity {
  readonly origin: string;
  readonly publicKey: Uint8Array;
  readonly sign: Sign;
}

/** The tree that everybody may see. */
export interface Published {
  readonly size: number;
  readonly root: Uint8Array;
  /** Signed note. */
  readonly note: string;
}

const CHECKPOINT = 'checkpoint';

/** The verifier key of this log (C2SP signed-note). */
export function vkeyOf({ origin, publicKey }: LogIdentity): string {
  return formatVkey(origin, publicKey, nodeChecker.sha256);
}

/** Signs a tree. Only for a tree that is intended durably: two checkpoints of one size must never differ. */
export function signCheckpoint(log: LogIdentity, tree: Omit<Published, 'note'>): Published {
  const body = formatCheckpoint({ origin: log.origin, size: tree.size, root: tree.root });
  return { ...tree, note: signNote(body, { ...log, name: log.origin, sha256: nodeChecker.sha256 }) };
}

export async function writeCheckpoint(files: Files, published: Published): Promise<void> {
  await files.write(CHECKPOINT, utf8(published.note));
  await files.syncFolders();
}

/** The newest checkpoint on disk, undefined when there is none. Throws LedgerError LEDGER_DAMAGED if we did not sign it. */
export async function readCheckpoint(files: Files, log: LogIdentity): Promise<Published | undefined> {
  const bytes = await files.read(CHECKPOINT);
  if (bytes === undefined) return undefined;
  try {
    const note = text(bytes);
    const { size, root } = openCheckpoint(note, vkeyOf(log), nodeChecker);
    return { size, root, note };
  } catch (cause) {
    throw damaged(
      CHECKPOINT,
      "is not a checkpoint signed by this log's key; bring it back from a copy",
      cause,
    );
  }
}

/** Writes `vkey`, so that a copy of the folder says who signed it. Throws LedgerError LEDGER_IDENTITY for another's. */
export async function ensureVkey(files: Files, log: LogIdentity): Promise<void> {
  const line = utf8(`${vkeyOf(log)}\n`);
  const there = await files.read('vkey');
  if (there === undefined) {
    await files.write('vkey', line);
    await files.syncFolders();
  } else if (!equal(there, line)) {
    const message = `ledger ${files.dir} belongs to another key or origin: its vkey file is not ${vkeyOf(log)}`;
    throw new LedgerError('LEDGER_IDENTITY', message, { retry: 'never', facts: { dir: files.dir } });
  }
}

/** The first `width` hashes of a published tile, side by side. Throws LedgerError LEDGER_DAMAGED when the files do not hold them. */
export async function readTile(files: Files, tile: Tile): Promise<Uint8Array> {
  const path = tilePath(tile.level, tile.index, tile.width);
  const bytes = await readEither(files, path, tilePath(tile.level, tile.index));
  if (bytes.length < tile.width * HASH_BYTES) throw damaged(path, `holds fewer than ${tile.width} hashes`);
  return bytes.subarray(0, tile.width * HASH_BYTES);
}

/** The first `width` entries of a published bundle. Throws LedgerError LEDGER_DAMAGED when the file does not hold them. */
export async function readBundle(files: Files, index: number, width: number): Promise<readonly Uint8Array[]> {
  const path = entriesPath(index, width);
  const bytes = await readEither(files, path, entriesPath(index));
  let entries: readonly Uint8Array[];
  try {
    entries = decodeBundle(bytes);
  } catch (cause) {
    throw damaged(path, 'is not an entry bundle', cause);
  }
  if (entries.length < width) throw damaged(path, `holds fewer than ${width} entries`);
  return entries.slice(0, width);
}

export function damaged(path: string, problem: string, cause?: unknown): LedgerError {
  return new LedgerError('LEDGER_DAMAGED', `ledger: ${path} ${problem}`, {
    retry: 'never',
    facts: { path },
    cause,
  });
}

// A partial version goes once the full one is there; its content is the beginning of the full one.
async function readEither(files: Files, path: string, full: string): Promise<Uint8Array> {
  const bytes = (await files.read(path)) ?? (await files.read(full));
  if (bytes === undefined) throw damaged(path, 'is missing');
  return bytes;
}
