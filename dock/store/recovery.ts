import { join } from 'node:path';
import { equal } from '../../proto/bytes.ts';
import type { HoldingKey, HoldingState } from '../ports.ts';
import type { Workshop } from './chunk-writer.ts';
import type { Premises } from './desk.ts';
import { StoreError } from './errors.ts';
import { finishDestroying, tidyRefusal } from './keeper.ts';
import { sha256 } from './manifests.ts';
import { finishMove } from './quarantine.ts';
import { type HoldingRow, withoutPapers } from './rows.ts';
import { readWhole } from './whole.ts';

/** Damage to what is in custody. It is kept as it is found, and what it touches answers STORE_ROT. */
export interface Damage extends HoldingKey {
  readonly state: HoldingState;
  readonly file: 'manifest' | 'wraps' | 'chunks' | 'stamps';
  /** `changed`: the length is right and the digest is not. */
  readonly problem: 'missing' | 'short' | 'long' | 'changed';
  /** The first chunk that is concerned, where one is. */
  readonly chunk?: number;
}

/** Chunks, or the manifest with the wraps, that an incoming recording has lost. */
export interface Forgotten extends HoldingKey {
  readonly chunks: number;
  readonly manifest: boolean;
}

/** What start-up found and did. Nothing in it is an error by itself, except for `damage`. */
export interface RecoveryReport {
  /** Bytes that were written and never acknowledged, cut from the end of an incoming recording. */
  readonly cut: readonly (HoldingKey & { readonly bytes: number })[];
  /** Parts of an incoming recording that the disk has lost; its camera still has them and is asked again. */
  readonly forgotten: readonly Forgotten[];
  readonly damage: readonly Damage[];
  /** Moves to quarantine that a crash had interrupted. */
  readonly moved: readonly HoldingKey[];
  /** Recordings whose destruction a crash had interrupted. */
  readonly destroyed: readonly HoldingKey[];
  /** Whole recordings found in no index and entered again; `incoming` until somebody settles them. */
  readonly rebuilt: readonly HoldingKey[];
  /** Folders that no index knows and that do not explain themselves; kept under `quarantine/`, never offered. */
  readonly setAside: readonly string[];
}

/** A report under construction. */
export type Findings = { -readonly [Part in keyof RecoveryReport]: RecoveryReport[Part][number][] };

/** Makes files and index agree again after a crash, holding by holding. Throws what disk and index throw. */
export async function recoverHoldings(shop: Premises, findings: Findings): Promise<void> {
  for (const row of shop.index.holdings()) {
    if (row.movingTo !== undefined) findings.moved.push(keyOf(row));
    const settled = row.movingTo === undefined ? row : await finishMove(row, shop);
    await tidyRefusal(settled, shop);
    if (settled.destroying === true) await destroyOn(settled, shop, findings);
    await (settled.state === 'incoming'
      ? reconcile(settled, shop, findings)
      : inspect(settled, shop, findings));
  }
}

/** What was found without an index row may have been on its way, or going. */
export async function finishRebuilt(shop: Premises, findings: Findings): Promise<void> {
  for (const row of shop.index.holdings()) {
    if (row.destroying === true) await destroyOn(row, shop, findings);
    else if (row.movingTo !== undefined) await finishMove(row, shop);
  }
}

/** Goes on with what a crash cut short. A mirror that is away is no reason not to start: it is asked again. */
async function destroyOn(row: HoldingRow, shop: Premises, findings: Findings): Promise<void> {
  try {
    await finishDestroying(row, shop);
    findings.destroyed.push(keyOf(row));
  } catch (error) {
    if (!(error instanceof StoreError && error.code === 'STORE_MIRROR')) throw error;
  }
}

