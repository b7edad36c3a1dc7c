import { dirname, join } from 'node:path';
import type { ChunkStore, Holdings, Mirror, SealMemory } from '../ports.ts';
import type { Workshop } from './chunk-writer.ts';
import { Commits } from './commits.ts';
import { Desk, type Premises } from './desk.ts';
import { systemDisk } from './disk.ts';
import type { Disk } from './disk.ts';
import { asStoreError } from './errors.ts';
import { FileStore } from './file-store.ts';
import { openHoldingIndex } from './holding-index.ts';
import type { HoldingIndex } from './holding-index.ts';
import { Keeper } from './keeper.ts';
import { Manifests } from './manifests.ts';
import { MirrorCopies, type MirrorOptions } from './mirror.ts';
import { OpenFiles } from './open-files.ts';
import { rebuild } from './rebuild.ts';
import { finishRebuilt, recoverHoldings } from './recovery.ts';
import type { Findings, RecoveryReport } from './recovery.ts';
import type { Remember } from './survey.ts';

export interface StoreOptions {
  /** Made when it is missing. One process at a time may have it open. */
  readonly dir: string;
  /** Tells what the ledger says of recordings found without an index row; without it they stay `incoming`. */
  readonly remember?: Remember;
  /** Where the second copy of every accepted recording goes; without it there is one. */
  readonly mirror?: Omit<MirrorOptions, 'data' | 'disk' | 'home'> & { readonly disk?: Disk };
  /** Stand-ins for tests and simulation. */
  readonly disk?: Disk;
  readonly index?: HoldingIndex;
}

export type Store = ChunkStore &
  Holdings &
  SealMemory &
  Mirror & {
    /** Waits for what is under way; every call after it throws STORE_IO. */
    close(): Promise<void>;
    /** What start-up recovery found and did. */
    readonly recovered: RecoveryReport;
    /** Looks after what is settled. */
    readonly keeper: Keeper;
    /** Of the index, since this was opened: each was one sync. */
    transactions(): number;
  };

// Each may take two descriptors, and half of all are for connections.
const DESCRIPTORS_EACH = 4;
const OPEN_FILES_MIN = 128;
const OPEN_FILES_MAX = 16_384;

/**
 * Opens the dock's store:
 *
 *     <dir>/index.db                                                what is where (SQLite); index.db.lock beside it
 *     <dir>/recordings/<recording>/{manifest,wraps,chunks,stamps}   the first manifest offered under an id
 *     <dir>/quarantine/<recording>-<8 hex of manifest digest>/{manifest,wraps,chunks,stamps}
 *
 * Only a sealed recording has `wraps`; `refusal.json` beside the files in quarantine says why they are there.
 * `chunks` is all stored chunks in order with nothing between them, `stamps` one JSON line a chunk. Files and
 * index are brought to agree before this resolves. Throws StoreError STORE_FULL or STORE_IO.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { dir, disk = systemDisk } = options;
  try {
    await makeFolders(dir, disk);
    const index = options.index ?? openHoldingIndex(join(dir, 'index.db'));
    await disk.syncFolder(dir);
    return await recover({ shop: premises(options, disk, index), remember: options.remember ?? nothing });
  } catch (error) {
    throw asStoreError(error, `open the store ${dir}`, { dir });
  }
}

function premises({ dir, mirror }: StoreOptions, disk: Disk, index: HoldingIndex): Premises {
  const files = new OpenFiles(disk, openFilesMax());
  const shop: Workshop = { root: dir, disk, files, index, commits: new Commits(index) };
  const copies = mirror && new MirrorCopies({ disk: systemDisk, ...mirror, data: dir, home: disk }, shop);
  return { ...shop, desk: new Desk(), manifests: new Manifests(disk, dir), mirror: copies };
}

async function recover({ shop, remember }: { shop: Premises; remember: Remember }): Promise<Store> {
  const recovered: Findings = {
    ...{ cut: [], forgotten: [], damage: [], moved: [], destroyed: [], rebuilt: [], setAside: [] },
  };
  const store = new FileStore(shop);
  try {
    await recoverHoldings(shop, recovered);
    for (const { settlement, ...key } of await rebuild(shop, recovered, remember)) {
      if (settlement?.state === 'quarantined') await store.settle(key, settlement);
    }
    await finishRebuilt(shop, recovered);
  } catch (error) {
    await store.close();
    throw error;
  }
  const transactions = (): number => shop.commits.transactions;
  return Object.assign(store, { recovered, keeper: new Keeper(shop), transactions });
}

async function makeFolders(dir: string, disk: Disk): Promise<void> {
  await disk.makeFolder(join(dir, 'recordings'));
  await disk.makeFolder(join(dir, 'quarantine'));
  await disk.syncFolder(dir);
  await disk.syncFolder(dirname(dir));
}

async function nothing(): Promise<undefined> {
  return undefined;
}

/** As many files as stay open between two chunks of a camera: opening one takes as long as writing to it. */
function openFilesMax(): number {
  const report = process.report.getReport() as {
    readonly userLimits?: { readonly open_files?: { readonly soft?: unknown } };
  };
  const descriptors = Number(report.userLimits?.open_files?.soft);
  const most = Number.isFinite(descriptors) ? Math.floor(descriptors / DESCRIPTORS_EACH) : OPEN_FILES_MIN;
  return Math.min(OPEN_FILES_MAX, Math.max(OPEN_FILES_MIN, most));
}
