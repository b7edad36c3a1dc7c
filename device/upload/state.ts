import type { Sha256, Verify } from '../../proto/digest.ts';
import type { RecordingId } from '../../proto/ids.ts';
import type { Layout } from '../../proto/layout.ts';
import type { Abort, Hello, Limits, Message, Outcome, Receipt } from '../../proto/messages.ts';
import type { ClosedRecording, FragmentBytes, Keys, TrustedDock } from '../ports.ts';

/** What the pure step may use besides its state: identity, digests, and the size of one Data payload. */
export interface UploadContext {
  readonly keys: Keys;
  readonly sha256: Sha256;
  readonly verify: Verify;
  readonly bootId: Uint8Array;
  readonly limits: Limits;
  readonly fragmentBytes: FragmentBytes;
}

/** A dock that proved who it is. */
export interface Session {
  readonly sessionId: Uint8Array;
  readonly dock: TrustedDock;
  readonly fragmentBytes: number;
}

/** One recording on its way; offsets are in the stream's byte space (see proto/layout). */
export interface Sending {
  readonly recording: ClosedRecording;
  readonly layout: Layout;
  readonly stream: number;
  readonly nextTxSeq: number;
  /** Next offset to read and send. */
  readonly nextOffset: number;
  /** The furthest offset ever asked for on this stream; going back leaves it. */
  readonly sentTo: number;
  readonly receivedTo: number;
  readonly durableTo: number;
  readonly creditTo: number;
  readonly paused: boolean;
  /** Reads asked for or fragments handed to the link and not yet taken. */
  readonly inHand: number;
  /** Bumped when the window goes back, so that reads asked for before it are thrown away. */
  readonly turn: number;
  /** tx_seq from which the window was last sent again; one rewind per round trip. */
  readonly rewoundAtTxSeq: number;
  readonly progressAtUs: number;
  readonly retransmitMs: number;
}

/** What the session is doing once the dock is known. */
export type Work =
  | { readonly doing: 'nothing' }
  | { readonly doing: 'listing' }
  | { readonly doing: 'backing-off'; readonly untilUs: number }
  | { readonly doing: 'offering'; readonly recording: ClosedRecording; readonly dueUs: number }
  | { readonly doing: 'sending'; readonly sending: Sending }
  | {
      readonly doing: 'finishing';
      readonly recording: ClosedRecording;
      readonly stream: number;
      readonly dueUs: number;
    }
  | { readonly doing: 'erasing'; readonly recording: ClosedRecording };

export type UploadState =
  | { readonly at: 'undocked' }
  | { readonly at: 'greeting'; readonly hello: Hello; readonly dueUs: number; readonly retryMs: number }
  | {
      readonly at: 'docked';
      readonly session: Session;
      readonly work: Work;
      /** Recordings this dock will not take in this session. */
      readonly parked: ReadonlySet<RecordingId>;
      readonly heardUs: number;
      readonly pingDueUs: number;
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
  | { readonly event: 'tick'; readonly nowUs: number; readonly wallUs: number; readonly nonce: Uint8Array }
  | { readonly event: 'listed'; readonly nowUs: number; readonly recordings: readonly ClosedRecording[] }
  | {
      readonly event: 'content';
      readonly nowUs: number;
      readonly stream: number;
      readonly turn: number;
      readonly offset: number;
      readonly bytes: Uint8Array;
    }
  | { readonly event: 'sent'; readonly nowUs: number; readonly stream: number }
  | { readonly event: 'erased'; readonly nowUs: number; readonly recordingId: RecordingId }
  /** The flash could not give the bytes of this recording to this stream, or, without one, could not erase it. */
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
      readonly turn: number;
      readonly start: number;
      readonly end: number;
    }
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
  | { readonly news: 'docked'; readonly dockId: string }
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
