import assert from 'node:assert/strict';
import { join } from 'node:path';
import { equal } from '../../proto/bytes.ts';
import { isRecordingId } from '../../proto/ids.ts';
import type { RecordingId } from '../../proto/ids.ts';
import { peekManifest } from '../../proto/manifest.ts';
import type { Manifest } from '../../proto/manifest.ts';
import type { HoldingKey, HoldingState, Settlement } from '../ports.ts';
import type { Workshop } from './chunk-writer.ts';
import { sha256 } from './manifests.ts';
import { setAside } from './quarantine.ts';
import { readBack, wrapsHold } from './read-back.ts';
import { inspect } from './recovery.ts';
import type { Findings } from './recovery.ts';
import type { ChunkRow, HoldingRow } from './rows.ts';
import { parseStamps } from './stamps.ts';
import type { StampLine } from './stamps.ts';
import { readWhole } from './whole.ts';

/** What the files do not tell about a recording, and the ledger may. */
export interface Memory {
  readonly transport: 'serial' | 'mqtt';
  /** Present when the ledger has an accepted or refused entry for exactly this manifest. */
  readonly settlement?: Settlement;
  /** The ledger says that its footage was destroyed at the end of its time. */
  readonly destroyed?: true;
}

/** Asked once for each recording that is entered into the index again. */
export type Remember = (found: HoldingKey) => Promise<Memory | undefined>;

interface Found {
  readonly manifestSha256: Uint8Array;
  readonly manifestBytes: number;
  readonly manifest: Manifest;
  readonly stamps: readonly StampLine[];
  readonly stampsSha256: Uint8Array;
}

/**
 * Enters folders that no index row knows, as after losing the index. A recording is entered when it was
 * complete: its stamps file, which is made only once every chunk has been read back, agrees with its manifest.
 * Its content is then read in full, and what differs is reported as damage. Anything else was never in custody
 * by a receipt, or does not explain itself: it is moved aside whole, and a camera that still has it offers it
 * again. Resolves to what the caller remembered of each one entered.
 */
export async function rebuild(
  shop: Workshop,
  findings: Findings,
  remember: Remember,
): Promise<readonly (HoldingKey & Memory)[]> {
  const known = new Set(shop.index.holdings().map((row) => row.folder));
  const entered: (HoldingKey & Memory)[] = [];
  for (const name of await shop.disk.list(join(shop.root, 'recordings'))) {
    const folder = `recordings/${name}`;
    if (known.has(folder)) continue;
    const found = isRecordingId(name) ? await explain(name, shop) : undefined;
    if (found === undefined || !isRecordingId(name)) findings.setAside.push(await setAside(name, shop));
    else entered.push(await enter(name, found, { shop, findings, remember }));
  }
  for (const name of await shop.disk.list(join(shop.root, 'quarantine'))) {
    const folder = `quarantine/${name}`;
    if (!known.has(folder) && !findings.setAside.includes(folder)) findings.setAside.push(folder);
  }
  return entered;
}

async function explain(recordingId: RecordingId, shop: Workshop): Promise<Found | undefined> {
  const folder = join(shop.root, 'recordings', recordingId);
  const signed = await readWhole(shop.disk, join(folder, 'manifest'));
  const stampsFile = (await readWhole(shop.disk, join(folder, 'stamps'))) ?? new Uint8Array(0);
  const stamps = parseStamps(stampsFile);
  const manifest = signed === undefined ? undefined : peek(signed);
  if (signed === undefined || manifest === undefined || stamps === undefined) return undefined;
  if (manifest.recordingId !== recordingId || manifest.chunks.length !== stamps.length) return undefined;
  if (!manifest.chunks.every((chunk, i) => equal(chunk.sha256, stamps[i]?.sha256 ?? new Uint8Array(0))))
    return undefined;
  return {
    manifestSha256: sha256(signed),
    manifestBytes: signed.length,
    manifest,
    stamps,
    stampsSha256: sha256(stampsFile),
  };
}

function peek(signed: Uint8Array): Manifest | undefined {
  try {
    return peekManifest(signed);
  } catch {
    return undefined;
  }
}

interface Context {
  readonly shop: Workshop;
  readonly findings: Findings;
  readonly remember: Remember;
}

async function enter(recordingId: RecordingId, found: Found, context: Context): Promise<HoldingKey & Memory> {
  const { shop, findings } = context;
  const key = { recordingId, manifestSha256: found.manifestSha256 };
  // Without a memory the transport is anyone's guess, and it is set right when the camera next takes a lease.
  const memory = (await context.remember(key)) ?? { transport: 'mqtt' };
  const { wrapsSha256 } = found.manifest;
  const held = memory.settlement?.state === 'held' ? memory.settlement : undefined;
  const holding = {
    ...key,
    cameraId: found.manifest.cameraId,
    transport: memory.transport,
    manifestBytes: found.manifestBytes,
    contentBytes: found.manifest.contentBytes,
    state: stateOf(memory),
    conflict: false,
    folder: `recordings/${recordingId}`,
    leaseEpoch: 0,
    hasManifest: true,
    ...(wrapsSha256 === undefined ? {} : { wrapsSha256 }),
    ...(held === undefined ? {} : { entryIndex: held.entryIndex }),
    stamps: { sha256: found.stampsSha256, chunks: found.stamps.length },
  } as const;
  // In one transaction: a holding without its chunks would have its file cut at the next start.
  await shop.commits.add({ change: 'add-holding', holding, chunks: chunkRows(found) });
  const row = shop.index.find(key);
  assert(row !== undefined);
  await checkContent(row, found, context);
  findings.rebuilt.push(key);
  return { ...key, ...memory };
}

function stateOf({ settlement, destroyed }: Memory): HoldingState {
  if (settlement?.state !== 'held') return 'incoming';
  return destroyed === true ? 'destroyed' : 'held';
}

function chunkRows(found: Found): readonly ChunkRow[] {
  let offset = 0;
  return found.stamps.map(({ chunk, sha256: digest, stamp }) => {
    const bytes = found.manifest.chunks[chunk]?.storedBytes ?? 0;
    const row = { index: chunk, offset, bytes, sha256: digest, stamp };
    offset += bytes;
    return row;
  });
}

async function checkContent(row: HoldingRow, found: Found, { shop, findings }: Context): Promise<void> {
  const before = findings.damage.length;
  await inspect(row, shop, findings);
  if (row.state === 'destroyed') return;
  if (findings.damage.slice(before).some(({ problem }) => problem !== 'long')) return;
  const { recordingId, manifestSha256, state } = row;
  const changed = { recordingId, manifestSha256, state, problem: 'changed' } as const;
  const { digests, wraps } = await readBack(row, shop);
  if (row.wrapsSha256 !== undefined && !wrapsHold(wraps, row.wrapsSha256))
    findings.damage.push({ ...changed, file: 'wraps' });
  for (const { chunk, sha256: digest } of found.stamps) {
    if (equal(digest, digests[chunk] ?? new Uint8Array(0))) continue;
    findings.damage.push({ ...changed, file: 'chunks', chunk });
  }
}
