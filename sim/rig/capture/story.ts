import { decodeHelloAckBody, decodePdu, decodeReceiptBody } from '../../../proto/codec.ts';
import { PduError, ProofError } from '../../../proto/errors.ts';
import { MANIFEST_BYTES_MAX, MQTT_PDU_BYTES_MAX } from '../../../proto/limits.ts';
import { type Manifest, peekManifest } from '../../../proto/manifest.ts';
import type {
  Accept,
  Ack,
  ByteRange,
  Data,
  HelloAckBody,
  Message,
  Offer,
  ReceiptBody,
} from '../../../proto/messages.ts';
import { Reassembly } from '../../../proto/parts.ts';
import { Ranges } from '../conformance/ranges.ts';
import type { CapturedData, CaptureRecord, Direction } from './record.ts';

/** A Data whose payload was left out of the capture. */
export type DataWithoutPayload = CapturedData['data'] & { readonly type: 'data' };

/** What one record of a capture says, and what it means after all that came before it. */
export interface Told {
  readonly record: CaptureRecord;
  /** The message; a PDU of no known type or with bad fields has none, and noise has none. */
  readonly message?: Message | DataWithoutPayload;
  /** Of a Data, also when its payload is not in the capture. */
  readonly payloadBytes?: number;
  /** What is signed inside HelloAck and Receipt, opened; nothing of it is checked here. */
  readonly body?: HelloAckBody | ReceiptBody;
  /** The manifest of an upload, with the Data that completed it. */
  readonly manifest?: Manifest;
  /** Repeats, gaps and oddities, for people. */
  readonly notes: readonly string[];
  /** The PDU that these parts made, told as well. */
  readonly whole?: Told;
}

interface Upload {
  readonly offer: Offer | undefined;
  readonly sent: Ranges;
  /** The bytes of the manifest so far; undefined where they cannot be known. */
  readonly manifest: Uint8Array | undefined;
  isManifestTold: boolean;
  lastTxSeq: number;
}

/** What is known of one camera and its dock while their messages go by. */
interface Pair {
  readonly parts: Readonly<Record<Direction, Reassembly>>;
  readonly offers: Map<string, Offer>;
  readonly uploads: Map<number, Upload>;
}

/** Follows the conversations of a capture, record by record, and says of each what it is: a repeat, a gap, a part. */
export class Story {
  readonly #pairs = new Map<string, Pair>();

  take(record: CaptureRecord): Told {
    if (record.kind === 'noise') return { record, notes: [] };
    const pair = this.#pairOf(record.camera ?? '');
    if (record.kind === 'data') {
      const { payloadBytes } = record;
      const message = { type: 'data', ...record.data } as const;
      return { record, message, payloadBytes, notes: tellData(pair, record.data, payloadBytes) };
    }
    return tellPdu(pair, record, record.pdu);
  }

  #pairOf(camera: string): Pair {
    const known = this.#pairs.get(camera);
    if (known !== undefined) return known;
    const pair: Pair = {
      parts: { up: new Reassembly(), down: new Reassembly() },
      offers: new Map(),
      uploads: new Map(),
    };
    this.#pairs.set(camera, pair);
    return pair;
  }
}

function tellPdu(pair: Pair, record: CaptureRecord, pdu: Uint8Array): Told {
  const message = decodePdu(pdu, MQTT_PDU_BYTES_MAX);
  if (message instanceof PduError) return { record, notes: [`${message.code}: ${message.message}`] };
  switch (message.type) {
    case 'part': {
      const whole = pair.parts[record.direction].push(message);
      return {
        record,
        message,
        notes: [],
        ...(whole === undefined ? {} : { whole: tellPdu(pair, record, whole) }),
      };
    }
    case 'hello-ack':
      return { record, message, ...opened(() => decodeHelloAckBody(message.body)) };
    case 'receipt':
      return { record, message, ...opened(() => decodeReceiptBody(message.body)) };
    case 'offer':
      pair.offers.set(message.recordingId, message);
      return { record, message, notes: [] };
    case 'accept':
      return { record, message, notes: tellAccept(pair, message) };
    case 'data': {
      const payloadBytes = message.payload.length;
      const notes = tellData(pair, message, payloadBytes);
      const manifest = keepManifest(pair.uploads.get(message.stream), message);
      return { record, message, payloadBytes, notes, ...manifest };
    }
    case 'ack':
      return { record, message, notes: tellAck(pair, message) };
    default:
      return { record, message, notes: [] };
  }
}

