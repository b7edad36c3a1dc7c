import { join } from 'node:path';
import { fromHex, text, toHex, utf8 } from '../../proto/bytes.ts';
import { type CameraId, isCameraId } from '../../proto/ids.ts';
import type { Workshop } from './chunk-writer.ts';
import { allChunks } from './read-back.ts';
import type { HoldingRow } from './rows.ts';
import { ensureFolder, readWhole, replaceFile } from './whole.ts';

/** What a quarantined holding's other files do not tell. */
export interface Refusal {
  readonly manifestSha256: Uint8Array;
  readonly cameraId: CameraId;
  readonly transport: 'serial' | 'mqtt';
  readonly manifestBytes: number;
  readonly contentBytes: number;
  readonly conflict: boolean;
  readonly hasManifest: boolean;
  readonly wrapsSha256?: Uint8Array;
  readonly reason: string;
  /** Of each chunk that came. */
  readonly chunkBytes: readonly number[];
  readonly rotFrom?: number;
}

const FORMAT = 'holdfast/refusal@1';
export const REFUSAL = 'refusal.json';

/** Writes beside a holding's files why it is kept aside, so that an index can be made again from the files. */
export async function writeRefusal(row: HoldingRow, shop: Workshop): Promise<void> {
  const folder = join(shop.root, row.folder);
  const { cameraId, transport, manifestBytes, contentBytes, conflict, hasManifest } = row;
  const refusal = {
    format: FORMAT,
    manifest: toHex(row.manifestSha256),
    ...{ cameraId, transport, manifestBytes, contentBytes, conflict, hasManifest },
    ...(row.wrapsSha256 === undefined ? {} : { wraps: toHex(row.wrapsSha256) }),
    reason: row.reason ?? '',
    chunkBytes: [...allChunks(row, shop)].map(({ bytes }) => bytes),
    ...(row.rotFrom === undefined ? {} : { rotFrom: row.rotFrom }),
  };
  await ensureFolder(shop.disk, folder);
  await replaceFile(shop.disk, join(folder, REFUSAL), [utf8(`${JSON.stringify(refusal)}\n`)]);
}

/** Undefined when there is none, or none that can be read. */
export async function readRefusal(
  folder: string,
  shop: Pick<Workshop, 'disk'>,
): Promise<Refusal | undefined> {
  const bytes = await readWhole(shop.disk, join(folder, REFUSAL));
  if (bytes === undefined) return undefined;
  try {
    return parse(JSON.parse(text(bytes)));
  } catch {
    return undefined;
  }
}

function parse(value: unknown): Refusal | undefined {
  const found = value as Readonly<Record<string, unknown>>;
  const { format, manifest, cameraId, transport, wraps, reason, chunkBytes, rotFrom } = found;
  if (format !== FORMAT || typeof manifest !== 'string' || typeof reason !== 'string') return undefined;
  if (typeof cameraId !== 'string' || !isCameraId(cameraId)) return undefined;
  if (transport !== 'serial' && transport !== 'mqtt') return undefined;
  if (!Array.isArray(chunkBytes) || !chunkBytes.every(isCount)) return undefined;
  const { manifestBytes, contentBytes, conflict, hasManifest } = found;
  if (!isCount(manifestBytes) || !isCount(contentBytes)) return undefined;
  return {
    ...{ cameraId, transport, manifestBytes, contentBytes, reason, chunkBytes },
    manifestSha256: fromHex(manifest),
    conflict: conflict === true,
    hasManifest: hasManifest === true,
    ...(typeof wraps === 'string' ? { wrapsSha256: fromHex(wraps) } : {}),
    ...(isCount(rotFrom) ? { rotFrom } : {}),
  };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
