import { join } from 'node:path';
import { equal } from '../../proto/bytes.ts';
import type { Workshop } from './chunk-writer.ts';
import { rot } from './errors.ts';
import { examine, piecesOf, unhurried } from './examine.ts';
import { sha256 } from './manifests.ts';
import { allChunks } from './read-back.ts';
import type { HoldingRow } from './rows.ts';
import { formatStamps, parseStamps, type StampLine } from './stamps.ts';
import { readWhole, replaceFile } from './whole.ts';

/** Are manifest and wraps what they were? */
export async function hasPapers(row: HoldingRow, shop: Workshop): Promise<boolean> {
  const place = { disk: shop.disk, folder: join(shop.root, row.folder) };
  const papers = [...piecesOf(row, shop)].filter(({ what }) => what === 'manifest' || what === 'wraps');
  return (await examine(place, papers, unhurried)).length === 0;
}

/**
 * Before the index forgets when chunks came that are to come again, the file that says it must be sound: it rots like any other, and
 * the index can still write it.
 */
export async function saveStamps(row: HoldingRow, shop: Workshop): Promise<void> {
  if (row.stamps === undefined) return;
  const path = join(shop.root, row.folder, 'stamps');
  const isAccepted = (file: Uint8Array | undefined): file is Uint8Array =>
    file !== undefined && row.stamps !== undefined && equal(sha256(file), row.stamps.sha256);
  if (isAccepted(await readWhole(shop.disk, path))) return;
  const again = formatStamps([...allChunks(row, shop)]);
  if (isAccepted(again)) await replaceFile(shop.disk, path, [again]);
}

/**
 * Gives chunks that a camera sent again the stamps with which they were first taken: the file that was accepted is still there,
 * and says when each of these same bytes first came. Resolves to its SHA-256. Throws STORE_ROT when it is not what was accepted.
 */
export async function restoreStamps(row: HoldingRow, shop: Workshop): Promise<Uint8Array> {
  const file = await readWhole(shop.disk, join(shop.root, row.folder, 'stamps'));
  const { recordingId } = row;
  if (file === undefined || row.stamps === undefined || !equal(sha256(file), row.stamps.sha256))
    throw rot('the stamps file is not what was accepted', { recordingId });
  const lines = parseStamps(file) ?? [];
  const chunks = [...allChunks(row, shop)];
  if (
    lines.length !== chunks.length ||
    !chunks.every(({ sha256: digest, index }) => isOf(lines[index], digest))
  )
    throw rot('the stamps are not those of the chunks that came', { recordingId });
  const first = chunks.flatMap((chunk) => {
    const stamp = lines[chunk.index]?.stamp;
    return stamp === undefined ? [] : [{ ...chunk, stamp }];
  });
  await shop.commits.add(...first.map((chunk) => ({ change: 'set-stamp', holding: row.id, chunk }) as const));
  return row.stamps.sha256;
}

function isOf(line: StampLine | undefined, digest: Uint8Array): boolean {
  return line !== undefined && equal(line.sha256, digest);
}
