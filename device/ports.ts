import type { CameraId, RecordingId } from '../proto/ids.ts';
import type { Position } from '../proto/course.ts';
import type { ChunkInfo, Mark, Moment, RecordingCause, StopReason, Suite } from '../proto/manifest.ts';
import type { Wrap } from '../proto/wraps.ts';

export type Cancel = () => void;

/** Wall time goes into records; monotonic time into deadlines. Never compare one with the other. */
export interface Clock {
  /** UTC as this camera believes it, microseconds since 1970. May step and drift. */
  wallUs(): number;
  /** Microseconds since this process booted; never goes back. */
  monoUs(): number;
  /** Calls `wake` once after `delayMs`; never before, never after `Cancel`. */
  after(delayMs: number, wake: () => void): Cancel;
}

/** UTC as a dock told it in a handshake that it signed. */
export interface DockTime {
  /** The dock's UTC less the camera's monotonic clock, microseconds. */
  readonly wallLessMonoUs: number;
  /** Half of what the question and its answer took: it is right within this, as far as the dock is. */
  readonly boundUs: number;
}

/** Sizes of Data payloads on a link, bytes; a link that loses nothing has one size for all three. */
export interface FragmentBytes {
  /** A good size for the first Data. */
  readonly start: number;
  readonly min: number;
  readonly max: number;
  /** There is no noise on this link: a Data that was lost was too long for it. */
  readonly isNoiseless?: boolean;
}

/**
 * One connection to a dock: whole packets, then an end. May lose, repeat or reorder them; never invents one,
 * as every packet passed its CRC. Packets are PDUs (`type | protobuf | crc32c`).
 */
export interface Link {
  /** For people: `serial /dev/pts/4`, `mqtt 127.0.0.1:1883`. */
  readonly name: string;
  readonly transport: 'serial' | 'mqtt';
  readonly pduBytesMax: number;
  readonly fragmentBytes: FragmentBytes;
  /** Microseconds that a PDU of this many bytes spends on the line by itself; 0 where the line has no rate of its own. */
  wireUs(pduBytes: number): number;
  /** Ends when the link is gone or closed. May be iterated once. Holds a bounded number of packets. */
  packets(): AsyncIterable<Uint8Array>;
  /** Resolves when the link can take another packet of that lane; control overtakes queued data. Rejects with LinkError once gone. */
  send(pdu: Uint8Array, lane: 'control' | 'data'): Promise<void>;
  close(): Promise<void>;
}

/** What stays the same for the whole life of one recording; written and synced before its first chunk. */
export interface RecordingHeader {
  readonly recordingId: RecordingId;
  readonly cameraId: CameraId;
  readonly counter: number;
  readonly previousRoot: Uint8Array;
  readonly bootId: Uint8Array;
  readonly officerId: string;
  readonly incidentTag: string;
  readonly mediaType: string;
  readonly suite: Suite;
  readonly triggered: Moment;
  readonly started: Moment;
  /** The newest checkpoint that a dock had handed out by then: a signed note. */
  readonly ticket?: string;
  /** What made the camera record; absent where it does not say. */
  readonly cause?: RecordingCause;
}

/** One chunk as it leaves the capture core: plain media bytes that never span two MP4 fragments. */
export interface PlainChunk {
  readonly bytes: Uint8Array;
  readonly mediaStartMs: number;
  readonly mediaMs: number;
  readonly endOfFragment: boolean;
}

/** How a recording ended. */
export interface RecordingEnd {
  readonly ended: Moment;
  readonly stopReason: StopReason;
  readonly marks: readonly Mark[];
}

/** A closed recording as the flash holds it. */
export interface ClosedRecording {
  readonly recordingId: RecordingId;
  readonly counter: number;
  /** Encoded SignedManifest. */
  readonly signedManifest: Uint8Array;
  /** Encoded Wraps of a sealed recording, as its manifest names them. */
  readonly wraps?: Uint8Array;
  readonly chunks: readonly ChunkInfo[];
  readonly root: Uint8Array;
  readonly contentBytes: number;
  /** As its manifest says: to be uploaded before others. */
  readonly critical?: true;
}

