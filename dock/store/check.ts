import { join } from 'node:path';
import { Commits } from './commits.ts';
import type { Workshop } from './chunk-writer.ts';
import { systemDisk } from './disk.ts';
import { asStoreError } from './errors.ts';
import { examine, piecesOf, type Place, unhurried, type Wound } from './examine.ts';
import { lockIndex, openIndexAlone } from './holding-index.ts';
import { isAccepted } from './keeper.ts';
import { OpenFiles } from './open-files.ts';
import type { HoldingRow } from './rows.ts';

/** What one disk gave back of one settled holding. */
export interface Checked {
  readonly recording: string;
  readonly state: HoldingRow['state'];
  readonly copy: 'store' | 'mirror';
  readonly bytes: number;
  /** What differed, read twice. */
  readonly wounds: readonly Wound[];
}

/**
 * Reads everything that a stopped dock holds, in its store and in the mirror if one is named, and compares it; changes nothing. Throws
 * StoreError STORE_IO while a dock has the folder, or when there is no index.
 */
export async function* checkAll(dir: string, mirror: string | undefined): AsyncGenerator<Checked> {
  const path = join(dir, 'index.db');
  const open = await opened(path);
  try {
    const { index } = open;
    const files = new OpenFiles(systemDisk, 1);
    const shop: Workshop = { root: dir, disk: systemDisk, files, index, commits: new Commits(index) };
    for (const row of index.byTurn()) {
      yield await checkOne(row, { copy: 'store', folder: join(dir, row.folder) }, shop);
      if (mirror === undefined || !isAccepted(row)) continue;
      const folder = join(mirror, 'recordings', row.recordingId);
      yield await checkOne(row, { copy: 'mirror', folder }, shop);
    }
  } finally {
    open.close();
  }
}

async function opened(path: string): Promise<Pick<Workshop, 'index'> & { close(): void }> {
  try {
    const lock = lockIndex(path);
    // Opening makes one, and an empty index would find nothing wrong.
    if ((await systemDisk.size(path)) === undefined)
      throw Object.assign(new Error('there is no index'), { code: 'ENOENT' });
    const index = openIndexAlone(path);
    return { index, close: () => [index, lock].forEach((one) => one.close()) };
  } catch (error) {
    throw asStoreError(error, `open the index ${path} (is a dock using it?)`, { path });
  }
}

async function checkOne(
  row: HoldingRow,
  { copy, folder }: Pick<Checked, 'copy'> & { readonly folder: string },
  shop: Workshop,
): Promise<Checked> {
  const place: Place = { disk: systemDisk, folder };
  let bytes = 0;
  const count = async (read: number): Promise<void> => {
    bytes += read;
  };
  const suspect = await examine(place, piecesOf(row, shop), count);
  const wounds = await examine(
    place,
    suspect.map(({ piece }) => piece),
    unhurried,
  );
  return { recording: row.recordingId, state: row.state, copy, bytes, wounds };
}
