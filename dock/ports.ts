import type { ChunkSpan } from '../proto/fragments.ts';
import type { CameraId, DockId, PersonId, RecordingId } from '../proto/ids.ts';
import type { Manifest } from '../proto/manifest.ts';

export type Cancel = () => void;

/** Wall time goes into records; monotonic time into deadlines. Never compare one with the other. */
export interface Clock {
  /** UTC by this machine, microseconds since 1970. May step. */
  wallUs(): number;
  /** Microseconds since this process started; never goes back. */
  monoUs(): number;
  /** Calls `wake` once after `delayMs`; never before, never after `Cancel`. */
  after(delayMs: number, wake: () => void): Cancel;
}

/**
 * One connection to one camera: whole packets, then an end. May lose, repeat or reorder them; never invents one,
 * as every packet passed its CRC. Packets are PDUs (`type | protobuf | crc32c`).
 */
export interface Link {
  /** For people: `bay /dev/pts/4`, `mqtt cam-2`. */
  readonly name: string;
  readonly transport: 'serial' | 'mqtt';
  readonly pduBytesMax: number;
  readonly fragmentBytesMax: number;
  /** Microseconds that a PDU of this many bytes spends on the line by itself; 0 where the line has no rate of its own. */
  wireUs(pduBytes: number): number;
  readonly spoiledFrames?: number; // By noise so far, where the line knows of noise.
  /** The only camera that may speak on this link, when the transport says so (MQTT topic). */
  readonly cameraId?: CameraId;
  /** Ends when the link is gone or closed. May be iterated once. Holds a bounded number of packets. */
  packets(): AsyncIterable<Uint8Array>;
  /** Resolves when the link can take another packet of that lane; control overtakes queued data. Rejects with LinkError once gone. */
  send(pdu: Uint8Array, lane: 'control' | 'data'): Promise<void>;
  close(): Promise<void>;
}

/** Where links come from: a serial bay yields a new one each time its port opens, a broker one per camera. */
export interface LinkSource {
  readonly name: string;
  links(): AsyncIterable<Link>;
  close(): Promise<void>;
}

/** When a chunk's last byte was verified, by the dock's clock. */
export interface Stamp {
  readonly receivedAtUs: number;
  /** Half-width of the interval, in microseconds, against the clock that `basis` names. */
  readonly uncertaintyUs: number;
  /** `local`: this machine's own clock, with no claim about UTC. `utc`: the bound holds against UTC. */
  readonly basis: 'local' | 'utc';
  /** Of this dock's clock: stamps and entries are compared within one epoch, which ends when the clock jumps or the dock stops. */
  readonly epoch?: number;
}

/** Stamps what was verified, by whatever is known of the dock's clock. */
export interface Stamper {
  /** Of bytes that were verified now and had reached this program when the monotonic clock said `sinceUs`. A jump of the clock shows in the answer at once. */
  stamp(sinceUs: number): Stamp;
  /** Resolves once the ledger has every epoch that a stamp has named so far; no stamp may be kept before. Throws LedgerError. */
  recorded(): Promise<void>;
}

/**
 * `incoming` still wants chunks; `held` has an accepted entry; `quarantined` has a refused one and is never released; `destroyed` had its
 * wraps and content destroyed at the end of its time: manifest and stamps are left.
 */
export type HoldingState = 'incoming' | 'held' | 'quarantined' | 'destroyed';

/** One recording as the dock holds it. */
export interface Holding {
  readonly recordingId: RecordingId;
  readonly cameraId: CameraId;
  readonly transport: 'serial' | 'mqtt';
  readonly manifestSha256: Uint8Array;
  readonly manifestBytes: number;
  readonly contentBytes: number;
  readonly state: HoldingState;
  /** Rises with every lease taken on this holding; only the newest may write. */
  readonly leaseEpoch: number;
  /** Encoded SignedManifest once durable. */
  readonly signedManifest?: Uint8Array;
  /** Encoded Wraps of a sealed recording, once durable. */
  readonly wraps?: Uint8Array;
  /** Chunks 0..durableChunks-1 are durable. */
  readonly durableChunks: number;
  /** Ledger index of the accepted or refused entry. */
  readonly entryIndex?: number;
  /** Why it was quarantined. */
  readonly reason?: string;
  /** Of the last chunk. */
  readonly received?: Stamp;
  /** Another manifest was offered under the same recording id before this one: it can only be quarantined. */
  readonly conflict?: true;
  /** Its manifest, or its wraps, on disk are missing or no longer what was accepted, and are then absent here. */
  readonly damaged?: true;
}