/** A recording that was being written when the power went, cut back to its last whole fragment. */
export interface InterruptedRecording {
  readonly header: RecordingHeader;
  readonly chunks: readonly ChunkInfo[];
  readonly marks: readonly Mark[];
  readonly notes?: readonly Note[];
  /** Encoded Wraps of a sealed recording. */
  readonly wraps?: Uint8Array;
  /** The newest SignedHead that the journal holds. */
  readonly head?: Uint8Array;
  /** Both clocks at the last chunk that survived. */
  readonly lastWritten: Moment;
}

/** What a camera notices by itself while it records; its manifest sums it up. */
export type Note =
  | { readonly note: 'battery'; readonly at: Moment; readonly percent: number }
  | ({ readonly note: 'place'; readonly at: Moment } & Position);

/** What a camera has besides its lens; each may be missing, and each may not know. */
export interface Sensors {
  /** A whole number, 0 to 100. */
  readonly batteryPercent?: () => number;
  readonly position?: () => Position | undefined;
}

/** One chunk as it goes into the flash: what it is, its bytes, and both clocks when it was made. */
export interface StoredChunk {
  readonly info: ChunkInfo;
  readonly bytes: Uint8Array;
  readonly at: Moment;
  /** SignedHead over everything up to this chunk, when it ends a fragment. */
  readonly head?: Uint8Array;
}

/**
 * The camera's memory. Calls about one open recording come one after the other. Every method resolves only when what it did survives a pulled battery.
 * A recording is `open` (header, chunks), then `closed` (manifest), then, after a receipt, `erased`.
 */
export interface Flash {
  /**
   * Starts a recording; header and encoded Wraps are durable before this resolves. Refuses one that is not sealed
   * once the memory has held one that is (FLASH_SEALED).
   */
  open(header: RecordingHeader, wraps?: Uint8Array): Promise<void>;
  /** Appends the next chunk of an open recording; bytes and their digest are durable before this resolves. */
  append(recordingId: RecordingId, chunk: StoredChunk): Promise<void>;
  /** Keeps a mark of an open recording. */
  mark(recordingId: RecordingId, mark: Mark): Promise<void>;
  /** Keeps what was noticed beside an open recording. */
  note(recordingId: RecordingId, note: Note): Promise<void>;
  /** Turns an open or interrupted recording into a closed one; chunks that its manifest does not name are cut off. */
  close(recordingId: RecordingId, signedManifest: Uint8Array): Promise<void>;
  /** Removes an open or interrupted recording that holds no footage of its own, as if it had never been; its counter is free again. */
  discard(recordingId: RecordingId): Promise<void>;
  /** Leaves an interrupted recording as it is, for a person to look at: nothing is signed of it and nothing removed. */
  setAside(recordingId: RecordingId, why: string): Promise<void>;
  /** Recordings found open at start, cut to their last whole fragment; empty ones are reported with no chunks. */
  interrupted(): Promise<readonly InterruptedRecording[]>;
}

/** What a camera says to those near it as something begins that concerns them. Nobody signs it. */
export interface PeerCall {
  /** Names what began, 32 hexadecimal digits: heard twice, it is one. */
  readonly callId: string;
  readonly camera: CameraId;
  /** Its unit; empty: none. */
  readonly tag: string;
  readonly cause: Exclude<RecordingCause, 'peer' | 'limit'>;
}

/**
 * Between cameras that are near each other. What is heard was called by one of them not long ago, and is never a camera's own; a call may
 * be lost or heard twice. It may make a recording begin, and nothing else may rest on it.
 */
export interface Radio {
  /** Tells whoever is near. Returns at once and never throws, however many there are and however they are. */
  call(call: PeerCall): void;
  /** Calls of others from here on, until `Cancel`. */
  onCall(hear: (call: PeerCall) => void): Cancel;
  /** What came over the air so far. */
  counts(): RadioCounts;
  /** Hears and says nothing more. */
  close(): Promise<void>;
}

