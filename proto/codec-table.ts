import type { Reader } from 'protobufjs';
import {
  bool,
  bytes,
  bytesOrEmpty,
  bytesUpTo,
  cameraId,
  dockId,
  type Field,
  type Fields,
  list,
  message,
  names,
  officerId,
  optional,
  rangeError,
  record,
  recordingId,
  text,
  uint32,
  uint53,
} from './codec-field.ts';
import { bwc } from './gen/evidence.js';
import {
  CONSISTENCY_HASHES_MAX,
  LEDGER_ENTRY_BYTES_MAX,
  LEDGER_ORIGIN_BYTES_MAX,
  MESSAGE_TEXT_BYTES_MAX,
  MISSING_RANGES_MAX,
  MQTT_PDU_BYTES_MAX,
  PROBE_BYTES,
  PROBES_MAX,
  PROOF_BYTES_MAX,
  SERIAL_PDU_BYTES_MAX,
  TICKET_BYTES_MAX,
  WRAPS_BYTES_MAX,
} from './limits.ts';
import type * as M from './messages.ts';

const wire = bwc.v1;

const bootId = bytes(16);
const nonce = bytes(32);
const sessionId = bytes(8);
const sha256 = bytes(32);
/** Ed25519 (RFC 8032). */
const signature = bytes(64);
/** Stream 0 means "the whole session" in Abort and nothing anywhere else. */
const stream = uint32(1);
const body = bytesUpTo(MQTT_PDU_BYTES_MAX);
const ledgerSize = optional(uint53);
const consistency = optional(list(sha256, CONSISTENCY_HASHES_MAX));

const camera: Field<M.CameraState> = names({
  ready: wire.CameraState.CAMERA_STATE_READY,
  recording: wire.CameraState.CAMERA_STATE_RECORDING,
  docked: wire.CameraState.CAMERA_STATE_DOCKED,
  transferring: wire.CameraState.CAMERA_STATE_TRANSFERRING,
  'storage-full': wire.CameraState.CAMERA_STATE_STORAGE_FULL,
});

const outcome: Field<M.Outcome> = names({
  accepted: wire.Outcome.OUTCOME_ACCEPTED,
  quarantined: wire.Outcome.OUTCOME_QUARANTINED,
});

const errorClass: Field<M.ErrorClass> = names({
  retry: wire.ErrorClass.ERROR_CLASS_RETRY,
  renegotiate: wire.ErrorClass.ERROR_CLASS_RENEGOTIATE,
  'restart-stream': wire.ErrorClass.ERROR_CLASS_RESTART_STREAM,
  never: wire.ErrorClass.ERROR_CLASS_NEVER,
});

const errorCode: Field<M.ErrorCode> = names({
  version: wire.ErrorCode.ERROR_CODE_VERSION,
  'unknown-camera': wire.ErrorCode.ERROR_CODE_UNKNOWN_CAMERA,
  'unknown-dock': wire.ErrorCode.ERROR_CODE_UNKNOWN_DOCK,
  'bad-signature': wire.ErrorCode.ERROR_CODE_BAD_SIGNATURE,
  malformed: wire.ErrorCode.ERROR_CODE_MALFORMED,
  oversize: wire.ErrorCode.ERROR_CODE_OVERSIZE,
  'no-session': wire.ErrorCode.ERROR_CODE_NO_SESSION,
  'unknown-stream': wire.ErrorCode.ERROR_CODE_UNKNOWN_STREAM,
  'stale-lease': wire.ErrorCode.ERROR_CODE_STALE_LEASE,
  'prefix-mismatch': wire.ErrorCode.ERROR_CODE_PREFIX_MISMATCH,
  'bad-manifest': wire.ErrorCode.ERROR_CODE_BAD_MANIFEST,
  'bad-chunk': wire.ErrorCode.ERROR_CODE_BAD_CHUNK,
  'storage-full': wire.ErrorCode.ERROR_CODE_STORAGE_FULL,
  'storage-fault': wire.ErrorCode.ERROR_CODE_STORAGE_FAULT,
  busy: wire.ErrorCode.ERROR_CODE_BUSY,
  'shutting-down': wire.ErrorCode.ERROR_CODE_SHUTTING_DOWN,
  'bad-receipt': wire.ErrorCode.ERROR_CODE_BAD_RECEIPT,
});

// At least 1, or a sender that obeys would never get anything across.
const limits = record<M.Limits>({
  pduBytesMax: uint32(1),
  fragmentBytesMax: uint32(1),
  streamsMax: uint32(1),
});

