import { describe, expect, test } from 'vitest';
import { SerialLink } from '../../../../device/link/serial-link.ts';
import type { BytePort, BytePortEvents } from '../../../../proto/byte-port.ts';
import { encodeMessage } from '../../../../proto/codec.ts';
import { encodeFrame } from '../../../../proto/frame.ts';
import type { Message } from '../../../../proto/messages.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';

const CONTEXT = { baud: 115_200, rtsCts: false, fragmentBytesMax: 8_192, newId: () => 7 };
const PING: Message = { type: 'ping', sentUs: 1 };
const COMMIT: Message = {
  type: 'link-commit',
  id: 7,
  baud: 115_200,
  rtsCts: false,
  fragmentBytesMax: 100,
};

/** A link over a port that only listens. */
function rig(): { readonly link: SerialLink; readonly hear: (message: Message) => void } {
  let events: BytePortEvents | undefined;
  const port: BytePort = {
    baud: 115_200,
    write: () => undefined,
    drain: () => Promise.resolve(),
    setBaud: () => Promise.resolve(),
    listen: (on) => {
      events = on;
    },
    close: () => Promise.resolve(events?.closed()),
  };
  const link = new SerialLink('link', port);
  return { link, hear: (message) => events?.bytes(encodeFrame(encodeMessage(message))) };
}

describe("a camera's serial link", () => {
  // Goal: what belongs to an earlier session, and what is about the line, never reaches the conversation. Method: such packets
  // before and after the rate is agreed on; only the last one is for the reader.
  test('keeps from the reader what is not for it', async () => {
    const { link, hear } = rig();
    const negotiating = link.negotiate(921_600, new ManualClock(), CONTEXT);
    hear({ ...PING, sentUs: 2 });
    hear(COMMIT);
    expect((await negotiating).outcome).toBe('agreed');
    hear(COMMIT);
    hear(PING);
    await link.close();
    const packets: Uint8Array[] = [];
    for await (const packet of link.packets()) packets.push(packet);
    expect(packets).toEqual([encodeMessage(PING)]);
  });

  // Goal: a dock that takes less gets less. Method: a Commit with a small limit.
  test('takes the limit of the dock for its fragments', async () => {
    const { link, hear } = rig();
    expect(link.fragmentBytes).toEqual({ start: 2_048, min: 128, max: 8_192 });
    const negotiating = link.negotiate(921_600, new ManualClock(), CONTEXT);
    hear(COMMIT);
    await negotiating;
    expect(link.fragmentBytes).toEqual({ start: 100, min: 100, max: 100 });
  });

  // Goal: a port that goes away ends the negotiation. Method: close it meanwhile.
  test('ends a negotiation with its port', async () => {
    const { link } = rig();
    const negotiating = link.negotiate(921_600, new ManualClock(), CONTEXT);
    await link.close();
    expect((await negotiating).outcome).toBe('broken');
  });
});
