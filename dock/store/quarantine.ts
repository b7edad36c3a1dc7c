import { join } from 'node:path';
import { toHex } from '../../proto/bytes.ts';
import type { HoldingKey } from '../ports.ts';
import type { Workshop } from './chunk-writer.ts';
import type { HoldingRow } from './rows.ts';
import { moveFolder } from './whole.ts';

/** A folder under `quarantine/` that nobody has and nobody is about to get. */
export async function quarantineFolder(
  { recordingId, manifestSha256 }: HoldingKey,
  shop: Workshop,
): Promise<string> {
  const digits = toHex(manifestSha256);
  const rivals = shop.index.rivals(recordingId);
  const taken = new Set(rivals.flatMap((rival) => [rival.folder, rival.movingTo]));
  const short = `quarantine/${recordingId}-${digits.slice(0, 8)}`;
  // Eight digits are for people; somebody who wants to can make two manifests agree in them.
  return firstFree([short, `quarantine/${recordingId}-${digits}`], async (folder) => {
    return !taken.has(folder) && (await isFree(folder, shop));
  });
}

/** Moves a folder that no index row explains out of `recordings/`; resolves to where it went. */
export async function setAside(name: string, shop: Workshop): Promise<string> {
  const base = `quarantine/${name}-unindexed`;
  const folder = await firstFree([base], (candidate) => isFree(candidate, shop));
  await moveFolder(shop.disk, join(shop.root, 'recordings', name), join(shop.root, folder));
  return folder;
}

/** Does a move to quarantine that the index has announced, or does it again. */
export async function finishMove(row: HoldingRow, shop: Workshop): Promise<HoldingRow> {
  const { movingTo, ...rest } = row;
  if (movingTo === undefined) return row;
  await moveFolder(shop.disk, join(shop.root, row.folder), join(shop.root, movingTo));
  const holding = { ...rest, folder: movingTo };
  await shop.commits.add({ change: 'set-holding', holding });
  return holding;
}

async function isFree(folder: string, shop: Workshop): Promise<boolean> {
  return (await shop.disk.size(join(shop.root, folder))) === undefined;
}

/** The first of `names` that is free, or the last of them with a number. */
async function firstFree(
  names: readonly [string, ...string[]],
  free: (folder: string) => Promise<boolean>,
): Promise<string> {
  for (const name of names) if (await free(name)) return name;
  for (let number = 2; ; number++) {
    const folder = `${names.at(-1)}-${number}`;
    if (await free(folder)) return folder;
  }
}
