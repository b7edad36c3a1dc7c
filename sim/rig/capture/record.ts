import { fromHex, toHex } from '../../../proto/bytes.ts';
import { decodePdu } from '../../../proto/codec.ts';
import { crc32c, crcHolds } from '../../../proto/crc32c.ts';
import { PduError } from '../../../proto/errors.ts';
import { isCameraId } from '../../../proto/ids.ts';
import { MQTT_PDU_BYTES_MAX } from '../../../proto/limits.ts';
import { type Data, MESSAGE_TYPE } from '../../../proto/messages.ts';

const NO_BYTES = new Uint8Array();

export const CAPTURE_FORMAT = 'holdfast/capture@1';
/** Bytes of noise that are kept of one stretch; the rest is only counted. */
export const NOISE_BYTES_MAX = 256;

/** `up` is camera to dock. */
export type Direction = 'up' | 'down';

/** First line of a capture. */
export interface CaptureHeader {
  readonly format: typeof CAPTURE_FORMAT;
  readonly transport: 'serial' | 'mqtt';
  /** For people: what was listened to. */
  readonly link: string;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  /** False when the payload of Data was left out. */
  readonly payload: boolean;
}

/** What every later line has. */
interface Captured {
  /** Microseconds since the capture began, monotonic. */
  readonly us: number;
  /** RFC 3339, UTC, milliseconds: the wall clock of the capturing machine. */
  readonly at: string;
  readonly direction: Direction;
  /** Over MQTT, from the topic. */
  readonly camera?: string;
}

export interface CapturedPdu extends Captured {
  readonly kind: 'pdu';
  /** `type | protobuf | crc32c`, as it travelled; its CRC holds. */
  readonly pdu: Uint8Array;
}

/** A Data whose payload was left out on purpose. */
export interface CapturedData extends Captured {
  readonly kind: 'data';
  readonly data: Omit<Data, 'type' | 'payload'>;
  readonly payloadBytes: number;
  /** CRC-32C of the payload alone. */
  readonly payloadCrc: number;
  /** Length of the PDU it was in. */
  readonly pduBytes: number;
}

/** Bytes on a serial line, or a packet of a broker, that were no PDU. */
export interface CapturedNoise extends Captured {
  readonly kind: 'noise';
  /** The first of them, at most NOISE_BYTES_MAX. */
  readonly noise: Uint8Array;
  readonly bytes: number;
}

export type CaptureRecord = CapturedPdu | CapturedData | CapturedNoise;

export const headerLine = (header: CaptureHeader): string => JSON.stringify(header);

/** One line of a capture file, without its line feed. */
export function recordLine(record: CaptureRecord): string {
  const { us, at, direction, camera } = record;
  const common = { us, at, direction, ...(camera === undefined ? {} : { camera }) };
  switch (record.kind) {
    case 'pdu':
      return JSON.stringify({ ...common, pdu: toHex(record.pdu) });
    case 'data': {
      const { data, payloadBytes, payloadCrc, pduBytes } = record;
      return JSON.stringify({ ...common, data: { ...data, payloadBytes, payloadCrc, pduBytes } });
    }
    case 'noise':
      return JSON.stringify({ ...common, noise: toHex(record.noise), bytes: record.bytes });
    default:
      return record satisfies never;
  }
}

/** The same without any footage: of a Data its payload is left out, and of noise, which may be a Data that broke, all bytes. */
export function withoutPayload(record: CaptureRecord): CaptureRecord {
  if (record.kind === 'noise') return { ...record, noise: NO_BYTES };
  if (record.kind === 'data' || record.pdu[0] !== MESSAGE_TYPE.data) return record;
  const { pdu, us, at, direction, camera } = record;
  const common = { us, at, direction, ...(camera === undefined ? {} : { camera }) };
  const message = decodePdu(pdu, MQTT_PDU_BYTES_MAX);
  // In a Data that is not valid nobody can say where the payload begins.
  if (message instanceof PduError || message.type !== 'data')
    return { ...common, kind: 'noise', noise: NO_BYTES, bytes: pdu.length };
  const { stream, txSeq, flags, offset, payload } = message;
  return {
    ...common,
    kind: 'data',
    data: { stream, txSeq, flags, offset },
    payloadBytes: payload.length,
    payloadCrc: crc32c(payload),
    pduBytes: pdu.length,
  };
}

/** The header of a capture, or why this line is none. */
export function parseHeader(line: string): CaptureHeader | string {
  const fields = parseObject(line);
  if (fields?.['format'] !== CAPTURE_FORMAT)
    return `no capture: its first line has no format "${CAPTURE_FORMAT}"`;
  const { transport, link, startedAt, payload } = fields;
  if (transport !== 'serial' && transport !== 'mqtt') return 'its header names no transport';
  return {
    format: CAPTURE_FORMAT,
    transport,
    link: typeof link === 'string' ? link : '',
    startedAt: typeof startedAt === 'string' ? startedAt : '',
    payload: payload !== false,
  };
}

/** One record, or what is wrong with the line. */
export function parseRecord(line: string): CaptureRecord | string {
  const fields = parseObject(line);
  if (fields === undefined) return 'is not a JSON object';
  const { us, at, direction, camera } = fields;
  if (!isCount(us) || typeof at !== 'string') return 'has no time';
  if (direction !== 'up' && direction !== 'down') return 'has no direction';
  if (camera !== undefined && !(typeof camera === 'string' && isCameraId(camera)))
    return 'has a bad camera id';
  const common = { us, at, direction, ...(camera === undefined ? {} : { camera }) } as const;
  if (typeof fields['pdu'] === 'string') return parsePdu(fields['pdu'], common);
  if (typeof fields['noise'] === 'string') return parseNoise(fields, common);
  return parseData(fields['data'], common);
}

function parsePdu(hex: string, common: Captured): CaptureRecord | string {
  const pdu = bytesOf(hex);
  if (pdu === undefined) return 'has a pdu that is no hexadecimal';
  return crcHolds(pdu) ? { ...common, kind: 'pdu', pdu } : 'has a pdu whose CRC does not hold';
}

function parseNoise(fields: Readonly<Record<string, unknown>>, common: Captured): CaptureRecord | string {
  const noise = bytesOf(String(fields['noise']));
  const { bytes } = fields;
  if (noise === undefined || !isCount(bytes) || bytes < noise.length) return 'has noise that cannot be read';
  return { ...common, kind: 'noise', noise, bytes };
}

function parseData(value: unknown, common: Captured): CaptureRecord | string {
  const fields = objectOf(value);
  if (fields === undefined) return 'has neither pdu nor data nor noise';
  const { stream, txSeq, flags, offset, payloadBytes, payloadCrc, pduBytes } = fields;
  const isWhole = isCount(stream) && isCount(txSeq) && isCount(flags) && isCount(offset);
  if (!isWhole || !isCount(payloadBytes) || !isCount(payloadCrc) || !isCount(pduBytes))
    return 'has data with a field missing';
  return {
    ...common,
    kind: 'data',
    data: { stream, txSeq, flags, offset },
    payloadBytes,
    payloadCrc,
    pduBytes,
  };
}

function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return objectOf(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : undefined;
}

function bytesOf(hex: string): Uint8Array | undefined {
  try {
    return fromHex(hex);
  } catch {
    return undefined;
  }
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