/** The key of a holding: one recording id may be offered with two different manifests, and the two are never mixed. */
export interface HoldingKey {
  readonly recordingId: RecordingId;
  readonly manifestSha256: Uint8Array;
  /** When given, a write is refused (STORE_STALE) unless this is the newest lease. A `Holding` is a key that carries its lease. */
  readonly leaseEpoch?: number;
}

export interface OfferedRecording extends HoldingKey {
  readonly cameraId: CameraId;
  readonly transport: 'serial' | 'mqtt';
  readonly manifestBytes: number;
  readonly contentBytes: number;
}

/**
 * Write-once bytes by holding and chunk index. Each method that writes resolves only when the bytes and
 * their index row survive a pulled plug. Throws StoreError: STORE_FULL, STORE_IO, STORE_CONFLICT, STORE_ROT, and
 * STORE_STALE when what the caller believes of the holding is no longer so: take a new lease and look again.
 */
export interface ChunkStore {
  /** Opens or resumes a holding and takes the next lease on it. */
  lease(offer: OfferedRecording): Promise<Holding>;
  /** The caller has checked lengths and digests; `wraps` are those of a sealed recording. Both are durable when this resolves. */
  putManifest(key: HoldingKey, signedManifest: Uint8Array, wraps?: Uint8Array): Promise<void>;
  /** Chunk `index` must be the next one. The caller has checked it against the manifest; the store checks the digest again on disk when settling. */
  putChunk(
    key: HoldingKey,
    index: number,
    sha256: Uint8Array,
    stored: Uint8Array,
    stamp: Stamp,
  ): Promise<void>;
  /**
   * Reads manifest and every chunk back from the disk, and makes the stamps file durable. STORE_ROT when the disk does
   * not give back what was put; an incoming holding then forgets it, and the camera, which still has it, is asked again.
   */
  rehash(key: HoldingKey): Promise<Rehashed>;
  /** Ends `incoming`. For `quarantined` what arrived is moved aside and kept. */
  settle(key: HoldingKey, outcome: Settlement): Promise<void>;
}

/** A second disk: gives how many copies there are, each durable and read back. Throws STORE_MIRROR while the second cannot be made. */
export interface Mirror {
  copy(key: HoldingKey): Promise<number>;
}

/** What a dock remembers of its cameras' seals, across restarts and the loss of its index. */
export interface SealMemory {
  /** A sealed recording with a lower counter than `before`, or one that cannot be read, was accepted: an unsealed one is no longer believed. */
  hasSealed(camera: CameraId, before: number): Promise<boolean>;
}

/** What the disk really holds of one recording. */
export interface Rehashed {
  /** Encoded SignedManifest as read back. */
  readonly signedManifest: Uint8Array;
  /** Encoded Wraps as read back, of a sealed recording. */
  readonly wraps?: Uint8Array;
  /** SHA-256 of every stored chunk as read back, in order. */
  readonly digests: readonly Uint8Array[];
  readonly stampsSha256: Uint8Array;
  /** The last chunk's stamp. */
  readonly received: Stamp;
}

export type Settlement =
  | { readonly state: 'held'; readonly entryIndex: number }
  | { readonly state: 'quarantined'; readonly entryIndex: number; readonly reason: string };

/** What `release` and `viewer` may read of the same store. Content comes back only with its digest checked. */
export interface Holdings {
  list(state?: HoldingState): Promise<readonly Holding[]>; // All of them, or all in one state.
  named(state: HoldingState): Promise<readonly Pick<Holding, 'recordingId' | 'cameraId'>[]>; // By the index alone.
  /** The held recording with this id, never an incoming or quarantined one. */
  find(recordingId: RecordingId): Promise<Holding | undefined>;
  /** Throws StoreError STORE_ROT when the bytes on disk are not what was accepted. */
  readChunk(recordingId: RecordingId, index: number): Promise<Uint8Array>;
  stamps(recordingId: RecordingId): Promise<readonly Stamp[]>;
}

/** What `Ledger.proveSince` gives; `size` is that of the checkpoint that both proofs are about. */
export interface ProvenSince {
  /** C2SP tlog-proof, with the checkpoint in it. */
  readonly proof: string;
  readonly consistency: readonly Uint8Array[];
  readonly size: number;
}

