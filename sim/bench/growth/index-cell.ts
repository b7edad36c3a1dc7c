import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Change } from '../../../dock/store/changes.ts';
import { type HoldingIndex, openHoldingIndex } from '../../../dock/store/holding-index.ts';
import type { NewHolding } from '../../../dock/store/rows.ts';
import { type CameraId, isCameraId, isRecordingId, type RecordingId } from '../../../proto/ids.ts';
import { median } from '../figures.ts';

const CAMERAS = 1_100;
const BATCH = 2_000;
const TIMES = 200;
const UNSETTLED = 20;
const MS_TO_US = 1_000;

/** Microseconds of one thing that a dock asks of its index, in the middle of many. */
export interface IndexCosts {
  readonly rows: number;
  /** A chunk that becomes durable: one row, and its sync. */
  readonly chunk: number;
  /** A recording that begins: looked for, not there, entered. */
  readonly begin: number;
  /** Who else has this recording id. */
  readonly find: number;
  /** Everything that is not settled, for the look for what is missing. */
  readonly unsettled: number;
}

/** Rows as a dock has them after years, of recordings without any content. */
export async function indexCosts(
  sizes: readonly number[],
  dir: string | undefined,
): Promise<readonly IndexCosts[]> {
  const folder = mkdtempSync(join(dir ?? tmpdir(), 'holdfast-growth-'));
  const index = openHoldingIndex(join(folder, 'index.db'));
  try {
    const costs: IndexCosts[] = [];
    let filled = 0;
    for (const rows of sizes) {
      for (; filled < rows; filled += BATCH) fill(index, filled, Math.min(BATCH, rows - filled));
      costs.push(await costsOf(index, rows));
    }
    return costs;
  } finally {
    index.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function fill(index: HoldingIndex, from: number, count: number): void {
  index.commit(Array.from({ length: count }, (_, at) => added(from + at, 'held')));
}

async function costsOf(index: HoldingIndex, rows: number): Promise<IndexCosts> {
  const open = Array.from({ length: UNSETTLED }, (_, at) => added(rows + at, 'incoming'));
  index.commit(open);
  const mine = index.holdings('incoming').at(-1);
  if (mine === undefined) throw new TypeError('nothing is unsettled');
  const chunk = await middle((at) =>
    index.commitLater([
      { change: 'add-chunk', holding: mine.id, chunk: chunkRow(at + 1, 16_384 * (at + 1)) },
    ]),
  );
  const begun = Array.from({ length: TIMES }, () => added(rows, 'incoming'));
  const begin = await middle(async (at) => {
    const change = begun[at];
    if (change === undefined) throw new RangeError(`no recording ${at}`);
    index.find(change.holding);
    await index.commitLater([change]);
  });
  for (const { holding } of begun) settle(index, holding.recordingId);
  const find = await middle(() => index.rivals(mine.recordingId));
  const unsettled = await middle(() => index.holdings('incoming'));
  for (const { recordingId } of index.holdings('incoming')) settle(index, recordingId);
  return { rows, chunk, begin, find, unsettled };
}

/** So that there are as many unsettled ones as before. */
function settle(index: HoldingIndex, recordingId: RecordingId): void {
  for (const row of index.rivals(recordingId))
    index.commit([{ change: 'set-holding', holding: { ...row, state: 'held', entryIndex: 1 } }]);
}

async function middle(work: (at: number) => unknown): Promise<number> {
  const took: number[] = [];
  for (let at = 0; at < TIMES; at += 1) {
    const start = performance.now();
    await work(at);
    took.push((performance.now() - start) * MS_TO_US);
  }
  return Math.round(median(took));
}

function added(number: number, state: 'held' | 'incoming'): Extract<Change, { change: 'add-holding' }> {
  const recordingId = randomBytes(16).toString('hex');
  if (!isRecordingId(recordingId)) throw new TypeError(`${recordingId} is no recording id`);
  const digest = createHash('sha256').update(recordingId).digest();
  const holding: NewHolding = {
    ...{ recordingId, manifestSha256: digest, cameraId: cameraOf(number), transport: 'mqtt', state },
    ...{ manifestBytes: 8_000, contentBytes: 16_384, conflict: false, folder: recordingId },
    ...{ leaseEpoch: 1, hasManifest: true },
    ...(state === 'held' ? { entryIndex: number } : {}),
  };
  return { change: 'add-holding', holding, chunks: [chunkRow(0, 0)] };
}

function chunkRow(index: number, offset: number) {
  const stamp = {
    receivedAtUs: 1_800_000_000_000_000 + index,
    uncertaintyUs: 1_000,
    basis: 'local',
  } as const;
  return { index, offset, bytes: 16_384, sha256: randomBytes(32), stamp };
}

function cameraOf(number: number): CameraId {
  const id = `cam-${number % CAMERAS}`;
  if (!isCameraId(id)) throw new TypeError(`${id} is no camera id`);
  return id;
}
