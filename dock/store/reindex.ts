import { join } from 'node:path';
import { toHex } from '../../proto/bytes.ts';
import type { HoldingState } from '../ports.ts';
import { Commits } from './commits.ts';
import type { Workshop } from './chunk-writer.ts';
import { systemDisk } from './disk.ts';
import { asStoreError } from './errors.ts';
import { type HoldingIndex, lockIndex, openIndexAlone } from './holding-index.ts';
import { OpenFiles } from './open-files.ts';
import { quarantineFolder } from './quarantine.ts';
import { allChunks } from './read-back.ts';
import type { HoldingRow, NewHolding } from './rows.ts';
import { type Remember, type Surveyed, surveyQuarantined, surveyRecording } from './survey.ts';

/** Where the old index and the new one do not say the same. */
export interface Difference {
  readonly table: 'holdings' | 'chunks';
  readonly recording: string;
  /** Lower-case hexadecimal SHA-256 of the manifest. */
  readonly manifest: string;
  /** Of a chunk. */
  readonly chunk?: number;
  /** `row`: one of the two has none. */
  readonly column: string;
  readonly before: string;
  readonly after: string;
}

export interface Reindexed {
  /** How many holdings of each state the new index has. */
  readonly holdings: Readonly<Record<HoldingState, number>>;
  /** Folders that are in no index: the next start moves those under `recordings/` to quarantine. */
  readonly unexplained: readonly string[];
  /** Undefined when there was no old index, or none that can be read. */
  readonly differences: readonly Difference[] | undefined;
  /** What became of the old index; undefined when it was left in place, or was not there. */
  readonly keptAs?: string;
}

export interface ReindexOptions {
  readonly dir: string;
  /** What the ledger says of each recording. */
  readonly remember: Remember;
  /** Only compare: the old index stays. */
  readonly check: boolean;
}

/**
 * Makes the index anew from files and ledger alone, beside the old one, compares the two, and puts the new one in its place.
 * No content is read and no recording is moved. Throws StoreError: STORE_IO while a dock has the folder.
 */
export async function reindex({ dir, remember, check }: ReindexOptions): Promise<Reindexed> {
  const path = join(dir, 'index.db');
  const fresh = `${path}.new`;
  try {
    const lock = lockIndex(path);
    try {
      await removeIndex(fresh);
      const unexplained = await build(fresh, dir, remember);
      const compared = await compare(path, fresh);
      if (check) await removeIndex(fresh);
      const keptAs = check ? undefined : await swap(path, fresh, dir);
      return { ...compared, unexplained, ...(keptAs === undefined ? {} : { keptAs }) };
    } finally {
      lock.close();
    }
  } catch (error) {
    throw asStoreError(error, `make the index of ${dir} anew (is a dock using it?)`, { dir });
  }
}

async function build(path: string, dir: string, remember: Remember): Promise<readonly string[]> {
  const index = openIndexAlone(path);
  try {
    const files = new OpenFiles(systemDisk, 1);
    const shop: Workshop = { root: dir, disk: systemDisk, files, index, commits: new Commits(index) };
    const unexplained: string[] = [];
    for (const [folder, survey] of [
      ['recordings', surveyRecording],
      ['quarantine', surveyQuarantined],
    ] as const) {
      for (const name of (await systemDisk.list(join(dir, folder))).toSorted()) {
        const found = await survey(name, shop, remember);
        if (found === undefined || index.find(found.holding) !== undefined)
          unexplained.push(`${folder}/${name}`);
        else await shop.commits.add({ change: 'add-holding', ...(await entered(found, shop)) });
      }
    }
    return unexplained;
  } finally {
    index.close();
  }
}

/** What was refused and not yet moved to quarantine is moved at the next start. */
async function entered(
  { holding, chunks, memory }: Surveyed,
  shop: Workshop,
): Promise<Pick<Surveyed, 'holding' | 'chunks'>> {
  const settlement = memory?.settlement;
  if (holding.state !== 'incoming' || settlement?.state !== 'quarantined') return { holding, chunks };
  const movingTo = await quarantineFolder(holding, shop);
  const { entryIndex, reason } = settlement;
  const refused: NewHolding = { ...holding, state: 'quarantined', entryIndex, reason, movingTo };
  return { holding: refused, chunks };
}

async function compare(path: string, fresh: string): Promise<Pick<Reindexed, 'holdings' | 'differences'>> {
  const index = openIndexAlone(fresh);
  try {
    const holdings = { incoming: 0, held: 0, quarantined: 0, destroyed: 0 };
    for (const { state } of index.holdings()) holdings[state] += 1;
    const before = await oldIndex(path);
    if (before === undefined) return { holdings, differences: undefined };
    try {
      return { holdings, differences: differencesOf(before, index) };
    } finally {
      before.close();
    }
  } finally {
    index.close();
  }
}

