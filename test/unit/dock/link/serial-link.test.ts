import { describe, expect, test } from 'vitest';
import { SerialLink } from '../../../../dock/link/serial-link.ts';
import type { BytePort, BytePortEvents } from '../../../../proto/byte-port.ts';
import { encodeMessage } from '../../../../proto/codec.ts';
import { writeCrc } from '../../../../proto/crc32c.ts';
import { encodeFrame } from '../../../../proto/frame.ts';
import { MESSAGE_TYPE, type LinkPropose } from '../../../../proto/messages.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';

const PROPOSE: LinkPropose = {
  type: 'link-propose',
  id: 7,
  baud: 115_200,
  rtsCts: true,
  fragmentBytesMax: 512,
};

/** A link over a port that only listens. */
function rig(): {
  readonly link: SerialLink;
  readonly hear: (pdu: Uint8Array) => void;
  readonly told: readonly string[];
} {
  let events: BytePortEvents | undefined;
  const port: BytePort = {
    baud: 115_200,
    write: () => undefined,
    drain: () => Promise.resolve(),
    setBaud: () => Promise.resolve(),
    listen: (on) => {
      events = on;
    },
    close: () => Promise.resolve(),
  };
  const told: string[] = [];
  const link = new SerialLink(port, {
    name: 'bay',
    clock: new ManualClock(),
    baudRate: 115_200,
    baudMax: 115_200,
    rtsCts: false,
    tell: (text) => void told.push(text),
  });
  return { link, hear: (pdu) => events?.bytes(encodeFrame(pdu)), told };
}

describe("a dock's serial link", () => {
  // Goal: a camera that takes less gets less, and different wires are told of. Method: a proposal with both.
  test('takes what the camera says about itself', async () => {
    const { link, hear, told } = rig();
    expect(link.fragmentBytesMax).toBe(8_192);
    hear(encodeMessage(PROPOSE));
    expect(link.fragmentBytesMax).toBe(512);
    expect(told).toEqual(['bay: the camera uses RTS/CTS and the dock does not']);
    await link.close();
  });

  // Goal: the conversation never sees what is about the line, unless it is no valid message, which the conversation answers.
  // Method: a good proposal, one without its fields, and a part of nothing.
  test('keeps messages about the line to itself', async () => {
    const { link, hear } = rig();
    const bad = writeCrc(Uint8Array.of(MESSAGE_TYPE['link-propose'], 0, 0, 0, 0));
    const badPart = writeCrc(Uint8Array.of(MESSAGE_TYPE.part, 0, 0, 0, 0));
    for (const pdu of [encodeMessage(PROPOSE), bad, badPart]) hear(pdu);
    await link.close();
    const packets: Uint8Array[] = [];
    for await (const packet of link.packets()) packets.push(packet);
    expect(packets).toEqual([bad, badPart]);
  });
});
