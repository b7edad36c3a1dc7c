import { describe, expect, test } from 'vitest';
import { crc32c } from '../../../../../proto/crc32c.ts';
import { encodeMessage } from '../../../../../proto/codec.ts';
import {
  CAPTURE_FORMAT,
  type CaptureHeader,
  type CaptureRecord,
  headerLine,
  parseHeader,
  parseRecord,
  recordLine,
  withoutPayload,
} from '../../../../../sim/rig/capture/record.ts';

const at = { us: 1_500, at: '2026-10-29T12:00:00.000Z', direction: 'up' } as const;
const payload = Uint8Array.from({ length: 300 }, (_, i) => i & 0xff);
const data = { type: 'data', stream: 3, txSeq: 7, flags: 1, offset: 5_000_000_000, payload } as const;
const pdu = encodeMessage(data);

describe('a capture line', () => {
  // Goal: what was captured is what is read. Method: each kind of record there and back.
  test.each<CaptureRecord>([
    { ...at, kind: 'pdu', pdu },
    { ...at, kind: 'pdu', pdu, camera: 'cam-1', direction: 'down' },
    { ...at, kind: 'noise', noise: Uint8Array.of(1, 2, 3), bytes: 300 },
    {
      ...at,
      kind: 'data',
      data: { stream: 3, txSeq: 7, flags: 1, offset: 9 },
      payloadBytes: 300,
      payloadCrc: 5,
      pduBytes: 320,
    },
  ])('holds a record: $kind', (record) => {
    expect(parseRecord(recordLine(record))).toEqual(record);
  });

  test('holds a header', () => {
    const header: CaptureHeader = {
      format: CAPTURE_FORMAT,
      transport: 'mqtt',
      link: 'mqtt mqtt://127.0.0.1 yard/+',
      startedAt: at.at,
      payload: false,
    };
    expect(parseHeader(headerLine(header))).toEqual(header);
    expect(parseHeader('{"format":"holdfast/capture@2"}')).toMatch(/no format/);
    expect(parseHeader(JSON.stringify({ ...header, transport: 'pigeon' }))).toMatch(/no transport/);
  });

  // Each says what is wrong with it, as somebody must find the line.
  test.each([
    ['is not a JSON object', '{"us":1'],
    ['is not a JSON object', '[]'],
    ['has no time', '{"us":-1,"at":"x","direction":"up","pdu":""}'],
    ['has no direction', '{"us":1,"at":"x","direction":"left","pdu":""}'],
    ['has a bad camera id', '{"us":1,"at":"x","direction":"up","camera":"../x","pdu":""}'],
    ['has a pdu that is no hexadecimal', '{"us":1,"at":"x","direction":"up","pdu":"0g"}'],
    ['has a pdu whose CRC does not hold', '{"us":1,"at":"x","direction":"up","pdu":"2008ac0200000000"}'],
    ['has noise that cannot be read', '{"us":1,"at":"x","direction":"up","noise":"0102","bytes":1}'],
    ['has neither pdu nor data nor noise', '{"us":1,"at":"x","direction":"up"}'],
    ['has data with a field missing', '{"us":1,"at":"x","direction":"up","data":{"stream":1}}'],
  ])('%s', (problem, line) => {
    expect(parseRecord(line)).toBe(problem);
  });
});

describe('a capture without payload', () => {
  // Goal: not a byte of footage is in the file. Method: Data, Data that is not valid, and noise, which may be half a Data.
  test('leaves out the payload and keeps what it was', () => {
    expect(withoutPayload({ ...at, kind: 'pdu', pdu })).toEqual({
      ...at,
      kind: 'data',
      data: { stream: 3, txSeq: 7, flags: 1, offset: 5_000_000_000 },
      payloadBytes: 300,
      payloadCrc: crc32c(payload),
      pduBytes: pdu.length,
    });
    const broken = encodeMessage({ ...data, payload: payload.subarray(0, 9) });
    broken[2] = 0;
    const crc = crc32c(broken.subarray(0, -4));
    new DataView(broken.buffer).setUint32(broken.length - 4, crc, true);
    const nothing = { ...at, kind: 'noise', noise: new Uint8Array() };
    expect(withoutPayload({ ...at, kind: 'pdu', pdu: broken })).toEqual({ ...nothing, bytes: broken.length });
    expect(withoutPayload({ ...at, kind: 'noise', noise: payload, bytes: 300 })).toEqual({
      ...nothing,
      bytes: 300,
    });
  });

  test('keeps every other message', () => {
    const ping: CaptureRecord = { ...at, kind: 'pdu', pdu: encodeMessage({ type: 'ping', sentUs: 3 }) };
    expect(withoutPayload(ping)).toEqual(ping);
  });
});
