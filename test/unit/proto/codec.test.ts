import { describe, expect, test } from 'vitest';
import { concat, fromHex, toHex } from '../../../proto/bytes.ts';
import {
  decodeHelloAckBody,
  decodePdu,
  decodeReceiptBody,
  encodeData,
  encodeDataHeader,
  encodeMessage,
} from '../../../proto/codec.ts';
import { crc32c, crcHolds } from '../../../proto/crc32c.ts';
import { bwc } from '../../../proto/gen/evidence.js';
import { isCameraId, isRecordingId } from '../../../proto/ids.ts';
import { DATA_OVERHEAD_BYTES_MAX } from '../../../proto/limits.ts';
import {
  type Accept,
  type Ack,
  type Hello,
  type LinkProbe,
  type LinkPropose,
  type Message,
  MESSAGE_TYPE,
  type Part,
} from '../../../proto/messages.ts';

const cameraId = 'cam-1';
const recordingId = '00112233445566778899aabbccddeeff';
if (!isCameraId(cameraId) || !isRecordingId(recordingId)) throw new Error('test ids are wrong');

const sessionId = new Uint8Array(8).fill(5);
const HELLO: Hello = {
  type: 'hello',
  versionMin: 1,
  versionMax: 1,
  features: 0,
  cameraId,
  bootId: new Uint8Array(16).fill(1),
  nonce: new Uint8Array(32).fill(2),
  limits: { pduBytesMax: 16384, fragmentBytesMax: 8192, streamsMax: 1 },
  cameraMonoUs: 1_000_000,
  cameraWallUs: 1_793_275_200_000_000,
};
const ACK: Ack = {
  type: 'ack',
  stream: 1,
  maxTxSeq: 9,
  receivedTo: 100,
  durableTo: 50,
  creditTo: 1000,
  missing: [
    { start: 100, end: 120 },
    { start: 130, end: 140 },
  ],
  pause: false,
};

const ACCEPT: Accept = {
  type: 'accept',
  sessionId,
  recordingId,
  stream: 1,
  leaseEpoch: 1,
  durableTo: 5,
  prefixDigest: new Uint8Array(32),
  creditTo: 90,
  receivedTo: 7,
  held: [{ start: 7, end: 9 }],
};
const PROPOSE: LinkPropose = {
  type: 'link-propose',
  id: 1,
  baud: 921_600,
  rtsCts: false,
  fragmentBytesMax: 8192,
};
const PROBE: LinkProbe = { type: 'link-probe', id: 1, seq: 7, count: 8, pattern: new Uint8Array(256) };
const PART: Part = { type: 'part', id: 0, total: 300, offset: 256, piece: new Uint8Array(44) };

/** As many ranges, one byte each, from 100 on. */
const ranges = (count: number): Ack['missing'] =>
  Array.from({ length: count }, (_, i) => ({ start: 100 + 2 * i, end: 101 + 2 * i }));

/** A PDU around any bytes, as a careless or hostile peer would make it. */
function pduOf(type: number, body: Uint8Array): Uint8Array {
  const content = concat(Uint8Array.of(type), body);
  const crc = new Uint8Array(4);
  new DataView(crc.buffer).setUint32(0, crc32c(content), true);
  return concat(content, crc);
}

/** What a careless dock would make of an Accept. */
const acceptOf = (changes: Partial<Accept>): Uint8Array =>
  bwc.v1.Accept.encode({
    ...ACCEPT,
    ...changes,
    recordingId: fromHex(recordingId),
    held: [...(changes.held ?? ACCEPT.held)],
  }).finish();

const codeOf = (pdu: Uint8Array): string => {
  const decoded = decodePdu(pdu, 1 << 20);
  return 'code' in decoded && decoded instanceof Error ? String(decoded.code) : 'decoded';
};