/** For people; nothing rests on it. */
export interface RadioCounts {
  /** Cameras that a call of this one came to, one by one. */
  readonly reached: number;
  /** Calls that were handed on. */
  readonly heard: number;
  /** What was no call, and what came too late to be one. */
  readonly garbled: number;
  readonly late: number;
}

/** The upload side of the same memory. */
export interface Vault {
  /** Closed recordings without a checked receipt: the critical ones first, then by counter, the oldest first. */
  waiting(): Promise<readonly ClosedRecording[]>;
  /** Bytes `start..end` of the stored content of a closed recording (manifest not counted). */
  read(recordingId: RecordingId, start: number, end: number): Promise<Uint8Array>;
  /**
   * Keeps the receipt, then frees the content. The caller has checked the receipt; a crash in between
   * leaves the receipt and finishes erasing at the next start. The manifest and receipt are kept.
   */
  erase(recordingId: RecordingId, receipt: Uint8Array): Promise<void>;
  /** Counter and root that the next recording must carry. */
  next(): Promise<{ readonly counter: number; readonly previousRoot: Uint8Array }>;
}

/** A dock's checkpoint that a camera keeps: what that dock's log must have grown from, and proof of being younger. */
export interface KeptTicket {
  readonly dockId: string;
  /** The signed note, as it came. */
  readonly note: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/** The newest checkpoint of each dock, in the same memory; survives a pulled battery once `keep` has resolved. */
export interface Tickets {
  /** What the last `keep` of this dock was given, also while it is being written; its signature was not checked after a restart. */
  kept(dockId: string): KeptTicket | undefined;
  /** The caller has checked signature and growth. The tree that is kept already, shown again, changes nothing. */
  keep(ticket: KeptTicket): Promise<void>;
  /** The one that was kept last, whatever dock it is of. */
  newest(): KeptTicket | undefined;
}

/** What runs the camera. Nothing in custody rests on it. */
export interface Battery {
  /** What is left at this moment: a whole number, 0 to 100. */
  percent(): number;
  /** Says what it is used for from now on. A docked camera is charged. */
  use(load: BatteryLoad): void;
}

export type BatteryLoad = 'off' | 'sleep' | 'idle' | 'recording' | 'docked';

/** What a camera can say of itself at this moment, for displays; nothing in custody rests on it. */
export interface Gauges {
  /** Rejects with a FieldError when the memory cannot be asked. */
  read(): Promise<Gauge>;
}

export interface Gauge {
  /** A whole number, 0 to 100. */
  readonly batteryPercent: number;
  /** Room left in the memory for content. */
  readonly flashFreeBytes: number;
  /** To whom the camera is assigned now; empty: nobody. */
  readonly officerId: string;
}

/** Who can open what this camera seals: the custodian, and perhaps an offline recovery key. */
export interface Sealer {
  /** Wraps a 32-byte recording key for every recipient; `info` binds the wraps to one recording. */
  wrap(recordingKey: Uint8Array, info: Uint8Array): Promise<readonly Wrap[]>;
}

/** The camera's identity and what it trusts. Signing is Ed25519. */
export interface Keys {
  /** Absent in a camera that was enrolled without a custodian: it stores footage as recorded. */
  readonly sealer?: Sealer;
  readonly cameraId: CameraId;
  sign(message: Uint8Array): Uint8Array;
  /** Raw public keys of a dock this camera was enrolled with, or undefined. */
  dock(dockId: string): TrustedDock | undefined;
  randomBytes(count: number): Uint8Array;
}

/** What a camera must know of a dock to believe its receipts. */
export interface TrustedDock {
  readonly dockId: string;
  /** Raw Ed25519 key that signs handshakes and receipts. */
  readonly publicKey: Uint8Array;
  /** Signed-note verifier key of the dock's ledger: `origin+keyhash+base64`. */
  readonly ledgerVkey: string;
  /** Verifier keys of witnesses (C2SP tlog-cosignature), of whom `quorum` must have cosigned before this camera erases. */
  readonly witnesses?: readonly string[];
  readonly quorum?: number;
}
