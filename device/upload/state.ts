import type { Sha256, Verify } from '../../proto/digest.ts';
import type { RecordingId } from '../../proto/ids.ts';
import type { Layout } from '../../proto/layout.ts';
import type { Abort, ByteRange, Hello, Limits, Message, Outcome, Receipt } from '../../proto/messages.ts';
import type {
  ClosedRecording,
  DockTime,
  FragmentBytes,
  Keys,
  KeptTicket,
  Link,
  Tickets,
  TrustedDock,
} from '../ports.ts';
import type { FragmentSize } from './fragment-size.ts';
import type { RoundTrip } from './rtt.ts';
import type { Frame } from './scoreboard.ts';

/** What a conversation may use besides its link: identity, digests, and what the camera can take. */
export interface CameraContext {
  readonly keys: Keys;
  readonly sha256: Sha256;
  readonly verify: Verify;
  readonly bootId: Uint8Array;
  readonly limits: Limits;
  readonly fragmentBytes: FragmentBytes;
}

/**
 * What the pure step may use besides its state: the same, what it must know of the link, and what is kept of a dock's ledger
 * (asked once, when a session begins).
 */
export interface UploadContext
  extends CameraContext,
    Pick<Link, 'transport' | 'wireUs'>,
    Pick<Tickets, 'kept'> {}

/** A dock that proved who it is. */
export interface Session {
  readonly sessionId: Uint8Array;
  readonly dock: TrustedDock;
  /** Size of the checkpoint that was kept of its ledger when the session began; the dock was told of it. 0: none. */
  readonly toldSize: number;
}

/** What uploads teach about a link; the next upload of the session starts with it. */
export interface Pace {
  readonly trip: RoundTrip | undefined;
  readonly fragment: FragmentSize;
}

/** Bytes asked of the flash; `isProbe` when they go out again only to be answered. */
export interface Asked extends ByteRange {
  readonly isProbe: boolean;
}

/** One recording on its way; offsets are in the stream's byte space (see proto/layout). */
export interface Sending {
  readonly recording: ClosedRecording;
  readonly layout: Layout;
  readonly stream: number;
  readonly nextTxSeq: number;
  /** Next offset of new bytes; all before it has been asked of the flash at least once, or is held. */
  readonly nextOffset: number;
  /** End of the highest bytes that were handed to the link, or that the dock had when it accepted. */
  readonly sentTo: number;
  readonly receivedTo: number;
  readonly durableTo: number;
  readonly creditTo: number;
  /** Beyond `receivedTo`, and in the dock's memory since before this stream; in order. */
  readonly held: readonly ByteRange[];
  readonly isPaused: boolean;
  /** When the dock accepted, or the newest Ack came that agrees with what is known here. */
  readonly agreedUs: number;
  /** Highest `max_tx_seq` of an Ack. */
  readonly ackedTxSeq: number;
  /** Data of which nobody has said yet how it fared, by tx_seq. */
  readonly flight: readonly Frame[];
  /** To be sent again, ahead of new bytes; in order. */
  readonly repairs: readonly ByteRange[];
  /** Asked of the flash and not read yet. */
  readonly asked: readonly Asked[];
  /** Data that the link was given and has not taken yet. */
  readonly inLane: number;
  /** When Data last asked for an Ack at once. */
  readonly flaggedUs: number;
  /** When the line fell silent, as far as this side can tell: the time to the next probe runs from here. */
  readonly quietUs: number;
  /** Probes since the last progress. */
  readonly probes: number;
  readonly pace: Pace;
}

/** What the session is doing once the dock is known. */
export type Work =
  | { readonly doing: 'listing' }
  | { readonly doing: 'backing-off'; readonly untilUs: number }
  | {
      readonly doing: 'offering';
      readonly recording: ClosedRecording;
      readonly sinceUs: number;
      readonly dueUs: number;
    }
  | { readonly doing: 'sending'; readonly sending: Sending }
  | {
      readonly doing: 'finishing';
      readonly recording: ClosedRecording;
      readonly stream: number;
      readonly sinceUs: number;
      readonly dueUs: number;
    }
  /** The receipt holds. Nothing is erased before the checkpoint that it proves is in the flash. */
  | {
      readonly doing: 'keeping';
      readonly recording: ClosedRecording;
      readonly receipt: Receipt;
      readonly outcome: Outcome;
      readonly ticket: KeptTicket;
    }
  /** The dock could only put it aside: is this camera's own copy what its manifest says? */
  | { readonly doing: 'examining'; readonly recording: ClosedRecording; readonly receipt: Receipt }
  | { readonly doing: 'erasing'; readonly recording: ClosedRecording };

