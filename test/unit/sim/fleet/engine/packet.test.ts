import { expect, test } from 'vitest';
import { concat, utf8 } from '../../../../../proto/bytes.ts';
import {
  connectPacket,
  PACKET_TYPE,
  PacketSplitter,
  payloadOf,
  publishHead,
} from '../../../../../sim/fleet/engine/packet.ts';

// Packets come cut anywhere; the lengths around a second and a third length byte are where a reader goes wrong.
test.each([1, 2, 7, 1_000])('packets are the same however the stream is cut, every %i B', (step) => {
  const topic = utf8('bwc/v1/yard/cam-1/down');
  const payloads = [0, 1, 103, 104, 16_359, 16_360].map((bytes) => new Uint8Array(bytes).fill(bytes));
  const stream = concat(...payloads.flatMap((payload) => [publishHead(topic, payload.length), payload]));
  const seen: Uint8Array[] = [];
  const splitter = new PacketSplitter(({ type, body }) => {
    expect(type).toBe(PACKET_TYPE.publish);
    seen.push(payloadOf(body).slice());
  });
  for (let at = 0; at < stream.length; at += step) splitter.add(stream.subarray(at, at + step));
  expect(seen).toEqual(payloads);
});

// MQTT 3.1.1, section 3.1: byte by byte, so that no broker has to be asked.
test('CONNECT has a clean session, a will of QoS 0 and the keepalive', () => {
  const packet = connectPacket({ clientId: 'c', willTopic: 't', will: Uint8Array.of(9), keepaliveS: 10 });
  const expected = '1013 0004 4d515454 04 06 000a 0001 63 0001 74 0001 09'.replaceAll(' ', '');
  expect(Buffer.from(packet).toString('hex')).toBe(expected);
});

test('a length of more than four bytes is refused', () => {
  const splitter = new PacketSplitter(() => undefined);
  expect(() => splitter.add(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff, 0xff))).toThrow(RangeError);
});
