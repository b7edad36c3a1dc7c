import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { HASH_BYTES } from '../../../proto/merkle.ts';
import { entriesPath, TILE_WIDTH, tilePath } from '../../../proto/tile.ts';
import { codeOf } from '../errors.ts';
import { type Block, firstDifference, hashCount, leavesOf, type Levels, readIfThere } from './blocks.ts';
import type { Findings } from './finding.ts';
import { addTileMismatch, type CheckedTree } from './tree.ts';

interface Place {
  /** Undefined for an entry bundle. */
  readonly level: number | undefined;
  readonly index: number;
  readonly width: number;
}

const TILE_PATH = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/**
 * Judges the files that the newest checkpoint does not need: partial tiles of older checkpoints must be beginnings of
 * the signed ones; files past its end belong to no published tree; the rest is nobody's.
 */
export async function checkOtherFiles(dir: string, tree: CheckedTree, findings: Findings): Promise<void> {
  if (tree.levels === undefined) return;
  for (const path of await filesUnder(dir, 'tile')) {
    if (tree.seen.has(path)) continue;
    const place = parsePlace(path);
    if (place === undefined) {
      findings.add({ code: 'stray', file: path, message: 'is no part of a log' });
    } else {
      const bytes = await readIfThere(join(dir, path));
      if (bytes !== undefined) judge({ path, place, bytes }, tree.levels, findings);
    }
  }
}

function judge(
  file: { readonly path: string; readonly place: Place; readonly bytes: Uint8Array },
  levels: Levels,
  findings: Findings,
): void {
  const { path, place } = file;
  const signed = levels.blocks[place.level ?? 0]?.[place.index];
  if (signed === undefined || place.width > hashCount(signed)) {
    findings.add({ code: 'unpublished', file: path, message: 'is past the end of the checkpoint' });
  }
  const block = blockOf(file.bytes, place);
  if (block === undefined) {
    const message = `does not hold ${place.width} ${place.level === undefined ? 'entries' : 'hashes'}`;
    findings.add({
      code: place.level === undefined ? 'entry-mismatch' : 'tile-mismatch',
      file: path,
      message,
    });
    return;
  }
  const at = signed && firstDifference(block, signed);
  if (at === undefined) return;
  if (place.level !== undefined) return addTileMismatch(findings, { file: path, at });
  const index = place.index * TILE_WIDTH + at;
  findings.add({ code: 'entry-mismatch', file: path, index, message: 'is not the entry that was signed' });
}

/** The hashes a file stands for; undefined when it does not hold as many as its name says. */
function blockOf(bytes: Uint8Array, { level, width }: Place): Block | undefined {
  const block = level === undefined ? leavesOf(bytes) : bytes;
  return block?.length === width * HASH_BYTES ? block : undefined;
}

/** What a file's name says it is. One place has one name, so the name is made again and compared. */
function parsePlace(path: string): Place | undefined {
  const [, kind, groups, wide] = TILE_PATH.exec(path) ?? [];
  if (kind === undefined || groups === undefined) return undefined;
  const level = kind === 'entries' ? undefined : Number(kind);
  const index = Number(groups.replaceAll(/[x/]/g, ''));
  const width = wide === undefined ? TILE_WIDTH : Number(wide);
  if (width > TILE_WIDTH || !Number.isSafeInteger(index)) return undefined;
  const name = level === undefined ? entriesPath(index, width) : tilePath(level, index, width);
  return name === path ? { level, index, width } : undefined;
}

async function filesUnder(dir: string, folder: string): Promise<readonly string[]> {
  try {
    const found = await readdir(join(dir, folder), { recursive: true, withFileTypes: true });
    return found
      .filter((each) => !each.isDirectory())
      .map((each) => relative(dir, join(each.parentPath, each.name)).replaceAll(sep, '/'))
      .toSorted();
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return [];
    throw cause;
  }
}
