import type { CameraId, DockId, RecordingId } from './ids.ts';

/** What one side can take; see `Limits` in evidence.proto. */
export interface Limits {
  readonly pduBytesMax: number;
  readonly fragmentBytesMax: number;
  readonly streamsMax: number;
}

export interface Hello {
  readonly type: 'hello';
  readonly versionMin: number;
  readonly versionMax: number;
  readonly features: number;
  readonly cameraId: CameraId;
  readonly bootId: Uint8Array;
  readonly nonce: Uint8Array;
  readonly limits: Limits;
  readonly cameraMonoUs: number;
  readonly cameraWallUs: number;
}

export interface HelloAckBody {
  readonly version: number;
  readonly features: number;
  readonly dockId: DockId;
  readonly sessionId: Uint8Array;
  readonly nonce: Uint8Array;
  readonly limits: Limits;
  readonly cameraMonoUs: number;
  readonly dockReceivedUs: number;
  readonly dockSentUs: number;
  readonly ledgerOrigin: string;
}

/** `body` stays bytes, since the signature is over them; `decodeHelloAckBody` opens it. */
export interface HelloAck {
  readonly type: 'hello-ack';
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
}

export interface HelloConfirm {
  readonly type: 'hello-confirm';
  readonly sessionId: Uint8Array;
  readonly signature: Uint8Array;
  /** Of the newest checkpoint of this dock's log that the camera keeps; absent when it keeps none. */
  readonly ledgerSize?: number;
}

/** Asks for another rate on a serial line; rates are bits a second. */
export interface LinkPropose {
  readonly type: 'link-propose';
  /** Of this negotiation, never 0. */
  readonly id: number;
  readonly baud: number;
  readonly rtsCts: boolean;
  readonly fragmentBytesMax: number;
}

export interface LinkCommit {
  readonly type: 'link-commit';
  readonly id: number;
  readonly baud: number;
  readonly rtsCts: boolean;
  readonly fragmentBytesMax: number;
}

export interface LinkProbe {
  readonly type: 'link-probe';
  readonly id: number;
  /** 0 to `count - 1`. */
  readonly seq: number;
  readonly count: number;
  readonly pattern: Uint8Array;
}

export interface LinkReport {
  readonly type: 'link-report';
  readonly id: number;
  /** Good probes of the other side. */
  readonly received: number;
  readonly keep: boolean;
}

/**
 * A piece of a longer PDU on a serial line. `id` is the CRC-32C that this PDU ends in, its last four bytes as a little-endian
 * number. (A CRC over the PDU and its own CRC would be 48674bc7 for every PDU, and would tell none from another.)
 */
export interface Part {
  readonly type: 'part';
  readonly id: number;
  readonly total: number;
  readonly offset: number;
  /** A view into the PDU: copy what outlives the call. */
  readonly piece: Uint8Array;
}

export interface Offer {
  readonly type: 'offer';
  readonly sessionId: Uint8Array;
  readonly recordingId: RecordingId;
  readonly manifestBytes: number;
  readonly manifestSha256: Uint8Array;
  readonly contentBytes: number;
  /** Encoded Wraps of a sealed recording. */
  readonly wraps?: Uint8Array;
  /** As in HelloConfirm. */
  readonly ledgerSize?: number;
}

export interface Accept {
  readonly type: 'accept';
  readonly sessionId: Uint8Array;
  readonly recordingId: RecordingId;
  readonly stream: number;
  readonly leaseEpoch: number;
  readonly durableTo: number;
  readonly prefixDigest: Uint8Array;
  readonly creditTo: number;
  /** At least `durableTo`: what lies between is in the dock's memory. */
  readonly receivedTo: number;
  /** Ranges beyond `receivedTo` that the dock's memory has too. */
  readonly held: readonly ByteRange[];
}

export interface Data {
  readonly type: 'data';
  readonly stream: number;
  readonly txSeq: number;
  readonly flags: number;
  readonly offset: number;
  /** A view into the PDU: copy what outlives the call. */
  readonly payload: Uint8Array;
}

/** Bit 0 of `Data.flags`: the sender asks for an Ack now. */
export const DATA_FLAG_ACK_NOW = 1;

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface Ack {
  readonly type: 'ack';
  readonly stream: number;
  readonly maxTxSeq: number;
  readonly receivedTo: number;
  readonly durableTo: number;
  readonly creditTo: number;
  readonly missing: readonly ByteRange[];
  readonly pause: boolean;
  /** Why there is no more credit, when there is a reason. */
  readonly code?: ErrorCode;
}