describe('a PDU', () => {
  // Layout by hand: type byte, protobuf, CRC in little-endian order.
  test('is type, protobuf and CRC-32C', () => {
    const pdu = encodeMessage({ type: 'ping', sentUs: 300 });
    expect(toHex(pdu.subarray(0, -4))).toBe('20' + '08ac02');
    expect(new DataView(pdu.buffer).getUint32(pdu.length - 4, true)).toBe(crc32c(fromHex('2008ac02')));
    expect(crcHolds(pdu)).toBe(true);
  });

  // Bad bytes come back as values with the cause, never as an exception.
  test.each([
    ['PDU_SHORT', fromHex('20000000')],
    ['PDU_SHORT', new Uint8Array()],
    ['PDU_CRC', fromHex('2008ac0200000000')],
    ['PDU_UNKNOWN_TYPE', pduOf(0x7f, new Uint8Array())],
    ['PDU_UNKNOWN_TYPE', pduOf(0, new Uint8Array())],
    ['PDU_MALFORMED', pduOf(MESSAGE_TYPE.ping, fromHex('08'))],
    ['PDU_MALFORMED', pduOf(MESSAGE_TYPE.ping, fromHex('08ffffffffffffffffffff01'))],
    ['PDU_MALFORMED', pduOf(MESSAGE_TYPE.bye, fromHex('0a7f00'))],
    ['PDU_MALFORMED', pduOf(MESSAGE_TYPE.bye, fromHex('1201ff'))],
  ])('%s', (code, pdu) => {
    expect(codeOf(pdu)).toBe(code);
  });

  // The limit is this side's own, and holds before anything is parsed.
  test('PDU_OVERSIZE', () => {
    const pdu = encodeMessage({ type: 'ping', sentUs: 300 });
    expect(decodePdu(pdu, pdu.length)).toEqual({ type: 'ping', sentUs: 300 });
    expect(decodePdu(pdu, pdu.length - 1)).toMatchObject({ code: 'PDU_OVERSIZE' });
  });

  // A newer peer may add fields: they are skipped and do not reach the message.
  test('skips fields it does not know', () => {
    const pdu = pduOf(MESSAGE_TYPE.ping, fromHex('0805' + '9a0603616263'));
    expect(decodePdu(pdu, 100)).toEqual({ type: 'ping', sentUs: 5 });
  });

  // Node's Buffer is a byte array too; what is decoded from one must equal what was sent.
  test('decodes from any kind of byte array', () => {
    const pdu = Buffer.from(encodeMessage(HELLO));
    const decoded = decodePdu(pdu, 1 << 20);
    expect(decoded).toEqual(HELLO);
    expect(decoded).toMatchObject({ nonce: { constructor: Uint8Array } });
  });
});

describe('integers', () => {
  // 64-bit fields carry 0..2^53-1 exactly and refuse what a number cannot hold.
  test('hold 53 bits', () => {
    const largest: Message = { type: 'ping', sentUs: Number.MAX_SAFE_INTEGER };
    expect(decodePdu(encodeMessage(largest), 100)).toEqual(largest);
    expect(codeOf(pduOf(MESSAGE_TYPE.ping, fromHex('08' + '80808080808080' + '10')))).toBe('PDU_RANGE');
    expect(codeOf(pduOf(MESSAGE_TYPE.ping, fromHex('08' + 'ffffffffffffffffff' + '01')))).toBe('PDU_RANGE');
  });
});

