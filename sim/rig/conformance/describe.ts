import { toHex } from '../../../proto/bytes.ts';
import { decodeHelloAckBody, decodeReceiptBody } from '../../../proto/codec.ts';
import type { ByteRange, Message } from '../../../proto/messages.ts';

const HEX_BYTES_SHOWN = 4;

/** One message in one line for people: its type and the fields that matter in a quarrel. Never throws. */
export function describe(message: Message): string {
  const fields = fieldsOf(message);
  return fields === '' ? message.type : `${message.type} ${fields}`;
}

/** The first bytes of something too long to print. */
export function brief(bytes: Uint8Array): string {
  const shown = toHex(bytes.subarray(0, HEX_BYTES_SHOWN));
  return bytes.length > HEX_BYTES_SHOWN ? `${shown}…` : shown;
}

export function ranges(list: readonly ByteRange[]): string {
  return `[${list.map(({ start, end }) => `${start}–${end}`).join(' ')}]`;
}

function fieldsOf(message: Message): string {
  switch (message.type) {
    case 'hello':
      return `${message.cameraId} versions ${message.versionMin}–${message.versionMax} nonce ${brief(message.nonce)}`;
    case 'hello-ack':
      return orBroken(() => {
        const { dockId, sessionId, nonce } = decodeHelloAckBody(message.body);
        return `${dockId} session ${brief(sessionId)} nonce ${brief(nonce)}`;
      });
    case 'hello-confirm':
      return `session ${brief(message.sessionId)}`;
    case 'link-propose':
    case 'link-commit':
      return `${message.id} ${message.baud} bit/s${message.rtsCts ? ' rts/cts' : ''}`;
    case 'link-probe':
      return `${message.id} ${message.seq} of ${message.count}`;
    case 'link-report':
      return `${message.id} received ${message.received}${message.keep ? ' keep' : ''}`;
    case 'part':
      return `${message.id} ${message.offset}+${message.piece.length} of ${message.total}`;
    case 'ping':
      return `sent ${message.sentUs}`;
    case 'pong':
      return `to ${message.pingSentUs}: ${message.receivedUs}, ${message.sentUs}`;
    case 'telemetry':
      return `${message.state} ${message.batteryPercent} %`;
    case 'abort':
      return `${message.code} (${message.class}) stream ${message.stream}: ${message.message}`;
    case 'bye':
      return message.message;
    default:
      return uploadFields(message);
  }
}

type UploadMessage = Extract<
  Message,
  { type: 'offer' | 'accept' | 'data' | 'ack' | 'fin' | 'receipt' | 'receipt-ack' | 'ticket' }
>;

function uploadFields(message: UploadMessage): string {
  switch (message.type) {
    case 'offer':
      return `${brief(Buffer.from(message.recordingId, 'hex'))} ${message.manifestBytes}+${message.contentBytes} B`;
    case 'accept':
      return (
        `stream ${message.stream} epoch ${message.leaseEpoch} durable ${message.durableTo} ` +
        `received ${message.receivedTo} credit ${message.creditTo} held ${ranges(message.held)}`
      );
    case 'data':
      return `stream ${message.stream} #${message.txSeq} ${message.offset}–${message.offset + message.payload.length}${message.flags === 0 ? '' : ' now'}`;
    case 'ack':
      return (
        `stream ${message.stream} #${message.maxTxSeq} received ${message.receivedTo} durable ${message.durableTo} ` +
        `credit ${message.creditTo} missing ${ranges(message.missing)}${message.pause ? ' pause' : ''}${message.code === undefined ? '' : ` ${message.code}`}`
      );
    case 'fin':
      return `stream ${message.stream} ${message.totalBytes} B`;
    case 'receipt':
      return orBroken(() => {
        const { outcome, recordingId, reason } = decodeReceiptBody(message.body);
        return `${outcome} ${recordingId.slice(0, 2 * HEX_BYTES_SHOWN)}… ${reason}`;
      });
    case 'ticket':
      return `checkpoint of ${message.note.split('\n', 2)[1] ?? '?'} entries, ${message.consistency?.length ?? 0} hashes from ${message.consistencyFrom ?? 0}`;
    case 'receipt-ack':
      return message.erased ? 'erased' : 'kept';
    default:
      return message satisfies never;
  }
}

function orBroken(describeBody: () => string): string {
  try {
    return describeBody();
  } catch {
    return 'with a body that does not decode';
  }
}
