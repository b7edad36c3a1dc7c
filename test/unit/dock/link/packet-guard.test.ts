import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PacketGuard } from '../../../../dock/link/packet-guard.ts';

/** An MQTT packet with a body of this length: MQTT 3.1.1, 2.2.3. */
function packet(bodyBytes: number): Uint8Array {
  const length: number[] = [];
  let rest = bodyBytes;
  do {
    length.push((rest % 128) + (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Uint8Array.from([0x30, ...length, ...new Uint8Array(bodyBytes).fill(0xff)]);
}

describe('the packet guard', () => {
  // Packets of any size up to the limit pass, however the stream is cut; bodies full of 0xff look like endless lengths.
  test('passes packets within the limit, in any pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000)), fc.array(fc.integer({ min: 1, max: 300 })), (sizes, cuts) => {
        const guard = new PacketGuard(1_000);
        const stream = Buffer.concat(sizes.map(packet));
        let at = 0;
        for (const cut of [...cuts, stream.length]) {
          expect(guard.passes(stream.subarray(at, at + cut))).toBe(true);
          at += cut;
        }
      }),
    );
  });

  // The announcement is enough: the body need not arrive.
  test('stops a packet at its header when it announces too much', () => {
    const guard = new PacketGuard(1_000);
    expect(guard.passes(packet(1_000))).toBe(true);
    expect(guard.passes(packet(1_001).subarray(0, 3))).toBe(false);
  });

  // A length field has at most four bytes.
  test('stops a length without an end', () => {
    expect(new PacketGuard(2 ** 40).passes(Uint8Array.of(0x30, 0x80, 0x80, 0x80, 0x80))).toBe(false);
    expect(new PacketGuard(2 ** 40).passes(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f))).toBe(true);
  });
});