describe('Data', () => {
  const data = { stream: 3, txSeq: 300, flags: 1, offset: 5_000_000_000, payload: Uint8Array.of(0, 1, 2) };

  // The hand-built header must be the one that protobufjs would have written.
  test('equals a full protobuf encode', () => {
    const pdu = encodeData(data);
    expect(toHex(pdu.subarray(1, -4))).toBe(toHex(bwc.v1.Data.encode(data).finish()));
    expect(decodePdu(pdu, 100)).toEqual({ type: 'data', ...data });
    expect(encodeMessage({ type: 'data', ...data })).toEqual(pdu);
  });

  // A sender may write header, payload and CRC apart: the pieces are the whole.
  test('can be sent in pieces', () => {
    const header = encodeDataHeader(data);
    expect(header.length).toBeLessThanOrEqual(1 + 20 + 6);
    expect(concat(header, data.payload)).toEqual(encodeData(data).subarray(0, -4));
  });

  // No copy: the payload is a window on the PDU that came in.
  test('decodes to a view', () => {
    const pdu = encodeData(data);
    const decoded = decodePdu(pdu, 100);
    expect(decoded).toMatchObject({ payload: { buffer: pdu.buffer } });
  });

  // A header field costs at most what DATA_OVERHEAD_BYTES_MAX allows, even with every field at its largest.
  test('has a small header', () => {
    const payload = new Uint8Array(262_144);
    const most = {
      stream: 2 ** 32 - 1,
      txSeq: 2 ** 32 - 1,
      flags: 1,
      offset: 2 ** 53 - 1 - payload.length,
      payload,
    };
    expect(encodeData(most).length - payload.length).toBeLessThanOrEqual(DATA_OVERHEAD_BYTES_MAX);
  });
});