/** Undefined for what cannot be read: that is what a new index is made for. */
async function oldIndex(path: string): Promise<HoldingIndex | undefined> {
  if ((await systemDisk.size(path)) === undefined) return undefined;
  try {
    return openIndexAlone(path);
  } catch {
    return undefined;
  }
}

/** Row by row. Numbers of rows, leases and turns of the scrub are the index's own and are not compared. */
export function differencesOf(before: HoldingIndex, after: HoldingIndex): readonly Difference[] {
  const [old, now] = [byName(before), byName(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])].toSorted();
  return names.flatMap((name) => {
    const [one, other] = [old.get(name), now.get(name)];
    const [recording = '', manifest = ''] = name.split('/');
    const differing = columnsThatDiffer(textOf(one), textOf(other));
    const holdings = differing.map((each) => ({ table: 'holdings', recording, manifest, ...each }) as const);
    if (one === undefined || other === undefined) return holdings;
    const chunks = chunksThatDiffer({ index: before, row: one }, { index: after, row: other });
    return [
      ...holdings,
      ...chunks.map((each) => ({ table: 'chunks', recording, manifest, ...each }) as const),
    ];
  });
}

function byName(index: HoldingIndex): ReadonlyMap<string, HoldingRow> {
  return new Map(index.holdings().map((row) => [`${row.recordingId}/${toHex(row.manifestSha256)}`, row]));
}

interface Rows {
  readonly index: HoldingIndex;
  readonly row: HoldingRow;
}

function chunksThatDiffer(one: Rows, other: Rows): readonly (Columns & { readonly chunk: number })[] {
  const rows = ({ index, row }: Rows): ReadonlyMap<number, ReadonlyMap<string, string>> =>
    new Map(
      [...allChunks(row, { index })].map((chunk) => [chunk.index, textOf({ ...chunk, ...chunk.stamp })]),
    );
  const [old, now] = [rows(one), rows(other)];
  const numbers = [...new Set([...old.keys(), ...now.keys()])].toSorted((a, b) => a - b);
  return numbers.flatMap((chunk) =>
    columnsThatDiffer(old.get(chunk) ?? NO_ROW, now.get(chunk) ?? NO_ROW).map((each) => ({ chunk, ...each })),
  );
}

type Columns = Pick<Difference, 'column' | 'before' | 'after'>;

const NO_ROW: ReadonlyMap<string, string> = new Map();

function columnsThatDiffer(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly Columns[] {
  if (before.size === 0 || after.size === 0) {
    if (before.size === after.size) return [];
    const there = (row: ReadonlyMap<string, string>): string => (row.size === 0 ? 'missing' : 'there');
    return [{ column: 'row', before: there(before), after: there(after) }];
  }
  const columns = [...new Set([...before.keys(), ...after.keys()])];
  return columns
    .map((column) => ({ column, before: before.get(column) ?? '', after: after.get(column) ?? '' }))
    .filter((column) => column.before !== column.after);
}

// A row's number, its lease and its newest chunk, which is compared with the other chunks.
const OWN = new Set(['id', 'leaseEpoch', 'last', 'stamp']);

function textOf(row: object | undefined): ReadonlyMap<string, string> {
  const fields = Object.entries(row ?? {}).filter(([name]) => !OWN.has(name));
  return new Map(fields.map(([name, value]) => [name, plain(value)]));
}

function plain(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (inner instanceof Uint8Array ? toHex(inner) : inner));
}

/** The old index, with what SQLite keeps beside it, out of the way; a crash in between leaves none, and the next start makes one. */
async function swap(path: string, fresh: string, dir: string): Promise<string | undefined> {
  const keptAs = (await systemDisk.size(path)) === undefined ? undefined : await freeName(`${path}.old`);
  for (const suffix of ['', '-wal', '-shm']) {
    if ((await systemDisk.size(path + suffix)) === undefined) continue;
    if (keptAs === undefined) await systemDisk.remove(path + suffix);
    else await systemDisk.rename(path + suffix, keptAs + suffix);
  }
  await systemDisk.rename(fresh, path);
  await removeIndex(fresh);
  await systemDisk.syncFolder(dir);
  return keptAs;
}

async function freeName(base: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = `${base}-${number}`;
    if ((await systemDisk.size(name)) === undefined) return name;
  }
}

async function removeIndex(path: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm'])
    if ((await systemDisk.size(path + suffix)) !== undefined) await systemDisk.remove(path + suffix);
}
