import type { CameraId, RecordingId } from '../../proto/ids.ts';
import type { Holding, HoldingKey, HoldingState, Stamp } from '../ports.ts';

/** A durable chunk. */
export interface ChunkRow {
  readonly index: number;
  /** Where it begins in the chunks file. */
  readonly offset: number;
  readonly bytes: number;
  readonly sha256: Uint8Array;
  readonly stamp: Stamp;
}

/** A holding before the index has given it a number. */
export interface NewHolding extends HoldingKey {
  readonly cameraId: CameraId;
  readonly transport: 'serial' | 'mqtt';
  readonly manifestBytes: number;
  readonly contentBytes: number;
  readonly state: HoldingState;
  /** Came second under its recording id: can only be quarantined. */
  readonly conflict: boolean;
  /** Where its files are, relative to the store's folder. */
  readonly folder: string;
  /** A move to this folder is due or under way; it is redone until it is done. */
  readonly movingTo?: string;
  readonly leaseEpoch: number;
  /** The manifest file is durable, and the wraps file of a sealed recording with it. */
  readonly hasManifest: boolean;
  /** Of the wraps file of a sealed recording. Stays when the file is destroyed. */
  readonly wrapsSha256?: Uint8Array;
  readonly entryIndex?: number;
  readonly reason?: string;
  /** Of the durable stamps file, and how many chunks it covers. */
  readonly stamps?: { readonly sha256: Uint8Array; readonly chunks: number };
  /** Of one that is `destroyed`: its files are not gone yet, here or in the mirror; it is redone until they are. */
  readonly destroying?: true;
  /** It was damaged in custody, and what is missing comes, or has come, from there; until the ledger knows. */
  readonly healing?: Healing;
  /** Of what is quarantined because it rotted: the first chunk that is bad; past the last one when none is. */
  readonly rotFrom?: number;
}

/** Where a damaged recording gets good bytes from. */
export type Healing = 'mirror' | 'camera' | 'index';

export interface HoldingRow extends NewHolding {
  readonly id: number;
  /** The newest durable chunk. */
  readonly last?: ChunkRow;
}

// What SQLite gives back: a BLOB is an ArrayBuffer. STRICT tables and CHECKs keep the types below true.
interface HoldingColumns extends ChunkColumns {
  readonly id: number;
  readonly recording: RecordingId;
  readonly manifest_sha256: ArrayBuffer;
  readonly camera: CameraId;
  readonly transport: 'serial' | 'mqtt';
  readonly manifest_bytes: number;
  readonly content_bytes: number;
  readonly state: HoldingState;
  readonly conflict: number;
  readonly folder: string;
  readonly moving_to: string | null;
  readonly lease_epoch: number;
  readonly has_manifest: number;
  readonly wraps_sha256: ArrayBuffer | null;
  readonly entry_index: number | null;
  readonly reason: string | null;
  readonly stamps_sha256: ArrayBuffer | null;
  readonly stamps_chunks: number | null;
  readonly destroying: number;
  readonly healing: Healing | null;
  readonly rot_from: number | null;
}

interface ChunkColumns {
  readonly chunk: number | null;
  readonly offset: number;
  readonly bytes: number;
  readonly sha256: ArrayBuffer;
  readonly received_us: number;
  readonly uncertainty_us: number;
  readonly basis: Stamp['basis'];
  readonly epoch: number | null;
}

/** Takes a row as the index wrote it. */
export function columns(row: unknown): HoldingColumns & Readonly<Record<string, unknown>> {
  return row as HoldingColumns & Readonly<Record<string, unknown>>;
}

export function holdingRow(found: unknown): HoldingRow {
  const row = columns(found);
  return {
    id: row.id,
    recordingId: row.recording,
    manifestSha256: new Uint8Array(row.manifest_sha256),
    cameraId: row.camera,
    transport: row.transport,
    manifestBytes: row.manifest_bytes,
    contentBytes: row.content_bytes,
    state: row.state,
    conflict: row.conflict === 1,
    folder: row.folder,
    ...(row.moving_to === null ? {} : { movingTo: row.moving_to }),
    leaseEpoch: row.lease_epoch,
    hasManifest: row.has_manifest === 1,
    ...(row.wraps_sha256 === null ? {} : { wrapsSha256: new Uint8Array(row.wraps_sha256) }),
    ...(row.entry_index === null ? {} : { entryIndex: row.entry_index }),
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.stamps_sha256 === null || row.stamps_chunks === null
      ? {}
      : { stamps: { sha256: new Uint8Array(row.stamps_sha256), chunks: row.stamps_chunks } }),
    ...(row.destroying === 1 ? { destroying: true } : {}),
    ...(row.healing === null ? {} : { healing: row.healing }),
    ...(row.rot_from === null ? {} : { rotFrom: row.rot_from }),
    ...(row.chunk === null ? {} : { last: chunkRow(row) }),
  };
}

export function chunkRow(row: ChunkColumns): ChunkRow {
  return {
    index: row.chunk ?? 0,
    offset: row.offset,
    bytes: row.bytes,
    sha256: new Uint8Array(row.sha256),
    stamp: {
      receivedAtUs: row.received_us,
      uncertaintyUs: row.uncertainty_us,
      basis: row.basis,
      ...(row.epoch === null ? {} : { epoch: row.epoch }),
    },
  };
}

/** A holding whose manifest, and wraps with it, the disk has lost: both are asked for again. */
export function withoutPapers(row: HoldingRow): HoldingRow {
  // What was accepted once comes back with the same wraps, or not at all.
  const rest = row.healing === undefined ? without(row, 'wrapsSha256') : row;
  return { ...rest, hasManifest: false };
}

type OptionalField = {
  [F in keyof HoldingRow]-?: undefined extends HoldingRow[F] ? F : never;
}[keyof HoldingRow];

/** The row without some of what it need not have. */
export function without(row: HoldingRow, ...fields: readonly OptionalField[]): HoldingRow {
  const rest: { -readonly [Field in keyof HoldingRow]: HoldingRow[Field] } = { ...row };
  for (const field of fields) delete rest[field];
  return rest;
}

/** What a folder gives back of a holding's small files, each with its digest checked. */
export interface Papers {
  readonly signedManifest: Uint8Array | undefined;
  readonly wraps: Uint8Array | undefined;
}

/** What the port shows of a row. */
export function holdingOf(row: HoldingRow, { signedManifest, wraps }: Papers): Holding {
  const { recordingId, manifestSha256, cameraId, transport, manifestBytes, contentBytes, state, leaseEpoch } =
    row;
  const offered = { recordingId, manifestSha256, cameraId, transport, manifestBytes, contentBytes };
  return {
    ...offered,
    state,
    leaseEpoch,
    ...(signedManifest === undefined ? {} : { signedManifest }),
    ...(wraps === undefined ? {} : { wraps }),
    durableChunks: row.last === undefined ? 0 : row.last.index + 1,
    ...(row.entryIndex === undefined ? {} : { entryIndex: row.entryIndex }),
    ...(row.reason === undefined ? {} : { reason: row.reason }),
    ...(row.last === undefined ? {} : { received: row.last.stamp }),
    ...(row.conflict ? { conflict: true } : {}),
    ...(isDamaged(row, { signedManifest, wraps }) ? { damaged: true } : {}),
  };
}

function isDamaged(row: HoldingRow, { signedManifest, wraps }: Papers): boolean {
  if (!row.hasManifest) return false;
  const wantsWraps = row.wrapsSha256 !== undefined && row.state !== 'destroyed';
  return signedManifest === undefined || (wantsWraps && wraps === undefined);
}
