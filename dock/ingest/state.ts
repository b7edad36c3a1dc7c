import type { Sha256, Verify } from '../../proto/digest.ts';
import type { CameraId, RecordingId } from '../../proto/ids.ts';
import type { Layout } from '../../proto/layout.ts';
import type { Manifest } from '../../proto/manifest.ts';
import type { Accept, ErrorCode, Limits, Message, Offer, Receipt, Telemetry } from '../../proto/messages.ts';
import type { Holding, HoldingKey, Keys } from '../ports.ts';

/** What the pure step may use besides its state. */
export interface IngestContext {
  readonly keys: Keys;
  readonly sha256: Sha256;
  readonly verify: Verify;
  readonly limits: Limits;
  readonly ledgerOrigin: string;
  readonly transport: 'serial' | 'mqtt';
  /** The only camera that may speak on this link, where the transport knows. */
  readonly linkCameraId?: CameraId;
}

/** A camera that proved who it is. */
export interface Session {
  readonly sessionId: Uint8Array;
  readonly cameraId: CameraId;
  /** The key it proved to have. Its manifests are judged by it, whatever happens to the registry meanwhile. */
  readonly publicKey: Uint8Array;
}

/**
 * One recording on its way in. `layout` is only the manifest until the manifest has been judged; then the chunk
 * table, or equal blocks when the table cannot be believed and everything goes to quarantine.
 */
export interface Upload {
  readonly key: HoldingKey;
  readonly offer: Offer;
  readonly stream: number;
  readonly leaseEpoch: number;
  readonly layout: Layout;
  /** The verified manifest; undefined before it arrived and for a condemned recording without a usable table. */
  readonly manifest: Manifest | undefined;
  /** Why this recording can only be quarantined. */
  readonly condemned: string | undefined;
  /**
   * Bytes of the unit now arriving. Only the front, up to `receivedTo`, means anything: what lies behind belongs to
   * later states, which share this buffer.
   */
  readonly assembly: Uint8Array | undefined;
  readonly receivedTo: number;
  readonly durableTo: number;
  readonly maxTxSeq: number;
  /** Highest offset seen beyond `receivedTo`, for the missing range. */
  readonly seenTo: number;
  /** Units complete in memory whose write has not finished. */
  readonly writing: number;
  /** This chunk did not match the manifest the last time it came; if it does not again, the recording is condemned. */
  readonly suspectChunk: number | undefined;
  /** `receivedTo` of the last Ack, and when it went. */
  readonly ackedTo: number;
  readonly ackedUs: number;
}

export type Work =
  | { readonly doing: 'nothing' }
  | { readonly doing: 'leasing'; readonly offer: Offer }
  | { readonly doing: 'receiving'; readonly upload: Upload; readonly accept: Accept }
  /** Every byte is durable and the camera asked for custody; or it offered what is settled already. */
  | { readonly doing: 'settling'; readonly key: HoldingKey; readonly stream: number }
  | {
      readonly doing: 'settled';
      readonly key: HoldingKey;
      readonly stream: number;
      readonly receipt: Receipt;
    };

export type IngestState =
  | { readonly at: 'waiting' }
  | {
      readonly at: 'proving';
      readonly session: Session;
      readonly transcript: Uint8Array;
      readonly heardUs: number;
    }
  | {
      readonly at: 'docked';
      readonly session: Session;
      readonly work: Work;
      readonly heardUs: number;
      /** Chunks that did not match their manifest when they came, by recording. */
      readonly suspects: ReadonlyMap<RecordingId, number>;
      /** Recordings whose receipt went out in this session: only of these may the camera say that they are erased. */
      readonly receipted: ReadonlySet<RecordingId>;
    }
  | { readonly at: 'ended' };

/** The part of a session in which recordings are taken in. */
export type Docked = Extract<IngestState, { at: 'docked' }>;

/** What the store or the ledger could not do, in the words of the wire. */
export type FailureCode = Extract<
  ErrorCode,
  'storage-full' | 'storage-fault' | 'stale-lease' | 'busy' | 'bad-manifest' | 'unknown-camera'
>;

/** What could not be done: a write of one recording, a record the session rests on, or the note of an erasure. */
export type Failed = HoldingKey | 'session' | 'erasure';

export type IngestEvent =
  | {
      readonly event: 'message';
      readonly nowUs: number;
      readonly wallUs: number;
      readonly message: Message;
      readonly pdu: Uint8Array;
    }
  /** A PDU whose CRC held but whose content is not a valid message. */
  | { readonly event: 'malformed'; readonly nowUs: number; readonly why: string; readonly oversize: boolean }
  | { readonly event: 'tick'; readonly nowUs: number }
  | { readonly event: 'leased'; readonly nowUs: number; readonly stream: number; readonly holding: Holding }
  /** Unit `unit` of that stream survived a pulled plug. */
  | { readonly event: 'stored'; readonly nowUs: number; readonly stream: number; readonly unit: number }
  | { readonly event: 'settled'; readonly nowUs: number; readonly key: HoldingKey; readonly receipt: Receipt }
  /** The store or the ledger could not do it. */
  | {
      readonly event: 'failed';
      readonly nowUs: number;
      readonly code: FailureCode;
      readonly message: string;
      /** `never`: trying again cannot help. */
      readonly retry: 'later' | 'never';
      readonly about: Failed;
    };

/** A message that arrived, with the bytes it was decoded from. */
export type Heard = Extract<IngestEvent, { event: 'message' }>;

export type IngestEffect =
  | { readonly effect: 'send'; readonly message: Message }
  | { readonly effect: 'enrolled'; readonly cameraId: CameraId }
  | { readonly effect: 'lease'; readonly cameraId: CameraId; readonly offer: Offer }
  | {
      readonly effect: 'store-manifest';
      readonly key: HoldingKey;
      readonly stream: number;
      readonly bytes: Uint8Array;
    }
  | {
      readonly effect: 'store-chunk';
      readonly key: HoldingKey;
      readonly stream: number;
      readonly index: number;
      readonly sha256: Uint8Array;
      readonly bytes: Uint8Array;
    }
  /** Take custody; or quarantine when `condemned` says why. */
  | {
      readonly effect: 'settle';
      readonly key: HoldingKey;
      readonly cameraId: CameraId;
      readonly condemned: string | undefined;
    }
  | { readonly effect: 'erased'; readonly cameraId: CameraId; readonly recordingId: RecordingId }
  | { readonly effect: 'news'; readonly news: IngestNews }
  | { readonly effect: 'end'; readonly why: string };

/** For people and for the bays' display; nothing depends on it. */
export type IngestNews =
  | { readonly news: 'docked'; readonly cameraId: CameraId }
  | {
      readonly news: 'progress';
      readonly cameraId: CameraId;
      readonly recordingId: RecordingId;
      readonly durableBytes: number;
      readonly totalBytes: number;
    }
  | {
      readonly news: 'refused';
      readonly cameraId?: CameraId;
      readonly code: string;
      readonly message: string;
    }
  | { readonly news: 'telemetry'; readonly cameraId: CameraId; readonly telemetry: Telemetry };

export type IngestStep = readonly [IngestState, readonly IngestEffect[]];
