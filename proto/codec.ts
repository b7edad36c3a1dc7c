import $protobuf from 'protobufjs/minimal.js';
import { rangeError } from './codec-field.ts';
import { checkData, type Entry, HELLO_ACK_BODY, MESSAGES, RECEIPT_BODY } from './codec-table.ts';
import { CRC_BYTES, type Crc32c, crcHolds, writeCrc } from './crc32c.ts';
import { PduError } from './errors.ts';
import { type Data, type HelloAckBody, type Message, MESSAGE_TYPE, type ReceiptBody } from './messages.ts';

const TYPE_BYTES = 1;
/** A type byte and a CRC around an empty message. */
export const PDU_BYTES_MIN = TYPE_BYTES + CRC_BYTES;

const UINT32_MAX = 0xffff_ffff;
const TYPE_OF_BYTE: ReadonlyMap<number, Message['type']> = typesByNumber();

/** What encoding a Data needs; the rest of the message is fixed. */
export type DataFields = Omit<Data, 'type'>;

/**
 * A whole PDU: `type:u8 | protobuf | crc32c:u32le` over all that is before it.
 * Throws PduError PDU_RANGE for a value that the other side would refuse; that is a mistake of the caller.
 */
export function encodeMessage(message: Message): Uint8Array {
  if (message.type === 'data') return encodeData(message);
  const entry: Entry<object> = MESSAGES[message.type];
  const body = encodeBody(entry, message);
  const pdu = new Uint8Array(TYPE_BYTES + body.length + CRC_BYTES);
  pdu[0] = MESSAGE_TYPE[message.type];
  pdu.set(body, TYPE_BYTES);
  return writeCrc(pdu);
}

/**
 * A whole Data PDU in one allocation. `payload` is the schema's last field, so it is copied once, from the
 * caller's bytes to its place, and protobufjs never sees it. Throws PduError PDU_RANGE.
 */
export function encodeData(data: DataFields): Uint8Array {
  const header = encodeDataHeader(data);
  const pdu = new Uint8Array(header.length + data.payload.length + CRC_BYTES);
  pdu.set(header);
  pdu.set(data.payload, header.length);
  return writeCrc(pdu);
}

/**
 * What goes in front of the payload in a Data PDU, type byte included, for a sender that writes in pieces
 * and sums the CRC over them. Throws PduError PDU_RANGE.
 */
export function encodeDataHeader(data: DataFields): Uint8Array {
  checkUint32('stream', data.stream, 1);
  checkUint32('txSeq', data.txSeq, 0);
  checkUint32('flags', data.flags, 0);
  if (!Number.isSafeInteger(data.offset) || data.offset < 0) throw rangeError('offset', 'is no offset');
  checkData(data);
  const header: number[] = [MESSAGE_TYPE.data];
  pushField(header, 0x08, data.stream);
  pushField(header, 0x10, data.txSeq);
  pushField(header, 0x18, data.flags);
  pushField(header, 0x20, data.offset);
  pushField(header, 0x2a, data.payload.length);
  return Uint8Array.from(header);
}

/**
 * The message inside a PDU, or why there is none. Nothing that a peer sends makes this throw. `bytes` fields
 * are views into `pdu`: copy what outlives it. `maxBytes` is what this side announced in its limits.
 */
export function decodePdu(pdu: Uint8Array, maxBytes: number, sum?: Crc32c): Message | PduError {
  if (pdu.length > maxBytes)
    return refuse('PDU_OVERSIZE', `PDU of ${pdu.length} bytes, more than ${maxBytes}`);
  if (pdu.length < PDU_BYTES_MIN) return refuse('PDU_SHORT', `PDU of ${pdu.length} bytes`);
  if (!crcHolds(pdu, sum)) return refuse('PDU_CRC', 'PDU fails its CRC');
  const number = pdu[0] ?? 0;
  const type = TYPE_OF_BYTE.get(number);
  if (type === undefined) return refuse('PDU_UNKNOWN_TYPE', `PDU of unknown type ${number}`);
  try {
    const fields = decodeBody<object>(MESSAGES[type], pdu.subarray(TYPE_BYTES, pdu.length - CRC_BYTES));
    // The table pairs every type with the fields of that type.
    return { type, ...fields } as Message;
  } catch (error) {
    if (error instanceof PduError) return error;
    throw error;
  }
}

/** The bytes that a HelloAck's signature covers. Throws PduError PDU_RANGE. */
export function encodeHelloAckBody(body: HelloAckBody): Uint8Array {
  return encodeBody(HELLO_ACK_BODY, body);
}

/** Throws PduError PDU_MALFORMED or PDU_RANGE. Check the signature before believing any of it. */
export function decodeHelloAckBody(bytes: Uint8Array): HelloAckBody {
  return decodeBody(HELLO_ACK_BODY, bytes);
}

/** The bytes that a Receipt's signature covers. Throws PduError PDU_RANGE. */
export function encodeReceiptBody(body: ReceiptBody): Uint8Array {
  return encodeBody(RECEIPT_BODY, body);
}

/** Throws PduError PDU_MALFORMED or PDU_RANGE. `openReceipt` also checks that it is true. */
export function decodeReceiptBody(bytes: Uint8Array): ReceiptBody {
  return decodeBody(RECEIPT_BODY, bytes);
}

/** Protobuf bytes of one message of the table, range-checked. Throws PduError PDU_RANGE. */
export function encodeBody<T extends object>(entry: Entry<T>, value: T): Uint8Array {
  const fields = entry.fields.toWire(value, 'message');
  if (typeof fields !== 'object' || fields === null)
    throw new TypeError('a message must encode to an object');
  // A plain view: in Node protobufjs answers with Node's own kind of byte array.
  const { buffer, byteOffset, byteLength } = entry.wire.encode(fields).finish();
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Inverse of {@link encodeBody}. Throws PduError PDU_MALFORMED or PDU_RANGE. */
export function decodeBody<T>(entry: Entry<T>, bytes: Uint8Array): T {
  const reader = $protobuf.Reader.create(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  // What a newer peer added is skipped; keeping it would let a peer choose how much memory a message costs.
  reader.discardUnknown = true;
  let wire: object;
  try {
    wire = entry.wire.decode(reader);
  } catch (cause) {
    throw new PduError('PDU_MALFORMED', 'PDU is not valid protobuf', { retry: 'never', cause });
  }
  return entry.fields.fromWire(wire, 'message');
}

/** proto3 leaves out zero and empty, so that every message has one encoding. */
function pushField(out: number[], tag: number, value: number): void {
  if (value === 0) return;
  out.push(tag);
  let rest = value;
  // Division, as offsets go past the 32 bits that shifts work on.
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) out.push((rest % 0x80) | 0x80);
  out.push(rest);
}

function checkUint32(name: string, value: number, min: number): void {
  if (!Number.isInteger(value) || value < min || value > UINT32_MAX) throw rangeError(name, `is ${value}`);
}

function refuse(code: PduError['code'], message: string): PduError {
  return new PduError(code, message, { retry: 'never' });
}

function typesByNumber(): ReadonlyMap<number, Message['type']> {
  const types = new Map<number, Message['type']>();
  for (const type in MESSAGE_TYPE) if (isMessageType(type)) types.set(MESSAGE_TYPE[type], type);
  return types;
}

function isMessageType(name: string): name is Message['type'] {
  return Object.hasOwn(MESSAGE_TYPE, name);
}