const byteRange = record<M.ByteRange>({ start: uint53, end: uint53 }, (range) => {
  if (range.start >= range.end) throw rangeError('range', 'is empty');
});

// 4 Mbit/s is the most that common USB bridges do; 300 bit/s is slower than any port still in use.
const baud = uint32(300, 4_000_000);

/** What protobufjs generated for one message. */
export interface WireType {
  encode(wire: object): { finish(): Uint8Array };
  decode(reader: Reader): object;
}

/** A message: its generated code, and our range-checked view of its fields. */
export interface Entry<T> {
  readonly wire: WireType;
  readonly fields: Field<T>;
}

type Untyped<T> = Omit<T, 'type'>;

const entry = <T extends object>(
  generated: WireType,
  fields: Fields<Untyped<T>>,
  check?: (value: Untyped<T>) => void,
): Entry<Untyped<T>> => ({ wire: generated, fields: record(fields, check) });

/** Every message that travels as a PDU. The order of fields is the order of their numbers in the schema. */
export const MESSAGES: {
  readonly [T in M.Message['type']]: Entry<Untyped<Extract<M.Message, { type: T }>>>;
} = {
  hello: entry<M.Hello>(
    wire.Hello,
    {
      versionMin: uint32(1),
      versionMax: uint32(1),
      features: uint53,
      cameraId,
      bootId,
      nonce,
      limits,
      cameraMonoUs: uint53,
      cameraWallUs: uint53,
    },
    checkVersions,
  ),
  'hello-ack': entry<M.HelloAck>(wire.HelloAck, { body, signature }),
  'hello-confirm': entry<M.HelloConfirm>(wire.HelloConfirm, { sessionId, signature, ledgerSize }),
  'link-propose': entry<M.LinkPropose>(wire.LinkPropose, {
    id: uint32(1),
    baud,
    rtsCts: bool,
    fragmentBytesMax: uint32(1),
  }),
  'link-commit': entry<M.LinkCommit>(wire.LinkCommit, {
    id: uint32(1),
    baud,
    rtsCts: bool,
    fragmentBytesMax: uint32(1),
  }),
  'link-probe': entry<M.LinkProbe>(
    wire.LinkProbe,
    { id: uint32(1), seq: uint32(), count: uint32(1, PROBES_MAX), pattern: bytesUpTo(PROBE_BYTES) },
    ({ seq, count }) => {
      if (seq >= count) throw rangeError('seq', 'is not below count');
    },
  ),
  'link-report': entry<M.LinkReport>(wire.LinkReport, {
    id: uint32(1),
    received: uint32(0, PROBES_MAX),
    keep: bool,
  }),
  part: entry<M.Part>(
    wire.Part,
    {
      id: uint32(),
      total: uint32(1, SERIAL_PDU_BYTES_MAX),
      offset: uint32(),
      piece: bytesUpTo(SERIAL_PDU_BYTES_MAX),
    },
    ({ total, offset, piece }) => {
      if (piece.length === 0) throw rangeError('piece', 'is empty');
      if (offset + piece.length > total) throw rangeError('piece', 'goes beyond the whole');
    },
  ),
  offer: entry<M.Offer>(wire.Offer, {
    sessionId,
    recordingId,
    // How large is too large is for the dock to judge, which then says so; the codec only refuses nonsense.
    manifestBytes: uint32(1),
    manifestSha256: sha256,
    contentBytes: uint53,
    wraps: optional(bytesUpTo(WRAPS_BYTES_MAX)),
    ledgerSize,
  }),
  accept: entry<M.Accept>(
    wire.Accept,
    {
      sessionId,
      recordingId,
      stream,
      leaseEpoch: uint32(),
      durableTo: uint53,
      prefixDigest: bytesOrEmpty(32),
      creditTo: uint53,
      receivedTo: uint53,
      held: list(byteRange, MISSING_RANGES_MAX),
    },
    checkAccept,
  ),
  data: entry<M.Data>(
    wire.Data,
    { stream, txSeq: uint32(), flags: uint32(), offset: uint53, payload: body },
    checkData,
  ),
  ack: entry<M.Ack>(
    wire.Ack,
    {
      stream,
      maxTxSeq: uint32(),
      receivedTo: uint53,
      durableTo: uint53,
      creditTo: uint53,
      missing: list(byteRange, MISSING_RANGES_MAX),
      pause: bool,
      code: optional(errorCode),
    },
    checkAck,
  ),
  fin: entry<M.Fin>(wire.Fin, { stream, totalBytes: uint53, ledgerSize }),
  receipt: entry<M.Receipt>(wire.Receipt, { body, signature }),
  'receipt-ack': entry<M.ReceiptAck>(wire.ReceiptAck, { recordingId, erased: bool }),
  ticket: entry<M.Ticket>(
    wire.Ticket,
    { sessionId, note: text(TICKET_BYTES_MAX), consistencyFrom: ledgerSize, consistency },
    checkGrowth,
  ),
  ping: entry<M.Ping>(wire.Ping, { sentUs: uint53 }),
  pong: entry<M.Pong>(wire.Pong, {
    pingSentUs: uint53,
    receivedUs: uint53,
    sentUs: uint53,
    wallUs: uint53,
  }),
  telemetry: entry<M.Telemetry>(wire.Telemetry, {
    state: camera,
    batteryPercent: uint32(0, 100),
    flashFreeBytes: uint53,
    recordingsHeld: uint32(),
    officerId,
    cameraWallUs: uint53,
    bytesHeld: optional(uint53),
  }),
  abort: entry<M.Abort>(wire.Abort, {
    stream: uint32(),
    code: errorCode,
    class: errorClass,
    message: message(MESSAGE_TEXT_BYTES_MAX),
    recordingId: optional(recordingId),
    sessionId: optional(sessionId),
  }),
  bye: entry<M.Bye>(wire.Bye, { sessionId: bytesOrEmpty(8), message: message(MESSAGE_TEXT_BYTES_MAX) }),
};

