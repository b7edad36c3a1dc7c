import { equal } from '../../../proto/bytes.ts';
import { HASH_BYTES } from '../../../proto/merkle.ts';
import { TILE_WIDTH } from '../../../proto/tile.ts';
import {
  type Block,
  entriesOf,
  firstDifference,
  hashCount,
  leavesOf,
  type Levels,
  levelsOf,
  type LogFile,
  readBundleFile,
  readTileFile,
  widthOf,
} from './blocks.ts';
import type { Findings } from './finding.ts';

export interface Head {
  readonly size: number;
  readonly root: Uint8Array;
}

/** What the checkpoint's tree turned out to hold. */
export interface CheckedTree {
  /** The levels that make the signed root; undefined when neither entries nor tiles do. */
  readonly levels: Levels | undefined;
  /** Entries whose bytes are not what was signed, as far as that can be told. */
  readonly distrusted: ReadonlySet<number>;
  /** Files that were read and judged. */
  readonly seen: ReadonlySet<string>;
  /** Entries up to where the files end: at most the size that was signed. */
  readonly readable: number;
  /** Every signed entry was there and is what was signed. */
  readonly whole: boolean;
}

/** One bundle and the level 0 tile over it; each is undefined when it cannot be used. */
interface Row {
  readonly bundle: LogFile;
  readonly tile: LogFile;
  readonly fromEntries: Block | undefined;
  readonly fromTile: Block | undefined;
}

/**
 * Rebuilds the tree twice, from the entry bundles and from the level 0 tiles, sees which one makes the signed
 * root, and holds every other file against that one. So a changed byte is found and also placed.
 */
export async function checkTree(dir: string, head: Head, findings: Findings): Promise<CheckedTree> {
  const rows = await readRows(dir, head.size, findings);
  const seen = new Set(rows.flatMap(({ bundle, tile }) => [bundle.path, tile.path]));
  const distrusted = new Set<number>();
  // A checkpoint whose signature fails may claim any size; nothing loops further than there are files.
  const readable = Math.min(head.size, rows.length * TILE_WIDTH);
  const levels = readable === head.size ? signedLevels(rows, head.root) : undefined;
  if (levels === undefined) {
    const message = `neither the entries nor the tiles make the root that the checkpoint signs for ${head.size} entries`;
    findings.add({ code: 'root-mismatch', file: 'checkpoint', message });
  }
  rows.forEach((row, index) =>
    compareRow(row, index, { findings, distrusted, signed: levels?.blocks[0]?.[index] }),
  );
  if (levels !== undefined) {
    for (const path of await checkUpperTiles(dir, levels, findings)) seen.add(path);
  }
  const readWhole = rows.every(({ fromEntries }) => fromEntries !== undefined);
  const whole = levels !== undefined && readWhole && distrusted.size === 0;
  return { levels, distrusted, seen, readable, whole };
}

async function readRows(dir: string, size: number, findings: Findings): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let index = 0; index * TILE_WIDTH < size; index++) {
    const width = widthOf(size, index);
    const bundle = await readBundleFile(dir, { index, width });
    const tile = await readTileFile(dir, { level: 0, index, width });
    for (const { path, bytes } of [bundle, tile]) {
      if (bytes !== undefined) continue;
      const message = `is missing, though the checkpoint has ${size} entries`;
      findings.add({ code: 'log-truncated', file: path, index: index * TILE_WIDTH, message });
    }
    // Past the end of what is there, every further file would only be the same finding again.
    if (bundle.bytes === undefined && tile.bytes === undefined) return rows;
    const start = index * TILE_WIDTH;
    const fromEntries = entriesBlock(bundle, { start, width, findings });
    rows.push({ bundle, tile, fromEntries, fromTile: tileBlock(tile, { width, findings }) });
  }
  return rows;
}