async function reconcile(row: HoldingRow, shop: Workshop, findings: Findings): Promise<void> {
  const manifestLost = row.hasManifest && !(await papersHold(row, shop));
  if (manifestLost) await shop.commits.add({ change: 'set-holding', holding: withoutPapers(row) });
  const path = join(shop.root, row.folder, 'chunks');
  const found = (await shop.disk.size(path)) ?? 0;
  const { chunks, bytes } = wholeChunks(row, found, shop);
  const lost = durableChunks(row) - chunks;
  if (lost > 0) await shop.commits.add({ change: 'forget-chunks', holding: row.id, from: chunks });
  if (lost > 0 || manifestLost)
    findings.forgotten.push({ ...keyOf(row), chunks: lost, manifest: manifestLost });
  // Behind what a camera sends again lies what was accepted once, and may still be good.
  if (found <= bytes || row.healing !== undefined) return;
  await shop.files.use(path, 'write', async (file) => {
    await file.truncate(bytes);
    await file.sync();
  });
  findings.cut.push({ ...keyOf(row), bytes: found - bytes });
}

/** The chunks that fit in a file of `fileBytes`, and how many bytes they are. */
function wholeChunks(row: HoldingRow, fileBytes: number, shop: Workshop): { chunks: number; bytes: number } {
  let chunks = durableChunks(row);
  let last = row.last;
  while (last !== undefined && last.offset + last.bytes > fileBytes) {
    chunks--;
    last = shop.index.chunk(row.id, chunks - 1);
  }
  return { chunks, bytes: last === undefined ? 0 : last.offset + last.bytes };
}

/**
 * Compares lengths only: reading everything back would keep a dock with terabytes from starting. Digests are
 * checked whenever something is read.
 */
export async function inspect(row: HoldingRow, shop: Workshop, findings: Findings): Promise<void> {
  const key = { ...keyOf(row), state: row.state };
  const folder = join(shop.root, row.folder);
  if (row.hasManifest) {
    const problem = compare(await shop.disk.size(join(folder, 'manifest')), row.manifestBytes);
    if (problem !== undefined) findings.damage.push({ ...key, file: 'manifest', problem });
  }
  const isThere = async (file: string): Promise<boolean> =>
    (await shop.disk.size(join(folder, file))) !== undefined;
  if (row.stamps !== undefined && !(await isThere('stamps')))
    findings.damage.push({ ...key, file: 'stamps', problem: 'missing' });
  // At the end of its time the footage is gone on purpose; manifest and stamps stay.
  if (row.state === 'destroyed') return;
  if (row.wrapsSha256 !== undefined && !(await isThere('wraps')))
    findings.damage.push({ ...key, file: 'wraps', problem: 'missing' });
  if (row.last === undefined) return;
  const found = await shop.disk.size(join(folder, 'chunks'));
  const problem = compare(found, row.last.offset + row.last.bytes);
  // What was refused may have been cut off in the middle of a chunk.
  if (problem === undefined || (problem === 'long' && row.state === 'quarantined')) return;
  const { chunks } = wholeChunks(row, found ?? 0, shop);
  findings.damage.push({ ...key, file: 'chunks', problem, ...(problem === 'long' ? {} : { chunk: chunks }) });
}

function compare(found: number | undefined, expected: number): Damage['problem'] | undefined {
  if (found === undefined) return 'missing';
  if (found === expected) return undefined;
  return found < expected ? 'short' : 'long';
}

async function papersHold(row: HoldingRow, shop: Workshop): Promise<boolean> {
  const holds = async (file: string, digest: Uint8Array): Promise<boolean> => {
    const found = await readWhole(shop.disk, join(shop.root, row.folder, file));
    return found !== undefined && equal(sha256(found), digest);
  };
  if (!(await holds('manifest', row.manifestSha256))) return false;
  return row.wrapsSha256 === undefined || holds('wraps', row.wrapsSha256);
}

function durableChunks(row: HoldingRow): number {
  return row.last === undefined ? 0 : row.last.index + 1;
}

function keyOf({ recordingId, manifestSha256 }: HoldingRow): HoldingKey {
  return { recordingId, manifestSha256 };
}