/** The signed part of HelloAck. */
export const HELLO_ACK_BODY: Entry<M.HelloAckBody> = {
  wire: wire.HelloAckBody,
  fields: record<M.HelloAckBody>({
    version: uint32(1),
    features: uint53,
    dockId,
    sessionId,
    nonce,
    limits,
    cameraMonoUs: uint53,
    dockReceivedUs: uint53,
    dockSentUs: uint53,
    ledgerOrigin: text(LEDGER_ORIGIN_BYTES_MAX),
  }),
};

/** The signed part of Receipt. */
export const RECEIPT_BODY: Entry<M.ReceiptBody> = {
  wire: wire.ReceiptBody,
  fields: record<M.ReceiptBody>(
    {
      outcome,
      recordingId,
      manifestSha256: sha256,
      entry: bytesUpTo(LEDGER_ENTRY_BYTES_MAX),
      proof: text(PROOF_BYTES_MAX),
      reason: message(MESSAGE_TEXT_BYTES_MAX),
      consistencyFrom: ledgerSize,
      consistency,
    },
    checkGrowth,
  ),
};

function checkGrowth({ consistencyFrom, consistency: hashes }: M.Growth): void {
  if (consistencyFrom === undefined && hashes !== undefined)
    throw rangeError('consistency', 'is there without the size it starts from');
}

function checkVersions(hello: Untyped<M.Hello>): void {
  if (hello.versionMin > hello.versionMax) throw rangeError('versionMin', 'is above versionMax');
}

function checkAccept(accept: Untyped<M.Accept>): void {
  if (accept.durableTo > 0 !== accept.prefixDigest.length > 0) {
    throw rangeError('prefixDigest', 'must be there exactly when something is durable');
  }
  if (accept.durableTo > accept.receivedTo) throw rangeError('durableTo', 'is beyond receivedTo');
  checkRanges('held', accept.held, accept.receivedTo);
}

/** Throws PduError PDU_RANGE when the payload would end beyond the largest exact integer. */
export function checkData(data: { readonly offset: number; readonly payload: Uint8Array }): void {
  if (data.offset + data.payload.length > Number.MAX_SAFE_INTEGER) throw rangeError('offset', 'is too large');
}

function checkAck(ack: Untyped<M.Ack>): void {
  if (ack.durableTo > ack.receivedTo) throw rangeError('durableTo', 'is beyond receivedTo');
  checkRanges('missing', ack.missing, ack.receivedTo);
}

/** In order, and none before `receivedTo`. */
function checkRanges(name: string, ranges: readonly M.ByteRange[], receivedTo: number): void {
  let from = receivedTo;
  for (const range of ranges) {
    if (range.start < from) throw rangeError(name, 'has ranges out of order, or before receivedTo');
    from = range.end;
  }
}
