import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { equal } from '../../proto/bytes.ts';
import type { Workshop } from './chunk-writer.ts';
import type { DiskFile } from './disk.ts';
import { isMissing, rot } from './errors.ts';
import { sha256 } from './manifests.ts';
import type { ChunkRow, HoldingRow } from './rows.ts';
import { formatStamps } from './stamps.ts';
import { ensureFolder, readWhole, replaceFile } from './whole.ts';

// Rows read from the index at a time: about 200 KB of memory.
const PAGE_CHUNKS = 1_000;

/** A recording as the disk has it now; nothing in it was compared with anything. */
export interface ReadBack {
  readonly signedManifest: Uint8Array;
  /** Of a sealed recording. */
  readonly wraps?: Uint8Array;
  readonly digests: readonly Uint8Array[];
}

/**
 * Reads manifest, wraps and chunks back. The chunks come from the disk itself and not from the system's cache, where the file system
 * has a way to ask it. Throws STORE_ROT where something is missing, whose `chunk` says from which chunk on.
 */
export async function readBack(holding: HoldingRow, shop: Workshop): Promise<ReadBack> {
  const folder = join(shop.root, holding.folder);
  const facts = { recordingId: holding.recordingId };
  const signedManifest = await readWhole(shop.disk, join(folder, 'manifest'));
  if (signedManifest === undefined) throw rot('the manifest is missing', facts);
  const wraps =
    holding.wrapsSha256 === undefined ? undefined : await readWhole(shop.disk, join(folder, 'wraps'));
  if (holding.wrapsSha256 !== undefined && wraps === undefined) throw rot('the wraps are missing', facts);
  try {
    const digests = await shop.files.use(join(folder, 'chunks'), 'read', (file) =>
      digestsOf(file, holding, shop),
    );
    return { signedManifest, digests, ...(wraps === undefined ? {} : { wraps }) };
  } catch (error) {
    if (isMissing(error)) throw rot('the chunks file is missing', { ...facts, chunk: 0 }, error);
    throw error;
  }
}

async function digestsOf(
  file: DiskFile,
  holding: HoldingRow,
  shop: Workshop,
): Promise<readonly Uint8Array[]> {
  const found: Uint8Array[] = [];
  for (const page of pagesOf(holding, shop)) {
    const digests = await file.digests(page);
    for (const [index, chunk] of page.entries()) {
      const digest = digests[index];
      if (digest === undefined)
        throw rot('the chunks file is too short', { recordingId: holding.recordingId, chunk: chunk.index });
      found.push(digest);
    }
  }
  return found;
}

/**
 * Is what was read back what was written? Throws STORE_ROT, whose `chunk` is the first that differs; none means the
 * manifest or the wraps. Every chunk was checked when it came, so a difference is the disk's doing and never the camera's.
 */
export function checkReadBack(found: ReadBack, holding: HoldingRow, shop: Workshop): void {
  const { recordingId } = holding;
  if (!equal(sha256(found.signedManifest), holding.manifestSha256))
    throw rot('the manifest is not what was written', { recordingId });
  if (holding.wrapsSha256 !== undefined && !wrapsHold(found.wraps, holding.wrapsSha256))
    throw rot('the wraps are not what was written', { recordingId });
  for (const { index, sha256: digest } of allChunks(holding, shop)) {
    if (!equal(found.digests[index] ?? new Uint8Array(0), digest))
      throw rot(`chunk ${index} is not what was written`, { recordingId, chunk: index });
  }
}

/** Whether the wraps that were read back have this digest. */
export function wrapsHold(wraps: Uint8Array | undefined, wrapsSha256: Uint8Array): boolean {
  return wraps !== undefined && equal(sha256(wraps), wrapsSha256);
}

/** Writes the stamps of all durable chunks as a file; resolves to its SHA-256 once it is durable. */
export async function writeStamps(holding: HoldingRow, shop: Workshop): Promise<Uint8Array> {
  const digest = createHash('sha256');
  const pages: Uint8Array[] = [];
  for (const page of pagesOf(holding, shop)) {
    const lines = formatStamps(page);
    digest.update(lines);
    pages.push(lines);
  }
  const folder = join(shop.root, holding.folder);
  await ensureFolder(shop.disk, folder);
  await replaceFile(shop.disk, join(folder, 'stamps'), pages);
  return new Uint8Array(digest.digest());
}

/** Chunk by chunk, without holding a lock on the index in between. */
export function* allChunks(holding: HoldingRow, shop: Pick<Workshop, 'index'>): Generator<ChunkRow> {
  for (const page of pagesOf(holding, shop)) yield* page;
}

// Stops at the newest chunk of `holding` as it was read: more may become durable meanwhile.
function* pagesOf(holding: HoldingRow, shop: Pick<Workshop, 'index'>): Generator<readonly ChunkRow[]> {
  const end = holding.last === undefined ? 0 : holding.last.index + 1;
  for (let from = 0; from < end; from += PAGE_CHUNKS) {
    yield shop.index.chunks(holding.id, from, Math.min(PAGE_CHUNKS, end - from));
  }
}