function entriesBlock(
  { path, width, bytes }: LogFile,
  want: { readonly start: number; readonly width: number; readonly findings: Findings },
): Block | undefined {
  if (bytes === undefined) return undefined;
  const count = entriesOf(bytes)?.length;
  const leaves = leavesOf(bytes);
  if (count === undefined || leaves === undefined || count > width) {
    const message = 'does not divide into entries: it was cut, or a length in it was changed';
    want.findings.add({ code: 'entry-mismatch', file: path, index: want.start, message });
    return undefined;
  }
  if (count < width) {
    const message = `holds ${count} entries instead of ${width}`;
    want.findings.add({ code: 'log-truncated', file: path, index: want.start + count, message });
  }
  return count < want.width ? undefined : leaves.subarray(0, want.width * HASH_BYTES);
}

function tileBlock(
  { path, width, bytes }: LogFile,
  want: { readonly width: number; readonly findings: Findings },
): Block | undefined {
  if (bytes === undefined) return undefined;
  if (bytes.length !== width * HASH_BYTES) {
    const message = `is ${bytes.length} bytes long instead of ${width * HASH_BYTES}`;
    const code = bytes.length < width * HASH_BYTES ? 'log-truncated' : 'tile-mismatch';
    want.findings.add({ code, file: path, message });
  }
  return bytes.length < want.width * HASH_BYTES ? undefined : bytes.subarray(0, want.width * HASH_BYTES);
}

/** The first way of reading the log that makes the signed root: by its entries, else by its tiles. */
function signedLevels(rows: readonly Row[], root: Uint8Array): Levels | undefined {
  const readings = [
    rows.map(({ fromEntries, fromTile }) => fromEntries ?? fromTile),
    rows.map(({ fromEntries, fromTile }) => fromTile ?? fromEntries),
  ];
  for (const reading of readings) {
    const blocks = reading.filter((block) => block !== undefined);
    if (blocks.length < rows.length) continue;
    const levels = levelsOf(blocks);
    if (equal(levels.root, root)) return levels;
  }
  return undefined;
}

function compareRow(
  { bundle, tile, fromEntries, fromTile }: Row,
  index: number,
  to: { readonly findings: Findings; readonly distrusted: Set<number>; readonly signed: Block | undefined },
): void {
  const wanted = to.signed ?? fromTile;
  if (fromEntries !== undefined && wanted !== undefined) {
    const at = firstDifference(fromEntries, wanted);
    if (at !== undefined) {
      const entry = index * TILE_WIDTH + at;
      const message =
        to.signed === undefined ? 'entry and tile do not fit together' : 'is not the entry that was signed';
      to.findings.add({ code: 'entry-mismatch', file: bundle.path, index: entry, message });
      markDifferences(fromEntries, wanted, (differs) => to.distrusted.add(index * TILE_WIDTH + differs));
    }
  }
  if (to.signed === undefined || fromTile === undefined) return;
  const at = firstDifference(fromTile, to.signed);
  if (at !== undefined) addTileMismatch(to.findings, { file: tile.path, at });
}

/** Every tile above level 0, whole; returns the paths it read. */
async function checkUpperTiles(dir: string, levels: Levels, findings: Findings): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const [level, row] of levels.blocks.entries()) {
    if (level === 0) continue;
    for (const [index, signed] of row.entries()) {
      const file = await readTileFile(dir, { level, index, width: hashCount(signed) });
      paths.push(file.path);
      if (file.bytes === undefined) {
        findings.add({ code: 'log-truncated', file: file.path, message: 'is missing' });
        continue;
      }
      const block = tileBlock(file, { width: hashCount(signed), findings });
      const at = block && firstDifference(block, signed);
      if (at !== undefined) addTileMismatch(findings, { file: file.path, at });
    }
  }
  return paths;
}

/** One finding a tile, at its first wrong hash. */
export function addTileMismatch(
  findings: Findings,
  { file, at }: { readonly file: string; readonly at: number },
): void {
  findings.add({
    code: 'tile-mismatch',
    file,
    index: at,
    message: `hash ${at} is not that of the signed tree`,
  });
}

function markDifferences(a: Block, b: Block, mark: (at: number) => void): void {
  for (let at = 0; at < hashCount(a); at++) {
    const [start, end] = [at * HASH_BYTES, (at + 1) * HASH_BYTES];
    if (!equal(a.subarray(start, end), b.subarray(start, end))) mark(at);
  }
}
