import { describe, expect, test } from 'vitest';
import { writeCrc } from '../../../proto/crc32c.ts';
import { Deframer, encodeFrame } from '../../../proto/frame.ts';
import { FramedStream } from '../../../proto/framed-stream.ts';
import { LinkError } from '../../../proto/errors.ts';
import {
  LINK_INBOX_PACKETS_MAX,
  LINK_LANE_PACKETS_MAX,
  SERIAL_PDU_BYTES_MAX,
} from '../../../proto/limits.ts';

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

  // A long control packet leaves in parts, in the port two at a time; it is taken with its last part, in its order among
  // control packets, and comes out at the other side as it was.
  test('cuts a long control packet and puts it together', async () => {
    const frames: Uint8Array[] = [];
    const stream = new FramedStream((frame) => frames.push(frame));
    const long = writeCrc(Uint8Array.from({ length: 1_000 }, (_, i) => (i % 250) + 20));
    let isTaken = false;
    const taken = stream.send(long, 'control').then(() => {
      isTaken = true;
    });
    void stream.send(pdu(9), 'control');
    expect(frames).toHaveLength(2);
    for (let i = 0; i < 5; i++) stream.written();
    await Promise.resolve();
    expect(isTaken).toBe(false);
    stream.written();
    await taken;
    stream.written();
    expect(frames).toHaveLength(9);
    expect(await allPackets(frames)).toEqual([long, pdu(9)]);
  });

  // Ten long packets are eighty parts each, and the lane takes 64: packets count, and not one is pushed out.
  test('counts a long packet once in its lane', async () => {
    const frames: Uint8Array[] = [];
    const stream = new FramedStream((frame) => frames.push(frame));
    const long = (name: number): Uint8Array => writeCrc(new Uint8Array(10_240).fill(name));
    const names = Array.from({ length: 10 }, (_, i) => 100 + i);
    for (const name of names) void stream.send(long(name), 'control');
    for (let i = 0; i < 2_000; i++) stream.written();
    expect((await allPackets(frames)).map((packet) => packet[0])).toEqual(names);
  });

  // A lane that is full pushes out its oldest packet, but not one whose first parts have left already.
  test('never pushes out a packet that is under way', async () => {
    const frames: Uint8Array[] = [];
    const stream = new FramedStream((frame) => frames.push(frame));
    const long = writeCrc(new Uint8Array(1_000).fill(100));
    void stream.send(long, 'control');
    for (let i = 0; i < 100; i++) void stream.send(pdu(i), 'control');
    for (let i = 0; i < 200; i++) stream.written();
    const packets = await allPackets(frames);
    expect(packets[0]).toEqual(long);
    expect(packets.slice(1).map((packet) => packet[0])).toEqual(
      Array.from({ length: LINK_LANE_PACKETS_MAX }, (_, i) => 100 - LINK_LANE_PACKETS_MAX + i),
    );
  });

  // While the lanes are held only what is about the line itself goes out; afterwards everything does.
  test('holds its lanes and lets urgent packets pass', async () => {
    const { stream, names } = rig();
    stream.hold(true);
    void stream.send(pdu(1), 'control');
    void stream.send(pdu(2), 'data');
    await stream.sendUrgent(pdu(9));
    expect(names()).toEqual([9]);
    stream.hold(false);
    stream.written();
    stream.written();
    expect(names()).toEqual([9, 1, 2]);
  });

  // Whoever sees packets first is shown each good frame, and what it takes never reaches the reader.
  test('shows every packet to the one who sees them first', async () => {
    const seen: number[] = [];
    const see = (packet: Uint8Array): boolean => {
      seen.push(packet[0] ?? -1);
      return packet[0] === 5;
    };
    const stream = new FramedStream(() => undefined, { see });
    for (const name of [4, 5, 6]) stream.receive(encodeFrame(pdu(name)));
    stream.end(LinkError.gone('port'));
    const names: (number | undefined)[] = [];
    for await (const packet of stream.packets()) names.push(packet[0]);
    expect(seen).toEqual([4, 5, 6]);
    expect(names).toEqual([4, 6]);
  });
});

/** What another stream makes of these frames. */
async function allPackets(frames: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
  const stream = new FramedStream(() => undefined);
  for (const frame of frames) stream.receive(frame);
  stream.end(LinkError.gone('port'));
  const packets: Uint8Array[] = [];
  for await (const packet of stream.packets()) packets.push(packet);
  return packets;
}