function opened<Body>(open: () => Body): { readonly body?: Body; readonly notes: readonly string[] } {
  try {
    return { body: open(), notes: [] };
  } catch (error) {
    if (error instanceof PduError) return { notes: [`its body does not decode: ${error.message}`] };
    throw error;
  }
}

/** An Accept that was repeated must not make us forget what was sent on its stream. */
function tellAccept(pair: Pair, accept: Accept): readonly string[] {
  if (pair.uploads.has(accept.stream)) return ['repeat'];
  const offer = pair.offers.get(accept.recordingId);
  const fits = offer !== undefined && offer.manifestBytes <= MANIFEST_BYTES_MAX;
  pair.uploads.set(accept.stream, {
    offer,
    sent: new Ranges(),
    manifest: fits && accept.durableTo === 0 ? new Uint8Array(offer.manifestBytes) : undefined,
    isManifestTold: false,
    lastTxSeq: 0,
  });
  if (accept.receivedTo === 0) return [];
  return [
    `goes on from ${accept.receivedTo}${accept.receivedTo > accept.durableTo ? `, durable to ${accept.durableTo}` : ''}`,
  ];
}

function tellData(pair: Pair, data: Omit<Data, 'type' | 'payload'>, payloadBytes: number): readonly string[] {
  const upload = pair.uploads.get(data.stream);
  if (upload === undefined) return ['of a stream whose Accept is not in this capture'];
  const end = data.offset + payloadBytes;
  const notes = repeats(upload.sent, data.offset, end).map((again) => `repeat of ${shown(again)}`);
  if (data.txSeq > upload.lastTxSeq + 1 && upload.lastTxSeq > 0) {
    const lost = shown({ start: upload.lastTxSeq + 1, end: data.txSeq });
    notes.push(`tx_seq ${lost} did not get here`);
  }
  upload.lastTxSeq = Math.max(upload.lastTxSeq, data.txSeq);
  upload.sent.add(data.offset, end);
  return notes;
}

/** What of these bytes went by before. */
function repeats(sent: Ranges, start: number, end: number): readonly ByteRange[] {
  const found: ByteRange[] = [];
  let at = start;
  for (const gap of [...sent.gaps(start, end), { start: end, end }]) {
    if (gap.start > at) found.push({ start: at, end: gap.start });
    at = gap.end;
  }
  return found;
}

function tellAck(pair: Pair, ack: Ack): readonly string[] {
  const upload = pair.uploads.get(ack.stream);
  if (upload === undefined) return ['of a stream whose Accept is not in this capture'];
  const { offer } = upload;
  const isAll = offer !== undefined && ack.durableTo === offer.manifestBytes + offer.contentBytes;
  return isAll ? ['everything is durable'] : [];
}

function keepManifest(upload: Upload | undefined, data: Data): { readonly manifest?: Manifest } {
  if (upload?.manifest === undefined || upload.isManifestTold) return {};
  const { manifest, sent } = upload;
  if (data.offset < manifest.length)
    manifest.set(data.payload.subarray(0, manifest.length - data.offset), data.offset);
  if (!sent.has(0, manifest.length)) return {};
  upload.isManifestTold = true;
  try {
    return { manifest: peekManifest(manifest) };
  } catch (error) {
    // What was sent as a manifest is none: the dock will say so.
    if (error instanceof ProofError) return {};
    throw error;
  }
}

const shown = ({ start, end }: ByteRange): string => `${start}..${end}`;
