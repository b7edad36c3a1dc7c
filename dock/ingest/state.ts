import type { Sha256, Verify } from '../../proto/digest.ts';
import type { CameraId, PersonId, RecordingId } from '../../proto/ids.ts';
import type { Layout } from '../../proto/layout.ts';
import type {
  Accept,
  ErrorCode,
  Growth,
  HelloAck,
  Limits,
  Message,
  Offer,
  Receipt,
  Telemetry,
} from '../../proto/messages.ts';
import type { CameraClock, Holding, HoldingKey, Keys } from '../ports.ts';
import type { Acking } from './acking.ts';
import type { Unit } from './assembly.ts';
import type { Pinging } from './pinging.ts';
import type { Ticketing } from './ticketing.ts';

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
  /** Microseconds that a PDU of this many bytes spends on the line by itself. */
  wireUs(pduBytes: number): number;
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
  /**
   * SHA-256 of every chunk by the verified manifest, one after another; undefined before it arrived and for a condemned
   * recording without a usable table. All else in a manifest is large and not needed here.
   */
  readonly digests: Uint8Array | undefined;
  /** Who carried the camera, by the verified manifest. */
  readonly officer: PersonId | undefined;
  /** Why this recording can only be quarantined. */
  readonly condemned: string | undefined;
  /** Units beyond `durableTo` that have a place in the staging memory, in order; credit reaches to the first gap. */
  readonly units: readonly Unit[];
  /** So many units beyond `durableTo` it may ask a place for: twice as many each time that its camera comes to the last of them. */
  readonly reach: number;
  /** The first unit that has not been checked and handed to the store. */
  readonly nextUnit: number;
  readonly receivedTo: number;
  readonly durableTo: number;
  /** Highest offset that came on this stream. */
  readonly seenTo: number;
  /** The place for the next unit: not asked for, asked for and to be answered at once, or waited for. */
  readonly memory: 'enough' | 'asked' | 'short';
  /** This chunk did not match the manifest the last time it came; if it does not again, the recording is condemned. */
  readonly suspectChunk: number | undefined;
  /** Of what was durable at the beginning; empty when that was nothing. */
  readonly prefixDigest: Uint8Array;
  /** What opened the stream; undefined until the staging memory has answered. */
  readonly accept: Accept | undefined;
  readonly acking: Acking;
}

export type Work =
  | { readonly doing: 'nothing' }
  | { readonly doing: 'leasing'; readonly offer: Offer }
  | { readonly doing: 'receiving'; readonly upload: Upload }
  /** Every byte is durable and the camera asked for custody; or it offered what is settled already. */
  | {
      readonly doing: 'settling';
      readonly key: HoldingKey;
      readonly stream: number;
      /** Of the checkpoint that the camera keeps: the receipt shows that the log grew from there. 0: none. */
      readonly ledgerSize: number;
    }
  | {
      readonly doing: 'settled';
      readonly key: HoldingKey;
      readonly stream: number;
      readonly receipt: Receipt;
      readonly ledgerSize: number;
      /** Of the checkpoint in the receipt. */
      readonly logSize: number;
    };

export type IngestState =
  | { readonly at: 'waiting' }
  | {
      readonly at: 'proving';
      readonly session: Session;
      /** The greeting as it came, and what was answered: the same again gets the same again. */
      readonly hello: Uint8Array;
      readonly answer: HelloAck;
      readonly transcript: Uint8Array;
      readonly heardUs: number;
    }
  | {
      readonly at: 'docked';
      readonly session: Session;
      /** The greeting that this session began with: a recorded copy of it ends nothing. */
      readonly hello: Uint8Array;
      readonly work: Work;
      readonly pinging: Pinging;
      readonly ticketing: Ticketing;
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
  | {
      readonly event: 'leased';
      readonly nowUs: number;
      readonly stream: number;
      readonly holding: Holding;
      /** What an interrupted upload of the same left in memory. Places for all of these are this stream's now. */
      readonly parked: readonly Unit[];
    }
  /** The staging memory has a place for the unit that was asked for. */
  | { readonly event: 'reserved'; readonly nowUs: number; readonly stream: number }
  /** It has none now; `reserved` will follow. */
  | { readonly event: 'crowded'; readonly nowUs: number; readonly stream: number }
  /** Another session takes a lease on what this one is taking in. */
  | { readonly event: 'superseded'; readonly nowUs: number; readonly key: HoldingKey }
  | { readonly event: 'link-ended' }
  /** Unit `unit` of that stream survived a pulled plug. */
  | { readonly event: 'stored'; readonly nowUs: number; readonly stream: number; readonly unit: number }
  | {
      readonly event: 'settled';
      readonly nowUs: number;
      readonly key: HoldingKey;
      readonly receipt: Receipt;
      readonly logSize: number;
    }
  /** The newest checkpoint, for the camera of that session. */
  | {
      readonly event: 'ticket';
      readonly nowUs: number;
      readonly sessionId: Uint8Array;
      readonly checkpoint: { readonly size: number; readonly note: string };
      readonly growth: Growth;
    }
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
  /** Answered by `reserved` or `crowded` before anything else happens. */
  | { readonly effect: 'reserve'; readonly stream: number; readonly bytes: number }
  | { readonly effect: 'release'; readonly stream: number; readonly bytes: number }
  /**
   * The upload is over here. `parked` may be of use to the next one of the same recording; every other place is given
   * back once no write needs it any more.
   */
  | { readonly effect: 'leave'; readonly stream: number; readonly parked: readonly Unit[] }
  | {
      readonly effect: 'store-manifest';
      readonly key: HoldingKey;
      readonly stream: number;
      readonly bytes: Uint8Array;
      /** Of a sealed recording: what nobody could open is no evidence, so they are durable before any chunk. */
      readonly wraps: Uint8Array | undefined;
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
      /** As in Work. */
      readonly ledgerSize: number;
    }
  /** Answered by `ticket`; not at all when the log has not grown since and `onlyGrown` says that nothing else counts. */
  | {
      readonly effect: 'ticket';
      readonly sessionId: Uint8Array;
      readonly cameraId: CameraId;
      readonly from: number;
      readonly onlyGrown: boolean;
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
      readonly officer?: PersonId;
    }
  /** An upload begins, or goes on where an earlier one ended. */
  | {
      readonly news: 'taking';
      readonly cameraId: CameraId;
      readonly recordingId: RecordingId;
      readonly durableBytes: number;
      readonly totalBytes: number;
    }
  /** The camera was told that this recording ends here for now. */
  | { readonly news: 'aborted'; readonly cameraId: CameraId; readonly code: string; readonly message: string }
  /** The session is over, in whatever way. */
  | { readonly news: 'left'; readonly cameraId: CameraId }
  | {
      readonly news: 'refused';
      readonly cameraId?: CameraId;
      readonly code: string;
      readonly message: string;
    }
  /** The camera keeps a checkpoint of this log that is larger than the log: the log was set back. No receipt can be given. */
  | {
      readonly news: 'ledger-behind';
      readonly cameraId: CameraId;
      readonly message: string;
    }
  | { readonly news: 'telemetry'; readonly cameraId: CameraId; readonly telemetry: Telemetry }
  | { readonly news: 'clock'; readonly cameraId: CameraId; readonly clock: CameraClock };

export type IngestStep = readonly [IngestState, readonly IngestEffect[]];