describe('ranges', () => {
  // Refused on both sides: what we would not accept we do not send either.
  const wrong: readonly (readonly [string, Message])[] = [
    ['boot id too short', { ...HELLO, bootId: new Uint8Array(15) }],
    ['nonce too long', { ...HELLO, nonce: new Uint8Array(33) }],
    ['versions crossed', { ...HELLO, versionMin: 2, versionMax: 1 }],
    ['no version', { ...HELLO, versionMin: 0 }],
    ['no streams', { ...HELLO, limits: { ...HELLO.limits, streamsMax: 0 } }],
    ['not an integer', { ...HELLO, features: 0.5 }],
    ['beyond 32 bits', { ...ACK, maxTxSeq: 2 ** 32 }],
    ['stream 0', { ...ACK, stream: 0 }],
    ['empty range', { ...ACK, missing: [{ start: 100, end: 100 }] }],
    ['ranges out of order', { ...ACK, missing: [...ACK.missing].toReversed() }],
    ['range before receivedTo', { ...ACK, receivedTo: 101 }],
    ['durable beyond received', { ...ACK, durableTo: 101 }],
    ['too many ranges', { ...ACK, missing: ranges(17) }],
    ['durable without digest', { ...ACCEPT, prefixDigest: new Uint8Array() }],
    ['digest without durable', { ...ACCEPT, durableTo: 0 }],
    ['accept: stream 0', { ...ACCEPT, stream: 0 }],
    ['accept: durable beyond received', { ...ACCEPT, receivedTo: 4, held: [] }],
    ['accept: held before receivedTo', { ...ACCEPT, held: [{ start: 6, end: 9 }] }],
    ['accept: empty held', { ...ACCEPT, held: [{ start: 8, end: 8 }] }],
    ['accept: too many held', { ...ACCEPT, held: ranges(17) }],
    ['propose: id 0', { ...PROPOSE, id: 0 }],
    ['propose: too slow', { ...PROPOSE, baud: 299 }],
    ['propose: too fast', { ...PROPOSE, baud: 4_000_001 }],
    ['propose: no fragments', { ...PROPOSE, fragmentBytesMax: 0 }],
    ['commit: id 0', { ...PROPOSE, type: 'link-commit', id: 0 }],
    ['commit: too slow', { ...PROPOSE, type: 'link-commit', baud: 0 }],
    ['commit: too fast', { ...PROPOSE, type: 'link-commit', baud: 4_000_001 }],
    ['commit: no fragments', { ...PROPOSE, type: 'link-commit', fragmentBytesMax: 0 }],
    ['probe: id 0', { ...PROBE, id: 0 }],
    ['probe: after the last', { ...PROBE, seq: 8 }],
    ['probe: too many', { ...PROBE, count: 17 }],
    ['probe: none', { ...PROBE, seq: 0, count: 0 }],
    ['probe: long pattern', { ...PROBE, pattern: new Uint8Array(257) }],
    ['report: id 0', { type: 'link-report', id: 0, received: 0, keep: false }],
    ['report: too many', { type: 'link-report', id: 1, received: 17, keep: false }],
    ['part: empty', { ...PART, piece: new Uint8Array() }],
    ['part: past the end', { ...PART, offset: 257 }],
    ['part: too long a whole', { ...PART, total: 16_385 }],
    ['bye: half a session id', { type: 'bye', sessionId: new Uint8Array(7), message: '' }],
    ['signature too short', { type: 'hello-confirm', sessionId, signature: new Uint8Array(63) }],
    [
      'payload past the end',
      { type: 'data', stream: 1, txSeq: 0, flags: 0, offset: 2 ** 53 - 1, payload: new Uint8Array(1) },
    ],
    [
      'battery above 100',
      {
        type: 'telemetry',
        state: 'ready',
        batteryPercent: 101,
        flashFreeBytes: 0,
        recordingsHeld: 0,
        officerId: '',
        cameraWallUs: 0,
      },
    ],
  ];
  test.each(wrong)('%s', (_name, message) => {
    expect(() => encodeMessage(message)).toThrow(expect.objectContaining({ code: 'PDU_RANGE' }));
  });

  // The same from a peer that does not check: built with protobufjs directly.
  test.each([
    ['unknown enum', MESSAGE_TYPE.abort, fromHex('1063' + '1801')],
    ['unspecified enum', MESSAGE_TYPE.abort, bwc.v1.Abort.encode({ code: 1 }).finish()],
    [
      'limits missing',
      MESSAGE_TYPE.hello,
      bwc.v1.Hello.encode({ versionMin: 1, versionMax: 1, cameraId }).finish(),
    ],
    ['accept: durable beyond received', MESSAGE_TYPE.accept, acceptOf({ receivedTo: 4, held: [] })],
    ['accept: held out of order', MESSAGE_TYPE.accept, acceptOf({ held: ranges(2).toReversed() })],
    ['accept: too many held', MESSAGE_TYPE.accept, acceptOf({ held: ranges(17) })],
    ['ack: unknown code', MESSAGE_TYPE.ack, fromHex('0801' + '4063')],
    ['propose: nothing in it', MESSAGE_TYPE['link-propose'], new Uint8Array()],
    ['commit: no rate', MESSAGE_TYPE['link-commit'], bwc.v1.LinkCommit.encode({ id: 1 }).finish()],
    ['probe: no count', MESSAGE_TYPE['link-probe'], bwc.v1.LinkProbe.encode({ id: 1 }).finish()],
    ['report: no id', MESSAGE_TYPE['link-report'], bwc.v1.LinkReport.encode({ received: 7 }).finish()],
    [
      'part: past the end',
      MESSAGE_TYPE.part,
      bwc.v1.Part.encode({ total: 1, offset: 2 ** 32 - 1, piece: Uint8Array.of(1, 2) }).finish(),
    ],
    ['part: nothing in it', MESSAGE_TYPE.part, new Uint8Array()],
    ['bye: half a session id', MESSAGE_TYPE.bye, bwc.v1.Bye.encode({ sessionId: PART.piece }).finish()],
    ['long text', MESSAGE_TYPE.bye, bwc.v1.Bye.encode({ sessionId, message: 'é'.repeat(129) }).finish()],
    ['camera id', MESSAGE_TYPE.hello, bwc.v1.Hello.encode({ ...HELLO, cameraId: '../etc' }).finish()],
    ['empty body', MESSAGE_TYPE.offer, new Uint8Array()],
  ])('from the wire: %s', (_name, type, body) => {
    expect(codeOf(pduOf(type, body))).toBe('PDU_RANGE');
  });
});

