import { describe, expect, test } from 'vitest';
import { Inbox } from '../../../proto/inbox.ts';

async function all(inbox: Inbox): Promise<readonly number[]> {
  const lengths: number[] = [];
  for await (const packet of inbox.packets()) lengths.push(packet.length);
  return lengths;
}

describe('an inbox', () => {
  // Bytes and packets are bounded apart, as small packets cost memory beyond their bytes; what is over is counted.
  test('drops what exceeds its bytes or its packets', async () => {
    const inbox = new Inbox({ packetsMax: 3, bytesMax: 10 });
    expect([8, 3, 1, 1, 0].map((length) => inbox.post(new Uint8Array(length)))).toEqual([
      true,
      false,
      true,
      true,
      false,
    ]);
    expect(inbox.dropped).toBe(2);
    inbox.close();
    expect(await all(inbox)).toEqual([8, 1, 1]);
  });

  // Reading makes room again.
  test('has room again once a packet is read', async () => {
    const inbox = new Inbox({ packetsMax: 3, bytesMax: 10 });
    inbox.post(new Uint8Array(10));
    const packets = inbox.packets();
    await packets.next();
    expect(inbox.post(new Uint8Array(9))).toBe(true);
  });

  // A closed inbox takes nothing, and its reader ends instead of waiting.
  test('ends for its reader when closed', async () => {
    const inbox = new Inbox({ packetsMax: 3, bytesMax: 10 });
    const reading = all(inbox);
    inbox.close();
    expect(inbox.post(new Uint8Array(1))).toBe(false);
    expect(await reading).toEqual([]);
  });
});