export interface Fin {
  readonly type: 'fin';
  readonly stream: number;
  readonly totalBytes: number;
  /** As in HelloConfirm. */
  readonly ledgerSize?: number;
}

export type Outcome = 'accepted' | 'quarantined';

/** That a log has only grown: an RFC 6962 consistency proof up to the checkpoint it comes with. */
export interface Growth {
  /** Size of the older tree; absent when there is none to compare with. */
  readonly consistencyFrom?: number;
  readonly consistency?: readonly Uint8Array[];
}

export interface ReceiptBody extends Growth {
  readonly outcome: Outcome;
  readonly recordingId: RecordingId;
  readonly manifestSha256: Uint8Array;
  readonly entry: Uint8Array;
  readonly proof: string;
  readonly reason: string;
}

/** `body` stays bytes, since the signature is over them; `decodeReceiptBody` opens it. */
export interface Receipt {
  readonly type: 'receipt';
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
}

export interface ReceiptAck {
  readonly type: 'receipt-ack';
  readonly recordingId: RecordingId;
  readonly erased: boolean;
}

/** The newest checkpoint of the dock's log, for the camera to keep. */
export interface Ticket extends Growth {
  readonly type: 'ticket';
  readonly sessionId: Uint8Array;
  /** Signed checkpoint, perhaps with cosignatures. */
  readonly note: string;
}

export interface Ping {
  readonly type: 'ping';
  readonly sentUs: number;
}

export interface Pong {
  readonly type: 'pong';
  readonly pingSentUs: number;
  readonly receivedUs: number;
  readonly sentUs: number;
  /** The answerer's idea of UTC at `sentUs`; 0 when it gives none. */
  readonly wallUs: number;
}

export type CameraState = 'ready' | 'recording' | 'docked' | 'transferring' | 'storage-full';

export interface Telemetry {
  readonly type: 'telemetry';
  readonly state: CameraState;
  readonly batteryPercent: number;
  readonly flashFreeBytes: number;
  readonly recordingsHeld: number;
  readonly officerId: string;
  readonly cameraWallUs: number;
  /** Manifests and content of the recordings held; absent when there are none, and from a camera that does not say. */
  readonly bytesHeld?: number;
}

export type ErrorClass = 'retry' | 'renegotiate' | 'restart-stream' | 'never';

export type ErrorCode =
  | 'version'
  | 'unknown-camera'
  | 'unknown-dock'
  | 'bad-signature'
  | 'malformed'
  | 'oversize'
  | 'no-session'
  | 'unknown-stream'
  | 'stale-lease'
  | 'prefix-mismatch'
  | 'bad-manifest'
  | 'bad-chunk'
  | 'storage-full'
  | 'storage-fault'
  | 'busy'
  | 'shutting-down'
  | 'bad-receipt';

export interface Abort {
  readonly type: 'abort';
  /** 0 means the whole session. */
  readonly stream: number;
  readonly code: ErrorCode;
  readonly class: ErrorClass;
  /** For people; at most 256 bytes of UTF-8, cut by the encoder. */
  readonly message: string;
  readonly recordingId?: RecordingId;
  readonly sessionId?: Uint8Array;
}

export interface Bye {
  readonly type: 'bye';
  /** Empty in the last will of an MQTT camera, which was given to the broker before there was a session. */
  readonly sessionId: Uint8Array;
  readonly message: string;
}

/** Every message that travels as a PDU. Decoded once at the edge and range-checked there; trusted inside. */
export type Message =
  | Hello
  | HelloAck
  | HelloConfirm
  | LinkPropose
  | LinkCommit
  | LinkProbe
  | LinkReport
  | Part
  | Offer
  | Accept
  | Data
  | Ack
  | Fin
  | Receipt
  | ReceiptAck
  | Ticket
  | Ping
  | Pong
  | Telemetry
  | Abort
  | Bye;

/** The type byte in front of each message. Values are never reused. */
export const MESSAGE_TYPE = {
  hello: 0x01,
  'hello-ack': 0x02,
  'hello-confirm': 0x03,
  'link-propose': 0x04,
  'link-commit': 0x05,
  'link-probe': 0x06,
  'link-report': 0x07,
  part: 0x08,
  offer: 0x10,
  accept: 0x11,
  data: 0x12,
  ack: 0x13,
  fin: 0x14,
  receipt: 0x15,
  'receipt-ack': 0x16,
  ticket: 0x17,
  ping: 0x20,
  pong: 0x21,
  telemetry: 0x22,
  abort: 0x2e,
  bye: 0x2f,
} as const satisfies Record<Message['type'], number>;