describe('the ends of a range', () => {
  // Goal: no limit is off by one. Method: every message of the range tests above with its fields just inside.
  const right: readonly (readonly [string, Message])[] = [
    ['sixteen gaps', { ...ACK, missing: ranges(16) }],
    ['sixteen held', { ...ACCEPT, held: ranges(16) }],
    ['held right at receivedTo', ACCEPT],
    ['nothing durable', { ...ACCEPT, durableTo: 0, prefixDigest: new Uint8Array() }],
    ['slowest', { ...PROPOSE, baud: 300, fragmentBytesMax: 1 }],
    ['fastest', { ...PROPOSE, baud: 4_000_000, id: 2 ** 32 - 1, rtsCts: true }],
    ['commit', { ...PROPOSE, type: 'link-commit' }],
    ['last probe of sixteen', { ...PROBE, seq: 15, count: 16 }],
    ['probe without pattern', { ...PROBE, pattern: new Uint8Array() }],
    ['report of sixteen', { type: 'link-report', id: 1, received: 16, keep: true }],
    ['report of none', { type: 'link-report', id: 1, received: 0, keep: false }],
    ['last part', PART],
    ['one part', { ...PART, id: 2 ** 32 - 1, total: 16_384, offset: 0, piece: new Uint8Array(16_384) }],
    ['pong without wall time', { type: 'pong', pingSentUs: 1, receivedUs: 2, sentUs: 3, wallUs: 0 }],
  ];
  test.each(right)('%s', (_name, message) => {
    expect(decodePdu(encodeMessage(message), 1 << 20)).toEqual(message);
  });
});

describe('text for people', () => {
  // Cut at the end of a character, so that what arrives is still text.
  test('is cut by the encoder', () => {
    const pdu = encodeMessage({ type: 'bye', sessionId, message: `x${'é'.repeat(200)}` });
    expect(decodePdu(pdu, 1000)).toMatchObject({ message: `x${'é'.repeat(127)}` });
    const emoji = encodeMessage({ type: 'bye', sessionId, message: '🎥'.repeat(100) });
    expect(decodePdu(emoji, 1000)).toMatchObject({ message: '🎥'.repeat(64) });
    const broken = encodeMessage({ type: 'bye', sessionId, message: 'half \ud83c' });
    expect(decodePdu(broken, 1000)).toMatchObject({ message: 'half \ufffd' });
  });
});

describe('signed bodies', () => {
  // They are bytes in the message; opening them is a separate step that throws.
  test('throw typed errors', () => {
    expect(() => decodeHelloAckBody(fromHex('ff'))).toThrow(
      expect.objectContaining({ code: 'PDU_MALFORMED' }),
    );
    expect(() => decodeReceiptBody(new Uint8Array())).toThrow(expect.objectContaining({ code: 'PDU_RANGE' }));
  });
});

describe('an optional field', () => {
  // Absent is absent, not empty bytes.
  test('is left out', () => {
    const abort: Message = { type: 'abort', stream: 0, code: 'busy', class: 'retry', message: '' };
    expect(Object.keys(decodePdu(encodeMessage(abort), 100))).not.toContain('recordingId');
    const about = { ...abort, recordingId, sessionId };
    expect(decodePdu(encodeMessage(about), 100)).toEqual(about);
  });

  // An Ack mostly has no reason to give; the schema's "unspecified" is none, whether it was left out or written.
  test('may be an enum', () => {
    expect(Object.keys(decodePdu(encodeMessage(ACK), 100))).not.toContain('code');
    const written = concat(encodeMessage(ACK).subarray(1, -4), fromHex('4000'));
    expect(decodePdu(pduOf(MESSAGE_TYPE.ack, written), 100)).toEqual(ACK);
    const full: Ack = { ...ACK, code: 'storage-full' };
    expect(decodePdu(encodeMessage(full), 100)).toEqual(full);
  });

  // A last will is given to the broker before there is a session.
  test('a Bye may have no session', () => {
    const will: Message = { type: 'bye', sessionId: new Uint8Array(), message: 'gone' };
    expect(decodePdu(encodeMessage(will), 100)).toEqual(will);
  });
});