/** The dock's transparency log. An old entry never changes; indices have no gaps. */
export interface Ledger {
  readonly origin: string;
  readonly vkey: string;
  /**
   * Appends the entry under `key` once; a second call with the same key returns the first index and adds nothing.
   * Resolves when a signed checkpoint that covers the entry is on disk.
   */
  appendOnce(key: string, entry: Uint8Array): Promise<number>;
  /** C2SP tlog-proof of that entry against the newest checkpoint. */
  prove(index: number): Promise<string>;
  /** The same for somebody who has kept a checkpoint of `from` entries (0: none): proof and consistency speak of one checkpoint. */
  proveSince(index: number, from: number): Promise<ProvenSince>;
  /**
   * RFC 6962 proof that the tree of `to` entries (default: the newest checkpoint's) begins with that of `from`;
   * nothing when `from` is 0 or equal. Rejects unless `0 <= from <= to <=` size of the newest checkpoint.
   */
  proveConsistency(from: number, to?: number): Promise<readonly Uint8Array[]>;
  /** Entries `start..end` of the published log. */
  read(start: number, end: number): Promise<readonly Uint8Array[]>;
  /** Entries that are decided on and not published yet, in order; they come before whatever is appended from now on. */
  intended(): Promise<readonly Uint8Array[]>;
  /** The newest published checkpoint, a signed note. */
  checkpoint(): Promise<{ readonly size: number; readonly note: string }>;
}

/** The dock's own identity. Signing is Ed25519. */
export interface Keys {
  readonly dockId: DockId;
  sign(message: Uint8Array): Uint8Array;
  /** Raw Ed25519 public key of an enrolled camera, or undefined. Looked up afresh, so enrolling needs no restart. */
  camera(cameraId: CameraId): Uint8Array | undefined;
  /** Keyed pseudonym of a person for the ledger: HMAC-SHA256, hex; badge numbers could be guessed from a bare hash. */
  pseudonym(person: string): string;
  randomBytes(count: number): Uint8Array;
}

/** One fact whose arrival would help, as the policy service names it. */
export interface MissingFact {
  readonly fact: string;
  readonly incident?: string;
  readonly person?: string;
  /** For people: `initial report of Officer 4411 on 24-118842, not yet filed`. */
  readonly text: string;
}

export interface Question {
  readonly person: PersonId;
  readonly recordingId: RecordingId;
  readonly manifestSha256: Uint8Array;
  readonly action: 'view';
  readonly purpose: string;
  /** Present when the person opens the recording now. The grant must be bound to the page's key (RFC 7638) and name chunks `within`. */
  readonly opening?: Pick<Opening, 'token' | 'proof' | 'chunks'> & {
    readonly keyThumbprint: string;
    /** What was asked for in whole fragments, as far as it is held. */
    readonly within: ChunkSpan;
  };
}

/** A grant whose every field was checked against the question and the policy service's pinned key. */
export interface Grant {
  readonly jws: string;
  readonly id: string;
  readonly expiresAtUs: number;
  readonly regime: string;
  readonly policySet: string;
  readonly newestFact: number;
  /** Chunks `chunkStart..chunkEnd` (half-open) that the grant opens. */
  readonly chunkStart: number;
  readonly chunkEnd: number;
  /** The allow rests on somebody's authorisation, which ends then by the service's clock; `leftUs` is from its making. */
  readonly authorised?: { readonly untilS: number; readonly leftUs: number };
}

/** `unreachable` covers down, slow, malformed and wrongly signed; the core treats it as deny and shows the reason. */
export type Verdict =
  | { readonly verdict: 'allow'; readonly grant: Grant; readonly reason: string }
  | {
      readonly verdict: 'deny';
      readonly reason: string;
      readonly missing: readonly MissingFact[];
      readonly regime: string;
      readonly policySet?: string; // Digest of the rules' texts, where the service says it.
      readonly concerns: boolean; // The person took part, or reviews it: they may know that the recording exists.
      readonly isStranger?: boolean; // The service says that they have no part in it at all: no other purpose would be allowed.
    }
  | { readonly verdict: 'unreachable'; readonly reason: string };

/** The policy service, seen from the dock. Never throws for what the service does wrong: that is `unreachable`. */
export interface Policy {
  decide(question: Question): Promise<Verdict>;
  /** Tells the service that a recording is in custody. Idempotent. False when it could not be told; try again later. */
  register(recording: RegisteredRecording): Promise<boolean>;
  /** Yields once for every fact the service announces, and `reconnected` after a gap; ends only when closed. */
  events(): AsyncIterable<PolicyEvent>;
  /** The person a viewer token speaks for, or why it is not believed. */
  viewer(token: string): Promise<Viewer | { readonly refused: string }>;
  close(): Promise<void>;
}

export interface RegisteredRecording {
  readonly recordingId: RecordingId;
  readonly manifest: Manifest;
  readonly signedManifest: Uint8Array;
  /** Encoded Wraps of a sealed recording. */
  readonly wraps?: Uint8Array;
}

