import type { CameraId, RecordingId } from './ids.ts';

/** A point in time on both of the camera's clocks, in microseconds; `wallUs` is what the camera believed. */
export interface Moment {
  readonly wallUs: number;
  readonly monoUs: number;
}

export type StopReason = 'button' | 'docked' | 'storage-full' | 'power-loss' | 'replay';

export interface Mark {
  readonly at: Moment;
  readonly kind: string;
}

/** One stored chunk; `sha256` (32 bytes) is of the bytes as stored and sent. */
export interface ChunkInfo {
  readonly sha256: Uint8Array;
  readonly storedBytes: number;
  readonly plainBytes: number;
  readonly mediaStartMs: number;
  readonly mediaMs: number;
  readonly endOfFragment: boolean;
}

/** 0: bytes are stored as recorded. 1: Cobblestone-256. */
export type Suite = 0 | 1;

/** The camera's signed word about one closed recording; field meanings in evidence.proto. */
export interface Manifest {
  readonly format: number;
  readonly recordingId: RecordingId;
  readonly cameraId: CameraId;
  readonly counter: number;
  /** 32 bytes, or empty for a camera's first recording. */
  readonly previousRoot: Uint8Array;
  readonly bootId: Uint8Array;
  readonly officerId: string;
  readonly incidentTag: string;
  readonly mediaType: string;
  readonly suite: Suite;
  readonly chunkBytesMax: number;
  readonly triggered: Moment;
  readonly started: Moment;
  readonly ended: Moment;
  readonly stopReason: StopReason;
  readonly marks: readonly Mark[];
  readonly chunks: readonly ChunkInfo[];
  /** RFC 6962 root; leaf data is each chunk's 32-byte SHA-256. */
  readonly root: Uint8Array;
  readonly contentBytes: number;
}
