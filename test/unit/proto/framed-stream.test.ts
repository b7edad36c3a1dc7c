import { describe, expect, test } from 'vitest';
import { writeCrc } from '../../../proto/crc32c.ts';
import { Deframer, encodeFrame } from '../../../proto/frame.ts';
import { FramedStream } from '../../../proto/framed-stream.ts';
import { LinkError } from '../../../proto/errors.ts';
import { LINK_INBOX_PACKETS_MAX, SERIAL_PDU_BYTES_MAX } from '../../../proto/limits.ts';

const pdu = (name: number): Uint8Array => writeCrc(Uint8Array.of(name, 0, 0, 0, 0));

/** A stream whose port takes frames and says nothing until the test does. */
function rig(): { stream: FramedStream; names: () => readonly number[] } {
  const frames: Uint8Array[] = [];
  const stream = new FramedStream((frame) => frames.push(frame));
  const names = (): readonly number[] => {
    const deframer = new Deframer(SERIAL_PDU_BYTES_MAX);
    return frames.flatMap((frame) => deframer.push(frame)).map((packet) => packet[0] ?? -1);
  };
  return { stream, names };
}

describe('a framed stream', () => {
  // Two frames go to the port; an acknowledgement given last is written next, before data that was given earlier.
  test('holds two frames in the port and puts control first after them', () => {
    const { stream, names } = rig();
    for (const name of [1, 2, 3, 4]) void stream.send(pdu(name), 'data');
    void stream.send(pdu(9), 'control');
    expect(names()).toEqual([1, 2]);
    stream.written();
    expect(names()).toEqual([1, 2, 9]);
    stream.written();
    stream.written();
    expect(names()).toEqual([1, 2, 9, 3, 4]);
  });

  // A reader that never reads costs a bounded number of packets; all that came is counted.
  test('drops packets that nobody reads', () => {
    const { stream } = rig();
    const frame = encodeFrame(pdu(1));
    for (let i = 0; i < LINK_INBOX_PACKETS_MAX + 5; i++) stream.receive(frame);
    expect(stream.received).toBe(LINK_INBOX_PACKETS_MAX + 5);
    expect(stream.dropped.unread).toBe(5);
  });

  // Noise between frames is counted and passes nothing on.
  test('passes on only what its CRC holds for', async () => {
    const { stream } = rig();
    stream.receive(Uint8Array.of(7, 7, 7));
    stream.receive(encodeFrame(pdu(1)));
    stream.receive(encodeFrame(Uint8Array.of(1, 2, 3, 4, 5, 6)));
    stream.end(LinkError.gone('port'));
    const names: number[] = [];
    for await (const packet of stream.packets()) names.push(packet[0] ?? -1);
    expect(names).toEqual([1]);
    expect(stream.dropped.cobs + stream.dropped.crc).toBe(2);
  });

  // The largest packet passes, one byte more does not and never reaches the port.
  test('refuses an oversize packet', async () => {
    const { stream, names } = rig();
    await stream.send(writeCrc(new Uint8Array(SERIAL_PDU_BYTES_MAX)), 'data');
    await expect(stream.send(new Uint8Array(SERIAL_PDU_BYTES_MAX + 1), 'data')).rejects.toMatchObject({
      code: 'LINK_OVERSIZE',
    });
    expect(names()).toEqual([0]);
  });
});