export type PolicyEvent =
  | {
      readonly event: 'fact';
      readonly index: number;
      readonly type: string;
      readonly incident?: string;
      readonly recording?: string;
      readonly person?: string;
      readonly recordings?: readonly string[]; // Those whose answers it can change; all of them when absent.
    }
  | { readonly event: 'reconnected' }
  | { readonly event: 'rules' }; // Other rules hold, so every answer may differ, though no fact came.

export interface Viewer {
  readonly person: PersonId;
  readonly name: string;
  readonly roles: readonly string[];
  /** RFC 7638 thumbprint of the page's key, which must sign each opening. */
  readonly keyThumbprint: string;
  readonly expiresAtUs: number;
}

/** What the viewer may show of one recording to one person. */
export interface ReleaseStatus {
  readonly recordingId: RecordingId;
  readonly person: PersonId;
  readonly status: 'released' | 'withheld';
  readonly reason: string;
  readonly missing: readonly MissingFact[];
  readonly regime: string;
  readonly policySet?: string; // Digest of the texts of the rules that decided, where the service says it.
  /** The purpose that was allowed, or, while withheld, the one that `reason` and `missing` are about. */
  readonly purpose: string;
  readonly viewed?: true; // Bytes of it have left for this person, says the ledger.
  /** They made it, may view it, or the policy service has said that it concerns them. Others are not told that it exists. */
  readonly mayKnow: boolean;
  readonly entryIndex?: number; // Of the newest released, withheld or revoked entry about this pair.
}

/** A person's wish to open one recording now, from its start or `chunks` of it. `token` and `proof` are passed on unread. */
export interface Opening {
  readonly recordingId: RecordingId;
  readonly purpose: string;
  readonly viewer: Viewer;
  readonly token: string;
  readonly proof: string;
  readonly chunks?: ChunkSpan | undefined;
}

export interface ChunkAddress {
  readonly recordingId: RecordingId;
  readonly index: number;
}

/** An opened recording: the right to fetch its chunks for a while. */
export interface ContentSession {
  readonly sessionId: string;
  readonly recordingId: RecordingId;
  readonly person: PersonId;
  readonly grant: Grant;
  readonly entry: Uint8Array; // The `granted` entry as it is in the ledger.
  readonly proof: string; // tlog-proof of that entry.
  readonly expiresAtUs: number;
}

/** The only way the viewer reaches a recording: statuses, and content under a recorded allow. */
export interface Released {
  /** Of every held recording; asks where nothing is known yet. `roles` (of the person's own token) choose what to ask for and give no right. */
  statuses(person: PersonId, roles: readonly string[]): Promise<readonly ReleaseStatus[]>;
  /** Status of one as it is known to whoever has asked for all; undefined for what is not held, or was never asked about. */
  status(person: PersonId, recordingId: RecordingId): ReleaseStatus | undefined;
  /** Asks the policy service afresh and records the answer; content flows only under a session from here. */
  open(opening: Opening): Promise<ContentSession | { readonly refused: Verdict }>;
  /** Chunk bytes under a live session of this person; undefined for anything else, whatever the cause. Writes `viewed` before the first byte. */
  chunk(sessionId: string, person: PersonId, wanted: ChunkAddress): Promise<Uint8Array | undefined>;
  /** Yields after a status changed; until it is returned, `person` is kept informed. */
  changes(person?: PersonId): AsyncIterable<{ readonly recordingId: RecordingId }>;
}

/** Where a camera can be docked, a serial line or an MQTT session, and what moves over it now. */
export interface Bay {
  readonly name: string;
  readonly transport: 'serial' | 'mqtt';
  readonly camera?: CameraId;
  readonly recording?: RecordingId;
  readonly durableBytes?: number;
  readonly totalBytes?: number;
  /** For people: `empty`, `connected`, `receiving`, `verifying`, `idle`. */
  readonly state: string;
  /** The camera's clock against the dock's, once it was measured in this session. */
  readonly clock?: CameraClock;
}

/** How a camera's clock stands to the dock's, by four timestamps each way. Nothing is set by it, and custody does not read it. */
export interface CameraClock {
  /** Camera's monotonic clock less the dock's UTC, microseconds: what to take off a camera's time to get UTC. */
  readonly offsetUs: number;
  readonly boundUs: number; // Half-width of the interval around `offsetUs` and `wallOffsetUs`, microseconds.
  /** Camera's idea of UTC less the dock's, microseconds; absent when the camera does not say. */
  readonly wallOffsetUs?: number;
  /** How much faster the camera's monotonic clock runs, parts per million; absent while the time watched is too short. */
  readonly drift?: { readonly ppm: number; readonly boundPpm: number };
}