export type UploadState =
  | { readonly at: 'undocked' }
  | { readonly at: 'greeting'; readonly hello: Hello; readonly dueUs: number; readonly retryMs: number }
  | {
      readonly at: 'docked';
      readonly session: Session;
      readonly work: Work;
      /** The newest checkpoint of the dock's ledger that was checked; it may still be on its way into the flash. */
      readonly kept: KeptTicket | undefined;
      /** What was wrong with the last ticket, as it was told to people. */
      readonly doubt: string | undefined;
      /** Recordings this dock will not take in this session. */
      readonly parked: ReadonlySet<RecordingId>;
      /** Recordings that this camera's own memory could not serve, and until when they are left alone. */
      readonly resting: ReadonlyMap<RecordingId, number>;
      readonly pace: Pace;
      /** When the dock was last heard, or else when an upload began: the silence is counted from here. */
      readonly heardUs: number;
      /** When this side last said anything. */
      readonly spokeUs: number;
      readonly pingedUs: number;
    }
  | { readonly at: 'ended'; readonly because: EndReason };

/** The part of a session in which recordings are uploaded. */
export type Docked = Extract<UploadState, { at: 'docked' }>;

/**
 * Why a session is over: `silent` and `renegotiate` may be followed by a new link at once, `later` when the dock had
 * time to recover, `refused` not for a while.
 */
export type EndReason = 'silent' | 'renegotiate' | 'later' | 'refused' | 'bye';

export type UploadEvent =
  | { readonly event: 'start'; readonly nowUs: number; readonly wallUs: number; readonly nonce: Uint8Array }
  | {
      readonly event: 'message';
      readonly nowUs: number;
      readonly wallUs: number;
      readonly message: Message;
      readonly nonce: Uint8Array;
    }
  | { readonly event: 'tick'; readonly nowUs: number }
  /** What arrived passed its CRC and is no message, or is longer than this side takes. */
  | {
      readonly event: 'malformed';
      readonly nowUs: number;
      readonly why: string;
      readonly isOversize: boolean;
    }
  | { readonly event: 'listed'; readonly nowUs: number; readonly recordings: readonly ClosedRecording[] }
  | {
      readonly event: 'content';
      readonly nowUs: number;
      readonly stream: number;
      readonly offset: number;
      readonly bytes: Uint8Array;
    }
  | { readonly event: 'sent'; readonly nowUs: number; readonly stream: number }
  /** The ticket of this receipt survives a pulled battery. */
  | {
      readonly event: 'kept';
      readonly nowUs: number;
      readonly recordingId: RecordingId;
      readonly size: number;
    }
  | { readonly event: 'erased'; readonly nowUs: number; readonly recordingId: RecordingId }
  /** Every byte of it was read and held against its manifest. */
  | {
      readonly event: 'examined';
      readonly nowUs: number;
      readonly recordingId: RecordingId;
      readonly isSound: boolean;
    }
  /** The flash could not give the bytes of this recording to this stream, or, without one, could not keep its ticket or erase it. */
  | {
      readonly event: 'unreadable';
      readonly nowUs: number;
      readonly recordingId: RecordingId;
      readonly stream?: number;
    };

export type UploadEffect =
  | { readonly effect: 'send'; readonly message: Message }
  | { readonly effect: 'list' }
  | {
      readonly effect: 'read';
      readonly recording: ClosedRecording;
      readonly stream: number;
      readonly start: number;
      readonly end: number;
    }
  /** Read it from end to end and answer `examined`. */
  | { readonly effect: 'examine'; readonly recording: ClosedRecording }
  /** A checkpoint was checked: keep it, then, when it came with the receipt of a recording, answer `kept`. */
  | { readonly effect: 'keep'; readonly ticket: KeptTicket; readonly recordingId?: RecordingId }
  /** The receipt was checked: keep it and free the content, then answer `erased`. */
  | {
      readonly effect: 'erase';
      readonly recordingId: RecordingId;
      readonly receipt: Receipt;
      readonly outcome: Outcome;
    }
  | { readonly effect: 'news'; readonly news: UploadNews }
  | { readonly effect: 'end'; readonly because: EndReason };

/** For people and for the rig; nothing depends on it. */
export type UploadNews =
  | {
      readonly news: 'docked';
      readonly dockId: string;
      /** What the dock's clock says, where its two moments can have been. */
      readonly time?: DockTime;
    }
  | {
      readonly news: 'progress';
      readonly recordingId: RecordingId;
      readonly durableBytes: number;
      readonly totalBytes: number;
    }
  | {
      readonly news: 'receipt';
      readonly recordingId: RecordingId;
      readonly outcome: Outcome;
      readonly reason: string;
    }
  | { readonly news: 'refused'; readonly abort: Abort }
  | { readonly news: 'distrust'; readonly why: string }
  | { readonly news: 'idle' };

export type UploadStep = readonly [UploadState, readonly UploadEffect[]];
